"""Customers who wait for a person are told their place, as soon as it changes."""

import uuid

from assistant.conversations import desk, presence
from assistant.events.threads import in_thread
from tests.cast import make_agent, make_widget
from tests.contract.client import Client, opened


async def wait_for_a_person(client: Client) -> None:
    await client.send("handoff.request", client_id=str(uuid.uuid4()), reason=None)
    await client.until("conversation.updated", status="waiting")


async def head_with(client: Client, **fields: object) -> None:
    """Read until a head says this."""
    while not any(fields.items() <= head.items() for head in client.of("head")):
        await client.any()


async def test_a_place_is_told_when_it_begins_and_when_it_moves(server, widget):
    agent = await in_thread(make_agent, f"agent-{uuid.uuid4()}")
    address, key = server.address, widget.key
    async with opened(address, key) as (first, welcome), opened(address, key) as (second, _):
        assert welcome["position"] is None
        await wait_for_a_person(first)
        await head_with(first, seq=2, position=1)
        await wait_for_a_person(second)
        await head_with(second, position=2)
        resume = {"session": welcome["session"], "conversation": welcome["conversation"]}
        async with opened(address, key, **resume) as (_, back):
            assert back["position"] == 1
        await in_thread(presence.beat, agent)
        await in_thread(desk.take_over, welcome["conversation"], agent)
        await head_with(second, position=1, agents_available=True)
        await first.until("conversation.updated", status="agent")


async def test_the_queue_of_another_widget_does_not_count(server, widget):
    other = await in_thread(make_widget)
    async with opened(server.address, widget.key) as (here, _), opened(server.address, other.key) as (there, _):
        await wait_for_a_person(here)
        await wait_for_a_person(there)
        await head_with(there, position=1)
        await head_with(here, position=1)
