"""The agents' socket: authenticate, follow the queue and one conversation, take replies.

It speaks the chat protocol for the conversation that is open, so that widget and desk share a
reducer; another `hello` opens another conversation on the same connection.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from django.db import Error as DatabaseError

from assistant.conversations import desk_selectors, presence, services
from assistant.conversations.errors import ConversationError
from assistant.events import catalogue
from assistant.events.catalogue import Envelope, Error, Frame
from assistant.events.doorbell import DESK_GROUP, conversation_group, hub
from assistant.events.publish import progress
from assistant.models import User
from assistant.realtime.desk_access import agent_of, from_own_site, session_key
from assistant.realtime.desk_frames import (
    DeskFrame,
    DeskWelcome,
    OpenConversation,
    QueueChanged,
    Reply,
    ReplySaved,
    parse_desk,
)
from assistant.realtime.frames import BadFrame, UnknownType
from assistant.realtime.listening import listen
from assistant.realtime.outbox import Outbox
from assistant.realtime.relay import FAILED, Relay
from assistant.realtime.sockets import sockets
from assistant.realtime.tries import TRIES, tried
from assistant.states import Role

log = structlog.get_logger(__name__)

PULSE_SECONDS = 12.0
LONGEST_FRAME = 128 * 1024
TOO_BIG, SESSION_ENDED, ORIGIN_REFUSED = 1009, 4401, 4403
UNAVAILABLE = "This did not reach the desk. Please try again in a moment."


async def desk(scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Any) -> None:
    """The ASGI application of /ws/desk/. A foreign page is refused before the connection stands."""
    if (await receive())["type"] != "websocket.connect":
        return
    if not from_own_site(scope):
        await send({"type": "websocket.close", "code": ORIGIN_REFUSED})
        return
    sockets.start()
    await send({"type": "websocket.accept"})
    await DeskSocket(session_key(scope), Outbox(send)).serve(receive)


class SessionEnded(Exception):
    """Nobody is logged in with this session any more."""


class DeskRelay(Relay):
    """The open conversation as agents see it: with the customer's typing and reading."""

    def relay_progress(self, envelope: Envelope) -> None:
        frame = envelope.frame
        if frame["type"] not in (catalogue.Read.type, catalogue.Typing.type):
            super().relay_progress(envelope)
        elif frame["role"] == Role.CUSTOMER:
            self.outbox.put(frame)

    def emit(self, frame: dict[str, Any]) -> None:
        """As Relay, until another conversation is opened: a page that was being read then is dropped."""
        if self.live:
            super().emit(frame)
        else:
            self.cursor = frame["seq"]


class DeskSocket:
    """One connection of one agent."""

    def __init__(self, key: str, outbox: Outbox) -> None:
        self.key = key
        self.outbox = outbox
        self.relay: DeskRelay | None = None
        self.last_event: int | None = None

    # --- Life of the connection

    async def serve(self, receive: Callable[[], Awaitable[Any]]) -> None:
        """Work until the client leaves, or its session ends."""
        writer = asyncio.create_task(self.outbox.run())
        listener = asyncio.create_task(listen(receive, self.take, self.pong))
        work = [writer, listener, asyncio.create_task(self.pulses())]
        hub.listen(DESK_GROUP, self.hear_queue)
        try:
            await asyncio.wait(work[:2], return_when=asyncio.FIRST_COMPLETED)
        finally:
            hub.leave(DESK_GROUP, self.hear_queue)
            self.close_conversation()
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)

    async def take(self, event: dict[str, Any]) -> None:
        """Parse one frame and act on it; a refusal is told, never raised."""
        text = event.get("text")
        if self.outbox.closing is not None:
            return
        if text is not None and len(text) > LONGEST_FRAME:
            self.outbox.close(TOO_BIG)
            return
        try:
            await self.act(parse_desk(text or ""))
        except UnknownType as error:
            self.send(Error("unknown_type", str(error)))
        except BadFrame as error:
            self.send(Error("bad_frame", str(error), error.client_id))

    async def act(self, frame: DeskFrame) -> None:
        """Do what a well-formed frame asks."""
        match frame:
            case catalogue.Ping():
                self.pong()
            case OpenConversation():
                await self.open(frame)
            case Reply():
                await self.reply(frame)
            case catalogue.TypingNow():
                await self.attempt(None, self.tell_typing, again=False)
            case catalogue.ReadUpTo():
                await self.attempt(None, self.mark_read, frame.seq, again=False)

    async def pulses(self) -> None:
        """Show the agent as present and mend what a lost ring left out, until the session ends."""
        while True:
            newest = await self.attempt(None, self.present, quiet=True)
            if newest is not FAILED:
                if self.last_event is not None and newest != self.last_event:
                    self.send(QueueChanged())
                self.last_event = newest
            await self.say_head()
            await asyncio.sleep(PULSE_SECONDS)

    async def say_head(self) -> None:
        """Catch up the open conversation; speak in any case, so that the client knows the connection lives."""
        relay = self.relay if self.relay is not None and self.relay.live else None
        head: Any = await self.attempt(None, self.standing, relay.conversation_id, quiet=True) if relay else FAILED
        if relay is None or head is FAILED or not relay.live:  # another conversation may be open by now
            self.send(catalogue.Head(0))
        else:
            await relay.say_head(head[0])

    # --- One conversation

    async def open(self, frame: OpenConversation) -> None:
        """Leave the conversation that was open; listen, welcome, replay, then live."""
        self.close_conversation()
        if frame.conversation is None:
            if await self.attempt(None, self.agent) is not FAILED:
                self.send(DeskWelcome(None, 0, None))
            return
        head = await self.follow(frame.conversation)
        if head is FAILED or self.relay is None:
            return
        seq, status = head
        self.send(DeskWelcome(str(frame.conversation), seq, status))
        await self.relay.resume(frame.after, seq)

    async def follow(self, conversation_id: uuid.UUID) -> Any:
        """Listen, and only then read where the conversation stands: its head and status, or FAILED."""
        relay = DeskRelay(conversation_id, self.outbox, self.read)
        self.relay = relay
        hub.listen(conversation_group(conversation_id), relay.hear)
        return await self.attempt(None, self.standing, conversation_id)

    def close_conversation(self) -> None:
        """Follow no conversation any more."""
        if self.relay is not None:
            self.relay.live = False
            hub.leave(conversation_group(self.relay.conversation_id), self.relay.hear)
        self.relay = None

    def hear_queue(self, envelope: Envelope) -> None:
        """A ring of the queue: which conversation changed."""
        self.outbox.put(envelope.frame)

    async def reply(self, frame: Reply) -> None:
        """Store the agent's words, and say so to this connection."""
        event = await self.attempt(frame.client_id, self.store_reply, frame)
        if event is not FAILED:
            self.send(ReplySaved(frame.client_id, str(frame.conversation), event.seq))

    # --- In a database thread; each asks anew whose session it is

    def agent(self) -> User:
        """The agent of the session as of now. SessionEnded when there is none."""
        agent = agent_of(self.key)
        if agent is None:
            raise SessionEnded
        return agent

    def present(self) -> int:
        return presence.beat(self.agent())

    def standing(self, conversation_id: uuid.UUID) -> tuple[int, str]:
        self.agent()
        return desk_selectors.standing(conversation_id)

    def store_reply(self, frame: Reply) -> Any:
        return services.reply(frame.conversation, self.agent(), frame.client_id, frame.text)

    def mark_read(self, seq: int) -> None:
        self.agent()
        if self.relay is not None:
            services.mark_read_by_agent(self.relay.conversation_id, seq)

    def tell_typing(self) -> None:
        agent = self.agent()
        if self.relay is not None and desk_selectors.speaks_in(agent, self.relay.conversation_id):
            progress(self.relay.conversation_id, catalogue.Typing(Role.AGENT))

    # --- Small things

    def pong(self) -> None:
        self.send(catalogue.Pong())

    def send(self, frame: Frame) -> None:
        self.outbox.put(frame.frame())

    async def attempt(
        self,
        client_id: str | None,
        function: Callable[..., Any],
        *arguments: Any,
        quiet: bool = False,
        again: bool = True,
    ) -> Any:
        """The function's result from a database thread, or FAILED once the client was told why not.

        Without `again` it is tried once: what is worth little keeps no reply waiting that comes after it.
        """
        try:
            return await tried(TRIES if again else 1, function, *arguments)
        except SessionEnded:
            self.outbox.close(SESSION_ENDED)
        except ConversationError as refusal:
            self.send(Error(refusal.code, str(refusal), client_id))
        except DatabaseError:
            if not quiet:
                self.send(Error("unavailable", UNAVAILABLE, client_id))
        except Exception:
            log.exception("desk_frame_failed", doing=function.__name__)
            self.send(Error("unavailable", UNAVAILABLE, client_id))
        return FAILED

    async def read(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """A read for the relay, which tries again by itself."""
        return await self.attempt(None, function, *arguments, quiet=True)
