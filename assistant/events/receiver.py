"""What other processes ring: one channel for the whole process, handed to the hub's listeners."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import structlog
from channels.layers import get_channel_layer

from assistant.events.catalogue import Envelope
from assistant.events.doorbell import EVERY_PROCESS, hub, origin, say_that_we_are_here
from assistant.events.others import others

log = structlog.get_logger(__name__)

SUBSCRIBE_TIMEOUT_SECONDS = 1.0
RETRY_SECONDS = 1.0
# Until the others have heard that this one is back: what they ring before is lost, and must be found by asking.
HEARD_SECONDS = 0.2


class Receiver:
    """Subscribes this process to what the others ring, and survives a broker that goes away.

    `on_reconnect` is called once it hears: what was rung before is lost.
    """

    def __init__(self, on_reconnect: Callable[[], None]) -> None:
        self.on_reconnect = on_reconnect
        self.channel = ""

    async def run(self) -> None:
        """Receive until cancelled."""
        while True:
            try:
                await self._begin()
                while True:
                    self._take(await self._layer().receive(self.channel))
            except Exception as error:
                log.warning("doorbell_deaf", error=repr(error))
                others.deafen()
                await asyncio.sleep(RETRY_SECONDS)

    async def renew(self) -> bool:
        """Subscribe again: a broker may have come back empty without a broken connection. False: it did not answer."""
        try:
            self.channel = self.channel or await self._layer().new_channel()
            await asyncio.wait_for(self._layer().group_add(EVERY_PROCESS, self.channel), SUBSCRIBE_TIMEOUT_SECONDS)
        except Exception as error:
            log.info("doorbell_not_subscribed", error=repr(error))
            return False
        return True

    async def leave(self) -> None:
        """Hear no more: what is rung would be stored for who is gone, until the place of a killed process runs out."""
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._layer().group_discard(EVERY_PROCESS, self.channel), SUBSCRIBE_TIMEOUT_SECONDS)

    async def _begin(self) -> None:
        while not await self.renew():  # noqa: ASYNC110 - only trying tells when the broker is there
            await asyncio.sleep(RETRY_SECONDS)
        log.info("doorbell_heard")
        others.listen()
        await say_that_we_are_here()
        asyncio.get_running_loop().call_later(HEARD_SECONDS, self.on_reconnect)

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("type") == "relay_all":
            for ring in message["rings"]:
                _deliver(ring)
        elif message.get("type") == "here" and message["origin"] != origin():
            others.hear()

    def _layer(self) -> Any:
        return get_channel_layer()


def _deliver(ring: dict[str, Any]) -> None:
    """Hand another process's ring to the listeners. Our own were told at once."""
    if ring["origin"] != origin():
        # A process of before an upgrade tells less.
        more = ring.get("after", 0), ring.get("follows")
        hub.deliver(ring["group"], Envelope(ring["frame"], ring["attempt"], ring["origin"], *more))
