"""What one client does to others: nothing, whatever ids it knows."""

import uuid

from assistant.events.threads import in_thread
from assistant.models import Conversation, Event
from tests.contract.client import connected, opened


def snapshot(conversation):
    row = Conversation.objects.get(pk=conversation)
    turns = list(row.turns.values_list("status", flat=True))
    ratings = list(row.messages.exclude(feedback=None).values_list("id", flat=True))
    return row.seq, row.status, row.contact_email, row.customer_read_seq, turns, ratings


async def test_a_stranger_with_every_id_reads_and_changes_nothing(server, widget):
    async with opened(server.address, widget.key) as (victim, welcome):
        turn = (await victim.say("my secret is canary-7"))["message"]["turn"]
        answer = (await victim.answer(turn))["message"]["id"]
        known = str((await in_thread(Event.objects.get, conversation=welcome["conversation"], seq=1)).client_id)
        before = await in_thread(snapshot, welcome["conversation"])
        async with connected(server.address) as eve:
            await eve.hello(widget.key, conversation=welcome["conversation"])
            await eve.hello(widget.key)
            mine = {"conversation": welcome["conversation"], "turn": turn, "message": answer, "role": "agent"}
            frames = [
                ("message.send", {"text": "mine", "client_id": known}),
                ("handoff.request", {"client_id": str(uuid.uuid4()), "reason": None}),
                ("handoff.cancel", {"client_id": str(uuid.uuid4())}),
                ("contact.send", {"client_id": str(uuid.uuid4()), "email": "eve@example.org"}),
                ("feedback.send", {"rating": -1, "comment": None}),
                ("answer.stop", {}),
                ("typing", {}),
                ("read", {"seq": 1}),
            ]
            for kind, fields in frames:
                await eve.send(kind, **{**mine, **fields})
            await eve.send("ping")
            await eve.until("pong")
        assert await in_thread(snapshot, welcome["conversation"]) == before
        assert "canary-7" not in str(eve.received)
        await victim.send("ping")
        assert (await victim.next())["type"] == "pong"
