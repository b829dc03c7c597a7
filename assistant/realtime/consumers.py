"""The customer's socket: authenticate, replay, relay, accept. No business rule lives here.

Order of an opening: listen, then read the head, welcome, replay in pages, and only then live.
"""

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from django.conf import settings
from django.db import Error as DatabaseError

from assistant.conversations import limits, selectors
from assistant.conversations.errors import ConversationError, OriginRefused, RateLimited, WidgetUnknown
from assistant.conversations.intake import Opened, open_chat
from assistant.events import catalogue
from assistant.events.background import in_background
from assistant.events.catalogue import Error, Frame
from assistant.events.doorbell import conversation_group, hub
from assistant.realtime.actions import ACTIONS, FAILED, OpenChat
from assistant.realtime.frames import PARSERS, BadFrame, UnknownType, parse
from assistant.realtime.listening import listen
from assistant.realtime.outbox import Outbox
from assistant.realtime.relay import Relay
from assistant.realtime.sockets import Pulse, sockets
from assistant.realtime.tries import TRIES, tried
from assistant.states import ConversationStatus

log = structlog.get_logger(__name__)

HELLO_SECONDS = 15.0
# Whoever is refused so often in a row comes back on another connection.
MOST_HELLOS = 5
LONGEST_FRAME_BYTES = 128 * 1024
MOST_BAD_FRAMES, BAD_FRAMES_SECONDS = 10, 60.0

POLICY, TOO_BIG, TRY_LATER = 1008, 1009, 1013
SESSION_REVOKED, ORIGIN_REFUSED, WIDGET_UNKNOWN, NO_HELLO = 4401, 4403, 4404, 4408

UNAVAILABLE = "This did not reach us. Please try again in a moment."


async def chat(scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Any) -> None:
    """The ASGI application of /ws/chat/."""
    if (await receive())["type"] == "websocket.connect":
        sockets.start()
        await send({"type": "websocket.accept"})
        await ChatSocket(scope, Outbox(send)).serve(receive)


class ChatSocket:
    """One connection of one customer."""

    def __init__(self, scope: dict[str, Any], outbox: Outbox) -> None:
        peer = (scope.get("client") or (None,))[0]
        origins = header(scope, b"origin")
        self.origin = ", ".join(origins) if origins else None
        forwarded = ",".join(header(scope, b"x-forwarded-for"))
        self.address = limits.client_address(peer, forwarded, settings.TRUSTED_PROXIES)
        self.outbox = outbox
        self.chat: OpenChat | None = None
        self.bad_frames: deque[float] = deque(maxlen=MOST_BAD_FRAMES)
        self.said_hello = asyncio.Event()

    # --- Life of the connection

    async def serve(self, receive: Callable[[], Awaitable[Any]]) -> None:
        """Work until the client leaves or the connection is closed."""
        writer = asyncio.create_task(self.outbox.run())
        listener = asyncio.create_task(listen(receive, self.take, self.pong))
        work = [writer, listener, asyncio.create_task(self.expect_hello())]
        entered = self.enter()
        try:
            await asyncio.wait(work[:2], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.leave(entered)
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)

    def enter(self) -> bool:
        """Count in against the address's limit of open sockets."""
        try:
            limits.open_sockets.enter(self.address)
        except RateLimited as refusal:
            self.refuse(refusal)
            self.outbox.close(TRY_LATER)
            return False
        return True

    def leave(self, entered: bool) -> None:
        """Give back everything that the connection held."""
        self.outbox.abandon()
        if entered:
            limits.open_sockets.leave(self.address)
        if self.chat is None:
            return
        sockets.open.discard(self)
        hub.leave(conversation_group(self.conversation_id), self.chat.relay.hear)

    async def expect_hello(self) -> None:
        """Close a connection that has not said hello for so long; a refused one may be said again."""
        for _ in range(MOST_HELLOS):
            self.said_hello.clear()
            try:
                await asyncio.wait_for(self.said_hello.wait(), HELLO_SECONDS)
            except TimeoutError:
                break
        else:
            await asyncio.sleep(HELLO_SECONDS)
        if self.chat is None:
            self.outbox.close(NO_HELLO)

    async def take(self, event: dict[str, Any]) -> None:
        """Parse one frame and act on it; a refusal is told, never raised."""
        text = event.get("text")
        if self.outbox.closing is not None:
            return
        try:
            if text is None:
                raise BadFrame("Frames are text.")
            if len(text.encode("utf-8", "surrogatepass")) > LONGEST_FRAME_BYTES:
                self.outbox.close(TOO_BIG)
                return
            await self.act(parse(text, PARSERS))
        except UnknownType as error:
            self.send(Error("unknown_type", str(error)))
        except BadFrame as error:
            self.bad_frame(str(error), error.client_id)

    def bad_frame(self, words: str, client_id: str | None = None) -> None:
        """Refuse a malformed frame; the tenth within a minute ends the connection."""
        self.send(Error("bad_frame", words, client_id))
        now = time.monotonic()
        self.bad_frames.append(now)
        if len(self.bad_frames) == MOST_BAD_FRAMES and now - self.bad_frames[0] < BAD_FRAMES_SECONDS:
            self.outbox.close(POLICY)

    async def act(self, frame: catalogue.ClientFrame) -> None:
        """Do what a well-formed frame asks."""
        if isinstance(frame, catalogue.Ping):
            self.pong()
        elif isinstance(frame, catalogue.Hello):
            await self.hello(frame)
        elif self.chat is None:
            self.send(Error("not_ready", "Say hello first.", getattr(frame, "client_id", None)))
        else:
            await ACTIONS[type(frame)](self, self.chat, frame)

    # --- Opening

    async def hello(self, frame: catalogue.Hello) -> None:
        """Open or resume a conversation."""
        if self.chat is not None:
            self.bad_frame("This connection has said hello already.")
            return
        self.said_hello.set()
        opened = await self.attempt(None, open_chat, frame, self.origin, self.address)
        if not isinstance(opened, Opened):
            return
        relay = Relay(opened.conversation.id, self.outbox, self.read)
        self.chat = OpenChat(opened, relay)
        hub.listen(conversation_group(opened.conversation.id), relay.hear)
        sockets.open.add(self)
        await self.welcome(opened, relay, frame.after)

    async def welcome(self, opened: Opened, relay: Relay, after: int) -> None:
        """Welcome with the head as it is once we listen, replay up to it, and only then show what goes on."""
        opening = await relay.read_patiently(selectors.opening_of, opened.conversation, after)
        if opening is FAILED:
            return
        opened.conversation = row = opening.conversation
        relay.status = str(row.status)
        self.send(
            catalogue.Welcome(
                session=opened.token,
                conversation=str(row.id),
                seq=row.seq,
                status=str(row.status),
                settings=opened.settings,
                position=opening.position,
                agents_available=opened.settings["agents_available"],
                contact_saved=bool(row.contact_email),
            )
        )
        await relay.resume(after, row.seq, opening)

    # --- What the process tells its sockets

    @property
    def opened(self) -> Opened:
        if self.chat is None:
            raise RuntimeError("the connection has not said hello")
        return self.chat.opened

    @property
    def conversation_id(self) -> uuid.UUID:
        return self.opened.conversation.id

    @property
    def customer_id(self) -> uuid.UUID:
        return self.opened.conversation.customer_id

    @property
    def session_id(self) -> int:
        return self.opened.session.pk

    @property
    def waits(self) -> bool:
        """True while the customer waits for a person, as far as this connection was told."""
        return self.chat is not None and self.chat.relay.status == ConversationStatus.WAITING

    def on_pulse(self, pulse: Pulse | None) -> None:
        """Every few seconds: catch up if something was missed, then say where the head is.

        Without a pulse, where nothing could be read, what was said last is said again.
        """
        if pulse is None:
            if self.chat is not None and self.chat.relay.live:
                self.chat.relay.say_head_again()
        elif not pulse.theirs:
            self.outbox.close(SESSION_REVOKED)
        elif self.chat is not None and self.chat.relay.live:
            in_background(self.chat.relay.say_head(pulse.seq, pulse.position, pulse.agents_available))

    def on_lost_rings(self) -> None:
        """The broker was away: ask the database what was rung meanwhile."""
        in_background(self.ask_head())

    async def ask_head(self) -> None:
        row = await self.read(selectors.conversation_of, self.opened.conversation)
        if row is not FAILED and self.chat is not None and self.chat.relay.live:
            await self.chat.relay.catch_up(row.seq)

    def on_going_away(self, delay_ms: int) -> None:
        self.send(catalogue.GoingAway(delay_ms))

    # --- The database, and refusals

    async def read(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """The function's result from a database thread, or FAILED, without a word to the client."""
        return await self.attempt(None, function, *arguments, quiet=True)

    async def attempt(
        self,
        client_id: str | None,
        function: Callable[..., Any],
        *arguments: Any,
        quiet: bool = False,
    ) -> Any:
        """The function's result from a database thread, or FAILED once the client was told why not."""
        try:
            return await tried(TRIES, function, *arguments)
        except ConversationError as refusal:
            self.refuse(refusal, client_id)
            return FAILED
        except DatabaseError:
            pass  # it is logged, try by try
        except Exception:
            log.exception("frame_failed", doing=function.__name__)
        if not quiet:
            self.send(Error("unavailable", UNAVAILABLE, client_id))
        return FAILED

    def refuse(self, refusal: ConversationError, client_id: str | None = None) -> None:
        """Tell the client why not, and close where the protocol says so."""
        if refusal.code == "bad_frame":
            self.bad_frame(str(refusal), client_id)
            return
        retry_after = refusal.retry_after if isinstance(refusal, RateLimited) else None
        self.send(Error(refusal.code, str(refusal), client_id, retry_after))
        if isinstance(refusal, OriginRefused):
            self.outbox.close(ORIGIN_REFUSED)
        elif isinstance(refusal, WidgetUnknown):
            self.outbox.close(WIDGET_UNKNOWN)

    def pong(self) -> None:
        self.send(catalogue.Pong())

    def send(self, frame: Frame) -> None:
        self.outbox.put(frame.frame())


def header(scope: dict[str, Any], name: bytes) -> list[str]:
    """Every value of a header, in order."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]
