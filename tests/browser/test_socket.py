"""The connection and the outbox, against a scripted server and a clock that the test turns."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute

pytestmark = pytest.mark.browser

CONNECT = """async () => {
  const { Connection } = await import("/static/shared/socket.js");
  window.frames = []; window.statuses = [];
  window.connection = new Connection({
    url: "ws://chat.example/ws/chat/",
    hello: () => ({type: "hello", after: window.frames.length}),
    onFrame: (frame) => window.frames.push(frame.type),
    onStatus: (status, code) => window.statuses.push(status),
    awaits: () => window.awaited,
  });
  window.connection.start();
}"""


class ChatServer:
    """Answers hello with welcome, keeps what it heard, and lets a test speak and hang up."""

    def __init__(self, page: Page) -> None:
        self.connections: list[WebSocketRoute] = []
        self.heard: list[dict[str, Any]] = []
        self.on_hello: Callable[[WebSocketRoute], None] = lambda ws: self.say({"type": "welcome", "seq": 0})
        page.route_web_socket("ws://chat.example/ws/chat/", self.accept)

    def accept(self, ws: WebSocketRoute) -> None:
        self.connections.append(ws)
        ws.on_message(lambda data: self.hear(ws, json.loads(data)))

    def hear(self, ws: WebSocketRoute, frame: dict[str, Any]) -> None:
        self.heard.append(frame)
        if frame["type"] == "hello":
            self.on_hello(ws)

    def say(self, frame: dict[str, Any]) -> None:
        self.connections[-1].send(json.dumps(frame))

    def types(self) -> list[str]:
        return [frame["type"] for frame in self.heard]


@pytest.fixture
def server(module_page: Page) -> ChatServer:
    module_page.clock.install()
    return ChatServer(module_page)


def ready_times(page: Page, times: int) -> None:
    page.wait_for_function("(times) => window.statuses.filter((one) => one === 'ready').length >= times", arg=times)


def turn_clock(page: Page, seconds: float) -> None:
    page.clock.run_for(int(seconds * 1000))


def test_hello_is_said_first_and_welcome_makes_it_ready(module_page: Page, server: ChatServer) -> None:
    module_page.evaluate(CONNECT)
    ready_times(module_page, 1)
    assert server.heard == [{"type": "hello", "after": 0}]
    assert module_page.evaluate("statuses") == ["connecting", "ready"]


def test_a_cut_connection_comes_back_with_what_it_has(module_page: Page, server: ChatServer) -> None:
    module_page.evaluate(CONNECT)
    ready_times(module_page, 1)
    server.connections[-1].close(code=1012)
    module_page.wait_for_function("statuses.includes('waiting')")
    turn_clock(module_page, 1)
    ready_times(module_page, 2)
    assert server.heard[-1] == {"type": "hello", "after": 1}


def test_who_is_about_to_come_back_and_wants_a_new_connection_opens_one(module_page: Page, server: ChatServer) -> None:
    module_page.evaluate(CONNECT)
    ready_times(module_page, 1)
    turn_clock(module_page, 2)
    server.connections[-1].close(code=1012)
    module_page.wait_for_function("statuses.at(-1) === 'waiting'")
    module_page.evaluate("connection.reconnect()")
    turn_clock(module_page, 2)
    ready_times(module_page, 2)
    assert len(server.connections) == 2


def test_where_a_connection_is_opened_the_one_before_is_closed(module_page: Page, server: ChatServer) -> None:
    closed: list[int | None] = []
    module_page.evaluate(CONNECT)
    ready_times(module_page, 1)
    server.connections[-1].on_close(lambda code, reason: closed.append(code))
    module_page.evaluate("connection.status = 'waiting', connection.doubt()")
    ready_times(module_page, 2)
    assert len(closed) == 1


def test_going_away_waits_as_long_as_it_was_told(module_page: Page, server: ChatServer) -> None:
    module_page.evaluate(CONNECT)
    ready_times(module_page, 1)
    server.say({"type": "going_away", "delay_ms": 15000})
    server.connections[-1].close(code=1012)
    module_page.wait_for_function("statuses.at(-1) === 'waiting'")
    turn_clock(module_page, 14)
    assert len(server.connections) == 1
    turn_clock(module_page, 2)
    ready_times(module_page, 2)


def pings(page: Page, server: ChatServer, times: int) -> None:
    """Wait until so many pings were heard; they are all that there are."""
    for _ in range(250):
        if server.types().count("ping") >= times:
            break
        page.wait_for_timeout(20)
    assert server.types().count("ping") == times


def answer_a_ping(page: Page, server: ChatServer) -> None:
    told = page.evaluate("frames.length")
    server.say({"type": "pong"})
    page.wait_for_function("(told) => frames.length > told", arg=told)


def test_a_silent_connection_is_asked_whether_it_lives_then_left(module_page: Page, server: ChatServer) -> None:
    module_page.evaluate(CONNECT)
    ready_times(module_page, 1)
    turn_clock(module_page, 24)
    pings(module_page, server, 0)
    turn_clock(module_page, 3)
    pings(module_page, server, 1)
    answer_a_ping(module_page, server)
    turn_clock(module_page, 20)
    pings(module_page, server, 1)
    turn_clock(module_page, 20)
    ready_times(module_page, 2)


def test_a_server_whose_database_hangs_is_heard_before_it_is_left(module_page: Page, server: ChatServer) -> None:
    server.on_hello = lambda ws: None
    module_page.evaluate(CONNECT)
    module_page.wait_for_function("connection.status === 'connecting'")
    turn_clock(module_page, 15)
    server.say({"type": "error", "code": "unavailable"})
    module_page.wait_for_function("frames.includes('error')")
    assert module_page.evaluate("statuses") == ["connecting"]
    turn_clock(module_page, 2)
    assert module_page.evaluate("statuses")[1] == "waiting"


def test_while_something_is_awaited_silence_is_doubted_soon_but_not_all_the_time(
    module_page: Page, server: ChatServer
) -> None:
    module_page.evaluate(CONNECT)
    ready_times(module_page, 1)
    module_page.evaluate("window.awaited = true")
    for asked in range(1, 4):
        turn_clock(module_page, 4.5)
        pings(module_page, server, asked - 1)
        turn_clock(module_page, 2)
        pings(module_page, server, asked)
        answer_a_ping(module_page, server)
    assert len(server.connections) == 1
    turn_clock(module_page, 11)
    ready_times(module_page, 2)


DOUBTS = {
    "the browser is online again": "dispatchEvent(new Event('online'))",
    "the page is seen again": "document.dispatchEvent(new Event('visibilitychange'))",
    "somebody asks": "connection.doubt()",
}


@pytest.mark.parametrize("doubt", DOUBTS.values(), ids=DOUBTS)
def test_a_dead_connection_is_left_soon_after_it_was_doubted(module_page: Page, server: ChatServer, doubt: str) -> None:
    module_page.evaluate(CONNECT)
    ready_times(module_page, 1)
    module_page.evaluate(doubt)
    turn_clock(module_page, 3)
    assert len(server.connections) == 1
    turn_clock(module_page, 2)
    ready_times(module_page, 2)


def test_a_living_connection_stays_however_often_it_is_doubted(module_page: Page, server: ChatServer) -> None:
    module_page.evaluate(CONNECT)
    ready_times(module_page, 1)
    for asked in (1, 2):
        module_page.evaluate("connection.doubt(); connection.doubt()")
        pings(module_page, server, asked)
        answer_a_ping(module_page, server)
        turn_clock(module_page, 5)
    assert len(server.connections) == 1


@pytest.mark.parametrize("code", [4401, 4403, 4404])
def test_a_refusal_is_final(module_page: Page, server: ChatServer, code: int) -> None:
    server.on_hello = lambda ws: ws.close(code=code)
    module_page.evaluate(CONNECT)
    module_page.wait_for_function("statuses.at(-1) === 'refused'")
    turn_clock(module_page, 120)
    assert len(server.connections) == 1


def test_backoff_doubles_up_to_twenty_seconds_with_jitter(module_page: Page) -> None:
    spans = module_page.evaluate(
        """async () => {
          const { backoff } = await import("/static/shared/socket.js");
          return [0, 1, 2, 10].map((n) => [backoff(n, () => 0), backoff(n, () => 1)]);
        }"""
    )
    assert spans == [[250, 500], [500, 1000], [1000, 2000], [10000, 20000]]


OUTBOX = """async (prefix) => {
  const { Outbox } = await import("/static/shared/outbox.js");
  const { Store } = await import("/static/shared/storage.js");
  window.sent = []; window.line = true;
  window.outbox = new Outbox({
    store: new Store(prefix),
    send: (frame) => window.line && window.sent.push(frame),
    onChange: () => {},
  });
}"""


@pytest.fixture
def outbox(module_page: Page) -> Page:
    module_page.clock.install()
    module_page.evaluate(OUTBOX, "answerdesk:k:")
    return module_page


def store_next(outbox: Page) -> str:
    """The server stores what was sent last, and says so; its text."""
    text: str = outbox.evaluate(
        """() => {
          const { client_id, text } = sent.at(-1);
          outbox.settle(client_id);
          return text;
        }"""
    )
    return text


def refuse_last(outbox: Page, code: str) -> None:
    outbox.evaluate("(code) => outbox.refuse(sent.at(-1).client_id, {code, message: 'No'})", code)


def sent_texts(outbox: Page) -> list[str]:
    texts: list[str] = outbox.evaluate("sent.map((frame) => frame.text)")
    return texts


def states(outbox: Page) -> list[str]:
    told: list[str] = outbox.evaluate("outbox.items.map((item) => item.state)")
    return told


def test_a_message_keeps_its_id_over_every_attempt_until_it_is_settled(outbox: Page) -> None:
    client_id = outbox.evaluate("line = false, outbox.add('hello')")
    outbox.evaluate("line = true, outbox.flush(), outbox.flush()")
    assert outbox.evaluate("sent.map((frame) => frame.client_id)") == [client_id, client_id]
    outbox.evaluate("(id) => outbox.settle(id)", client_id)
    outbox.evaluate("sent.length = 0, outbox.flush()")
    assert outbox.evaluate("sent") == []


def test_unacknowledged_is_not_sent_after_a_while_and_retry_sends_again(outbox: Page) -> None:
    client_id = outbox.evaluate("line = false, outbox.add('hello')")
    assert outbox.evaluate("outbox.items[0].state") == "sending"
    turn_clock(outbox, 17)
    assert outbox.evaluate("outbox.items[0].state") == "failed"
    outbox.evaluate("(id) => { line = true; outbox.retry(id); }", client_id)
    assert outbox.evaluate("[outbox.items[0].state, sent.length]") == ["sending", 1]


def test_another_page_finds_what_was_left_in_order(outbox: Page) -> None:
    outbox.evaluate("line = false, ['one', 'two', 'three'].forEach((text) => outbox.add(text))")
    outbox.reload()
    outbox.evaluate(OUTBOX, "answerdesk:k:")
    outbox.evaluate("outbox.flush()")
    assert [store_next(outbox) for _ in range(3)] == ["one", "two", "three"]


def test_what_was_refused_for_now_is_stored_before_what_was_written_after_it(outbox: Page) -> None:
    outbox.evaluate("['one', 'two'].forEach((text) => outbox.add(text))")
    refuse_last(outbox, "unavailable")
    outbox.evaluate("outbox.add('three')")
    assert (sent_texts(outbox), states(outbox)) == (["one"], ["waits"] * 3)
    turn_clock(outbox, 4)
    assert (sent_texts(outbox), states(outbox)) == (["one"] * 2, ["sending"] * 3)
    assert [store_next(outbox) for _ in range(3)] == ["one", "two", "three"]


def test_what_is_refused_for_good_steps_aside(outbox: Page) -> None:
    first = outbox.evaluate("outbox.add('too long')")
    outbox.evaluate("['two', 'three'].forEach((text) => outbox.add(text))")
    refuse_last(outbox, "too_long")
    assert (sent_texts(outbox), states(outbox)) == (["too long", "two"], ["failed", "sending", "sending"])
    outbox.evaluate("(id) => outbox.retry(id)", first)
    assert [store_next(outbox) for _ in range(3)] == ["two", "too long", "three"]


def test_without_an_answer_nothing_behind_is_said_to_be_on_its_way_until_there_is_one(outbox: Page) -> None:
    outbox.evaluate("['one', 'two'].forEach((text) => outbox.add(text))")
    turn_clock(outbox, 17)
    assert (sent_texts(outbox), states(outbox)) == (["one"], ["failed"] * 2)
    outbox.evaluate("outbox.settle(sent[0].client_id)")  # after all
    assert (sent_texts(outbox), states(outbox)) == (["one", "two"], ["sending"])
    turn_clock(outbox, 17)
    outbox.evaluate("outbox.add('three')")
    assert (sent_texts(outbox), states(outbox)) == (["one", "two", "two"], ["sending"] * 2)


def test_a_rate_limit_is_waited_for_and_a_text_too_long_is_not_sent_again(outbox: Page) -> None:
    one = outbox.evaluate("outbox.add('one')")
    two = outbox.evaluate("outbox.add('two')")
    outbox.evaluate("(id) => outbox.refuse(id, {code: 'rate_limited', message: 'Wait', retry_after: 30})", one)
    outbox.evaluate("(id) => outbox.refuse(id, {code: 'too_long', message: 'Too long'})", two)
    outbox.evaluate("sent.length = 0")
    turn_clock(outbox, 29)
    assert outbox.evaluate("sent") == []
    turn_clock(outbox, 2)
    assert outbox.evaluate("sent.map((frame) => frame.text)") == ["one"]
    outbox.evaluate("sent.length = 0, outbox.flush()")
    assert outbox.evaluate("sent.map((frame) => frame.text)") == ["one"]


def test_without_storage_everything_is_kept_in_memory(module_page: Page) -> None:
    kept = module_page.evaluate(
        """async () => {
          const { Store } = await import("/static/shared/storage.js");
          const forbidden = new Proxy({}, { get() { throw new DOMException("no", "SecurityError"); } });
          const store = new Store("p:", forbidden);
          store.set("outbox:1", {a: 1}); store.set("other", 2);
          const names = store.names("outbox:");
          store.remove("other");
          return [store.get("outbox:1"), names, store.get("other")];
        }"""
    )
    assert kept == [{"a": 1}, ["outbox:1"], None]


def test_ids_are_lower_case_uuids_also_without_a_secure_context(module_page: Page) -> None:
    ids = module_page.evaluate(
        """async () => {
          const { newId } = await import("/static/shared/outbox.js");
          Object.defineProperty(crypto, "randomUUID", { value: undefined });
          return [newId(), newId()];
        }"""
    )

    assert all(str(uuid.UUID(one)) == one and uuid.UUID(one).version == 4 for one in ids)
    assert ids[0] != ids[1]
