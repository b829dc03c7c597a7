// A page of the desk beside its list: whoever reads it is there.

import { Connection } from "../shared/socket.js";

new Connection({
  url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/desk/`,
  hello: () => ({ type: "hello", conversation: null, after: 0 }),
  onFrame: () => {},
  onStatus: (status, code) => status === "refused" && code === 4401 && location.reload(), // the log-in comes
}).start();
