"""A mail server of a few lines: takes every mail over SMTP and keeps it."""

import contextlib
import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

ANSWERS = {b"EHLO": b"250 tests", b"DATA": b"354 go on", b"QUIT": b"221 bye"}


class Mailbox(socketserver.ThreadingTCPServer):
    """`received` holds the mails, in order; `connections` is how many there were."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.received: list[EmailMessage] = []
        self.connections = 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Session(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self.server.connections += 1
        self.wfile.write(b"220 tests\r\n")
        for line in self.rfile:
            command = line[:4].upper()
            self.wfile.write(ANSWERS.get(command, b"250 done") + b"\r\n")
            if command == b"DATA":
                self.keep()

    def keep(self) -> None:
        lines = list(iter(self.rfile.readline, b".\r\n"))
        parsed: Any = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        self.server.received.append(parsed)
        self.wfile.write(b"250 kept\r\n")


@contextlib.contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A mail server for the length of the block."""
    with Mailbox() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
