"""Between a page of the desk and its server: connections that die without a sign, or lose what they are told to."""

from collections.abc import Callable

from playwright.sync_api import Page, WebSocketRoute, expect


class Line:
    """Passes frames between the page and the desk, but for those of connections that were deafened, or are `lost`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.connections: list[WebSocketRoute] = []
        self.deaf: list[WebSocketRoute] = []
        self.lost: Callable[[str], bool] = lambda data: False
        page.route_web_socket("**/ws/desk/", self._accept)

    def _accept(self, ws: WebSocketRoute) -> None:
        self.connections.append(ws)
        server = ws.connect_to_server()
        ws.on_message(lambda data: None if ws in self.deaf or self.lost(str(data)) else server.send(data))
        server.on_message(lambda data: None if ws in self.deaf else ws.send(data))

    def deafen(self) -> None:
        """From now on nothing passes through the connections that there are, and no end is told."""
        self.deaf.extend(self.connections)

    def pass_time(self, seconds: int) -> None:
        """On a clock that is the page's own; what is said meanwhile arrives."""
        for _ in range(seconds):
            self.page.clock.run_for(1_000)
            self.page.wait_for_timeout(50)


def line_of(page: Page) -> Line:
    """The page loaded anew on a clock of its own, over a line that may be broken."""
    line = Line(page)
    page.clock.install()
    page.reload()
    expect(page.locator("#messages .said").first).to_be_visible()
    return line


def reply(page: Page, text: str) -> None:
    page.locator("#reply").fill(text)
    page.locator("#reply").press("Control+Enter")
