"""What other processes ring: one channel for the whole process, handed to the hub's listeners."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from channels.layers import get_channel_layer

from assistant.events.catalogue import Envelope
from assistant.events.doorbell import PROGRESS_GROUP, hub, origin, say_that_we_are_here
from assistant.events.others import others

log = structlog.get_logger(__name__)

SUBSCRIBE_TIMEOUT_SECONDS = 1.0
RETRY_SECONDS = 1.0
# Until the others have heard that this one is back: what they ring before is lost, and must be found by asking.
HEARD_SECONDS = 0.2


class Receiver:
    """Subscribes this process to the groups it has listeners for, and survives a broker that goes away.

    `on_reconnect` is called after each interruption: what was rung meanwhile is lost.
    """

    def __init__(self, on_reconnect: Callable[[], None]) -> None:
        self.on_reconnect = on_reconnect
        self.channel = ""

    async def subscribe(self, group: str) -> None:
        """Hear of the group. A broker that is away is only logged: the pulse finds what it misses."""
        await self._group("group_add", group)

    async def unsubscribe(self, group: str) -> None:
        """Hear of the group no more."""
        await self._group("group_discard", group)
        if group in hub.listeners:  # somebody came while we left
            await self._group("group_add", group)

    async def begin(self) -> None:
        """Subscribe to what every process hears, as soon as the broker answers: until then nothing of it arrives."""
        while not await self.renew():  # noqa: ASYNC110 - only trying tells when the broker is there
            await asyncio.sleep(RETRY_SECONDS)
        others.listen()
        await say_that_we_are_here()

    async def renew(self) -> bool:
        """Subscribe again to everything: a broker may have come back empty without a broken connection.

        False when the broker did not answer; the rest is left for the next time.
        """
        for group in self._groups():
            if not await self._group("group_add", group):
                return False
        return True

    async def run(self) -> None:
        """Receive until cancelled."""
        interrupted = False
        while True:
            try:
                if interrupted:
                    await self._come_back()
                    interrupted = False
                await self._receive()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                if not interrupted:
                    log.warning("doorbell_deaf", error=repr(error))
                interrupted = True
                others.deafen()
                await asyncio.sleep(RETRY_SECONDS)

    async def _come_back(self) -> None:
        layer = self._layer()
        channel = await self._channel()
        for group in self._groups():
            await asyncio.wait_for(layer.group_add(group, channel), SUBSCRIBE_TIMEOUT_SECONDS)
        log.info("doorbell_back", groups=len(hub.listeners))
        others.listen()
        await say_that_we_are_here()
        await asyncio.sleep(HEARD_SECONDS)
        self.on_reconnect()

    async def _receive(self) -> None:
        message = await self._layer().receive(await self._channel())
        if message.get("type") == "relay_all":
            for each in message["rings"]:
                _deliver(each)
        elif message.get("type") == "here":
            if message["origin"] != origin():
                others.hear()
        elif message.get("type") == "relay" and not _deliver(message):
            await self.unsubscribe(message["group"])

    async def _group(self, operation: str, group: str) -> bool:
        try:
            channel = await self._channel()
            await asyncio.wait_for(getattr(self._layer(), operation)(group, channel), SUBSCRIBE_TIMEOUT_SECONDS)
        except Exception as error:
            log.info("doorbell_not_subscribed", group=group, error=repr(error))
            return False
        return True

    async def _channel(self) -> str:
        if not self.channel:
            self.channel = await self._layer().new_channel()
        return self.channel

    def _groups(self) -> tuple[str, ...]:
        return PROGRESS_GROUP, *hub.listeners

    def _layer(self) -> Any:
        return get_channel_layer()


def _deliver(message: dict[str, Any]) -> bool:
    """Hand another process's ring to the listeners; False when nobody listens. Our own were told at once."""
    if message["origin"] == origin():
        return True
    # A process of before an upgrade tells less.
    more = message.get("after", 0), message.get("follows")
    hub.deliver(message["group"], Envelope(message["frame"], message["attempt"], message["origin"], *more))
    return message["group"] in hub.listeners
