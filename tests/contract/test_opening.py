"""Hello, its refusals and closings, and frames that are none."""

import asyncio
import json
import time
import uuid

import jwt
import pytest
from websockets.exceptions import ConnectionClosed

from assistant.conversations import sessions
from assistant.events.threads import in_thread
from assistant.models import Conversation, Session
from tests.cast import make_widget
from tests.contract.client import connected, opened

SHOP = "https://shop.example"


def token(widget, subject="ada", secret=None, **claims):
    claims = {"sub": subject, "exp": int(time.time()) + 600, "aud": widget.key, **claims}
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, secret or widget.secret, "HS256")


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        (SHOP, True),
        ("https://shop.example:443", True),
        ("null", False),
        ("http://shop.example", False),
        ("https://shop.example:8443", False),
        ("https://evilshop.example", False),
        ("https://shop.example.evil.com", False),
        ("https://sub.shop.example", False),
    ],
)
async def test_only_allowed_sites_may_open(server, origin, allowed):
    widget = await in_thread(make_widget, allowed_origins=[SHOP])
    async with connected(server.address, origin=origin) as client:
        answer = await client.hello(widget.key)
        if allowed:
            assert answer["type"] == "welcome"
        else:
            assert answer["code"] == "origin_refused"
            assert await client.closed() == 4403


async def test_an_unknown_widget_closes(server, widget):
    async with connected(server.address) as client:
        assert (await client.hello("wk_nothing"))["code"] == "widget_unknown"
        assert await client.closed() == 4404


async def test_before_hello_only_ping_is_answered(server, widget):
    async with connected(server.address) as client:
        await client.send("ping")
        assert (await client.next())["type"] == "pong"
        client_id = str(uuid.uuid4())
        await client.send("message.send", client_id=client_id, text="hi")
        refusal = await client.next()
        assert (refusal["code"], refusal["client_id"]) == ("not_ready", client_id)
        await client.send("dance")
        assert (await client.next())["code"] == "unknown_type"
        await client.socket.send(b"binary")
        assert (await client.next())["code"] == "bad_frame"
        assert (await client.hello(widget.key))["type"] == "welcome"
        assert (await client.hello(widget.key))["code"] == "bad_frame"
        assert (await client.say("hi"))["seq"] == 1


async def test_silence_closes(server, widget):
    async with connected(server.address) as client:
        started = time.monotonic()
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(client.socket.recv(), 25)
        assert client.socket.close_code == 4408
        assert time.monotonic() - started > 10


BAD = [
    "[]", "1", "null", '"x"', "{", "{}", '{"type": 1}', '{"type": "read"}', '{"type": "read", "seq": true}',
    '{"type": "read", "seq": -1}', '{"type": "read", "seq": 1.5}', '{"type": "read", "seq": NaN}',
    '{"type": "message.send", "client_id": "X", "text": "hi"}', "[" * 10000, '{"type":' * 5000,
    '{"type": "feedback.send", "message": "x", "rating": 2}',
]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
async def test_what_is_no_frame_is_refused_and_survived(server, widget, text):
    async with opened(server.address, widget.key) as (client, _):
        await client.socket.send(text)
        assert (await client.next())["code"] == "bad_frame"
        await client.send("ping", __proto__={"x": 1}, type2="x")
        assert (await client.next())["type"] == "pong"


async def test_ten_bad_frames_in_a_minute_close_and_unknown_types_never(server, widget):
    async with opened(server.address, widget.key) as (client, _):
        for _ in range(30):
            await client.send("dance")
        for _ in range(10):
            await client.socket.send("{")
        assert await client.closed() == 1008
    assert len([f for f in client.of("error") if f["code"] == "bad_frame"]) == 10


async def test_a_frame_over_128_kib_closes(server, widget):
    async with opened(server.address, widget.key) as (client, _):
        await client.socket.send(json.dumps({"type": "ping", "x": "y" * 131072}))
        assert await client.closed() == 1009


async def test_sessions_open_only_what_is_theirs(server, widget):
    other_widget = await in_thread(make_widget)
    async with opened(server.address, widget.key) as (client, welcome):
        await client.say("hi")
    mine, conversation = welcome["session"], welcome["conversation"]
    async with opened(server.address, widget.key) as (_, stranger):
        pass
    refused = [
        ({"conversation": conversation}, "session_invalid"),
        ({"session": "nonsense"}, "session_invalid"),
        ({"session": stranger["session"], "conversation": conversation}, "not_found"),
        ({"session": mine, "conversation": str(uuid.uuid4())}, "not_found"),
        ({"session": mine, "conversation": "x"}, "not_found"),
    ]
    async with connected(server.address) as client:
        errors = [await client.hello(widget.key, **fields) for fields, _ in refused]
        assert [error["code"] for error in errors] == [code for _, code in refused]
        assert len({error["message"] for error in errors if error["code"] == "not_found"}) == 1
        assert (await client.hello(widget.key, session=mine, conversation=conversation))["seq"] >= 1
    async with connected(server.address) as client:
        assert (await client.hello(other_widget.key, session=mine))["code"] == "session_invalid"


async def test_an_unused_conversation_can_be_come_back_to(server, widget):
    async with opened(server.address, widget.key) as (_, welcome):
        pass
    resume = {"session": welcome["session"], "conversation": welcome["conversation"]}
    async with opened(server.address, widget.key, **resume) as (client, back):
        assert (back["conversation"], back["seq"]) == (welcome["conversation"], 0)
        await client.say("now")
    assert await in_thread(Conversation.objects.filter(pk=welcome["conversation"]).exists)


async def test_a_session_expires_and_a_revoked_one_closes(server, widget):
    async with opened(server.address, widget.key) as (client, welcome):
        await client.say("hi")
        session = await in_thread(Session.objects.get, token_hash=sessions.token_hash(welcome["session"]))
        await in_thread(lambda: sessions.sign_out(session.customer))
        assert await asyncio.wait_for(client.closed(), 40) == 4401
    async with connected(server.address) as client:
        assert (await client.hello(widget.key, session=welcome["session"]))["code"] == "session_invalid"


async def test_identities_join_devices_and_keep_what_was_said(server, widget):
    async with opened(server.address, widget.key) as (client, anonymous):
        await client.say("before log-in")
    resume = {"session": anonymous["session"], "conversation": anonymous["conversation"]}
    async with opened(server.address, widget.key, **resume, identity=token(widget)) as (_, identified):
        assert identified["session"] != anonymous["session"]
        assert identified["seq"] >= 1
    async with opened(server.address, widget.key, identity=token(widget)) as (_, phone):
        pass
    later = {"session": phone["session"], "conversation": anonymous["conversation"]}
    async with opened(server.address, widget.key, **later):
        pass
    async with connected(server.address) as client:
        # The token from before must not open what the identified customer says from now on.
        assert (await client.hello(widget.key, **resume))["code"] == "not_found"
        other = await client.hello(widget.key, **later, identity=token(widget, "eve"))
        assert other["code"] == "not_found"


async def test_forged_identities_are_refused(server, widget):
    other = await in_thread(make_widget)
    hour = 3600
    forged = [
        "", "x.y.z", "x" * 100_000, token(widget, secret="another secret, long enough for it"), token(other),
        token(widget, aud=other.key), token(widget, exp=int(time.time()) - 120),
        token(widget, exp=int(time.time()) + 24 * hour + 60), token(widget, exp=None), token(widget, aud=None),
        token(widget, subject=None), token(widget, subject=" "), token(widget, aud=[widget.key, other.key]),
        jwt.encode({"sub": "ada", "exp": int(time.time()) + 60, "aud": widget.key}, None, "none"),
        jwt.encode({"sub": "ada", "exp": int(time.time()) + 60, "aud": widget.key}, widget.secret, "HS512"),
    ]  # fmt: skip
    async with connected(server.address) as client:
        for identity in forged:
            assert (await client.hello(widget.key, identity=identity))["code"] == "identity_invalid"
        day = token(widget, exp=int(time.time()) + 24 * hour)
        assert (await client.hello(widget.key, identity=day))["type"] == "welcome"


async def test_heads_are_told_without_asking(server, widget):
    async with opened(server.address, widget.key) as (client, _):
        await client.say("hi")
        head = {}
        while head.get("type") != "head":
            head = json.loads(await asyncio.wait_for(client.socket.recv(), 21))
        assert head["seq"] >= 1
