"""A page that holds nothing but the front end's own modules."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]


class QuietFiles(http.server.SimpleHTTPRequestHandler):
    """The checkout's static files under /static/, and an empty page everywhere else."""

    def do_GET(self) -> None:
        if self.path.startswith("/static/"):
            super().do_GET()
            return
        body = b"<!doctype html><html lang=en><title>Modules</title><body></body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a test's output is its own."""


@pytest.fixture(scope="session")
def module_site() -> Iterator[str]:
    """Address of a server of the modules under /static/."""
    handler = functools.partial(QuietFiles, directory=str(ROOT))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def module_page(browser: Browser, module_site: str) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(module_site)
    yield page
    page.close()
