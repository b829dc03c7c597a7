"""An agent at the desk, through its pages and its socket as a browser uses them, whatever becomes of either."""

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.faults.customers import PING_SECONDS, RECONNECT_SECONDS, Frame


@dataclass
class Agent:
    """Logs in with `name` and `password` at `site`. `refused` tells of what was not to be refused."""

    site: str
    name: str
    password: str
    refused: list[str] = field(default_factory=list)
    _unsaved: dict[str, tuple[Frame, asyncio.Event]] = field(default_factory=dict)
    _socket: ClientConnection | None = None

    @contextlib.asynccontextmanager
    async def present(self) -> AsyncIterator[None]:
        """At the desk for the length of the block."""
        async with httpx.AsyncClient(base_url=self.site, timeout=20) as self._pages:
            life = asyncio.create_task(self._live())
            try:
                yield
            finally:
                life.cancel()
                await asyncio.gather(life, return_exceptions=True)

    async def take_over(self, conversation: str) -> None:
        """Returns once the desk has said that the conversation is the agent's."""
        await self._move(conversation, "take-over")

    async def hand_back(self, conversation: str) -> None:
        """Returns once the desk has said that the assistant answers again."""
        await self._move(conversation, "hand-back")

    async def reply(self, conversation: str, text: str) -> None:
        """Returns once the desk has said that the words are stored."""
        client_id = str(uuid.uuid4())
        frame = {"type": "message.send", "client_id": client_id, "conversation": conversation, "text": text}
        _, saved = self._unsaved[client_id] = frame, asyncio.Event()
        await self._send(frame)
        await saved.wait()

    async def _move(self, conversation: str, move: str) -> None:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                answer = await self._pages.post(f"/desk/c/{conversation}/{move}/", headers=self._headers())
                if answer.is_success:
                    return
                if answer.status_code == httpx.codes.CONFLICT:
                    self.refused.append(f"{move} of {conversation}: {answer.text}")
                    return
            await asyncio.sleep(RECONNECT_SECONDS)

    def _headers(self) -> dict[str, str]:
        return {"X-CSRFToken": self._pages.cookies.get("csrftoken", "")}

    async def _log_in(self) -> None:
        await self._pages.get("/desk/login/")
        fields = {"username": self.name, "password": self.password}
        await self._pages.post("/desk/login/", data=fields, headers=self._headers())

    async def _live(self) -> None:
        while True:
            with contextlib.suppress(httpx.HTTPError, OSError, WebSocketException, TimeoutError):
                if "sessionid" not in self._pages.cookies:
                    await self._log_in()
                await self._listen()
            self._socket = None
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        async with connect(
            self.site.replace("http", "ws", 1) + "/ws/desk/",
            origin=self.site,  # type: ignore[arg-type]
            additional_headers={"Cookie": f"sessionid={self._pages.cookies.get('sessionid', '')}"},
            open_timeout=5,
            close_timeout=1,
            ping_interval=PING_SECONDS,
            ping_timeout=PING_SECONDS,
        ) as self._socket:
            await self._send({"type": "hello", "conversation": None, "after": 0})
            await self._send_again()
            async for data in self._socket:
                frame = json.loads(data)
                if frame["type"] == "reply.saved" and frame["client_id"] in self._unsaved:
                    self._unsaved.pop(frame["client_id"])[1].set()
                elif frame["type"] == "error":
                    if frame["code"] != "unavailable":
                        self.refused.append(str(frame))
                    await asyncio.sleep(RECONNECT_SECONDS)
                    await self._send_again()

    async def _send_again(self) -> None:
        for frame, _ in tuple(self._unsaved.values()):
            await self._send(frame)

    async def _send(self, frame: Frame) -> None:
        if self._socket is not None:
            with contextlib.suppress(WebSocketException):
                await self._socket.send(json.dumps(frame))
