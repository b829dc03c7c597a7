import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import aiohttp
import orjson
import pytest
from django.conf import settings
from openai import APIConnectionError

from assistant.llm import gateway, openai
from assistant.llm.deadline import Deadline
from assistant.llm.openai import OpenAIModel, close_clients, seconds_to_rest
from assistant.llm.port import NOTHING, UNKNOWN, Call, ChatMessage, Finished, ModelFailure, Prompt, Tally
from assistant.llm.wire import Reader
from tests.model_server.app import ModelServer
from tests.model_server.behaviours import chunks
from tests.model_server.running import running

PASSAGE = '<passage n="1" from="Pins">\nA pin takes five days. It comes by post.\n</passage>'
PASSAGES = f"{PASSAGE}\n\n<question>\nhow long?\n</question>"
PROMPT = Prompt((ChatMessage("system", "rules"), ChatMessage("user", PASSAGES)), "v1")
ECHOED = "A pin takes five days. [1]"


class NotingServer(ModelServer):
    """A model server that remembers the connection that each request came on."""

    def __init__(self):
        super().__init__()
        self.connections = []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            self.connections.append(scope["client"])
        await super().__call__(scope, receive, send)


def a_call(seconds=5.0):
    now = asyncio.get_running_loop().time()
    return Call(now + seconds, Tally(now))


async def ask(server, model="echo", seconds=5.0):
    """The text and the end of one stream, within the time that settings give it."""
    pieces, finished = [], None
    timed = Deadline(
        OpenAIModel(model, server.base_url, "key"),
        settings.FIRST_TOKEN_BUDGET_SECONDS,
        settings.TOKEN_GAP_BUDGET_SECONDS,
    )
    try:
        async for piece in timed.stream(PROMPT, a_call(seconds)):
            if isinstance(piece, Finished):
                finished = piece
            else:
                pieces.append(piece)
    finally:
        await close_clients()
    return "".join(pieces), finished


async def test_streams_and_counts_tokens(model_server):
    text, finished = await ask(model_server)
    assert text == ECHOED
    assert finished.usage.prompt_tokens == 100
    assert finished.usage.completion_tokens == 6
    assert model_server.requests[0]["model"] == "echo"


@pytest.mark.parametrize("variant", ["nodone", "comments", "bytes", "repeat"])
async def test_reads_what_is_odd_but_whole(model_server, variant):
    text, _ = await ask(model_server, f"echo+{variant}")
    assert text == ECHOED


@pytest.mark.parametrize(
    ("variant", "kind"),
    [
        ("cut", "malformed"),
        ("malformed:2", "malformed"),
        ("utf8:2", "malformed"),
        ("array", "malformed"),
        ("nochoices", "malformed"),
        ("longline", "malformed"),
        ("html", "malformed"),
        ("htmlstream", "malformed"),
        ("json", "malformed"),
        ("error:2", "overloaded"),
        ("empty", "empty"),
        ("filtered:2", "filtered"),
        ("toolong:3", "cut"),
        ("toolong:0", "cut"),
        ("reset:0", "connect"),
        ("reset:3", "connect"),
        ("400", "refused"),
        ("401", "denied"),
        ("404", "denied"),
        ("429", "rate_limit"),
        ("500", "overloaded"),
        ("529", "overloaded"),
    ],
)
async def test_everything_else_is_a_typed_failure(model_server, variant, kind):
    with pytest.raises(ModelFailure) as failure:
        await ask(model_server, f"echo+{variant}")
    assert failure.value.kind == kind
    assert "internal" not in str(failure.value)


@pytest.mark.parametrize("status", ["429", "503", "529"])
async def test_tells_how_long_a_limited_server_wants_to_rest(model_server, status):
    with pytest.raises(ModelFailure) as failure:
        await ask(model_server, f"echo+{status}+retry_after:7")
    assert failure.value.retry_after_seconds == 7


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0.5", 0.5),
        ("-3", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("21 Oct 2015 07:28:00", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_reads_every_way_to_ask_for_rest(header, seconds):
    assert seconds_to_rest(header) == seconds


def test_a_date_in_the_future_is_so_many_seconds_away():
    later = datetime.now(UTC) + timedelta(hours=1)
    assert 3500 < seconds_to_rest(format_datetime(later, usegmt=True)) <= 3600


@pytest.mark.parametrize("variant", ["stall:0", "stall:3", "keepalive:0", "keepalive:3", "first:30", "connect:30"])
async def test_silence_ends_at_our_own_deadlines(model_server, settings, variant):
    settings.FIRST_TOKEN_BUDGET_SECONDS = 0.4
    settings.TOKEN_GAP_BUDGET_SECONDS = 0.4
    started = time.monotonic()
    with pytest.raises(ModelFailure) as failure:
        await ask(model_server, f"echo+{variant}")
    assert failure.value.kind == "timeout"
    assert time.monotonic() - started < 20  # not the 3600 s that the server would take


async def test_an_unreachable_server_is_a_typed_failure(model_server):
    model_server = type(model_server)(model_server.app, 9)
    with pytest.raises(ModelFailure) as failure:
        await ask(model_server)
    assert failure.value.kind == "connect"


@pytest.mark.parametrize(("hangs_up", "kind"), [(True, "connect"), (False, "timeout")])
async def test_a_server_that_hangs_up_is_another_failure_than_a_silent_one(settings, hangs_up, kind):
    settings.TURN_DEADLINE_SECONDS = 0.3  # the client's own patience

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        if hangs_up:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    model = OpenAIModel("echo", f"http://127.0.0.1:{port}/v1", "key")
    with pytest.raises(ModelFailure) as failure:
        await anext(model.stream(PROMPT, a_call(60)))
    assert failure.value.kind == kind
    listening.close()
    await close_clients()


@pytest.mark.parametrize(
    ("raised", "kind", "usage"),
    [
        (aiohttp.ConnectionTimeoutError(), "timeout", NOTHING),
        (aiohttp.SocketTimeoutError(), "timeout", UNKNOWN),
        (aiohttp.ServerDisconnectedError(), "connect", NOTHING),
    ],
)
def test_who_has_no_request_yet_counts_nothing(raised, kind, usage):
    told = APIConnectionError(request=None)
    told.__cause__ = Exception()
    told.__cause__.__cause__ = raised
    failure = openai._of_connection(told)
    assert (failure.kind, failure.usage) == (kind, usage)


@pytest.mark.parametrize(("text", "usage"), [("", NOTHING), ("It says", UNKNOWN)])
def test_who_is_turned_away_within_a_stream_pays_for_what_was_written_alone(text, usage):
    reader = Reader()
    if text:
        reader.text(orjson.dumps({"choices": [{"delta": {"content": text}}]}))
    with pytest.raises(ModelFailure, match="an error inside") as raised, openai._counted(reader):
        reader.text(b'{"error": {"message": "busy", "type": "rate_limit_error"}}')
    assert (raised.value.kind, raised.value.usage) == ("rate_limit", usage)


def test_each_event_loop_has_its_own_connections(model_server):
    for _ in range(3):
        assert asyncio.run(ask(model_server))[0] == ECHOED


async def test_leaving_in_the_middle_closes_the_connection(model_server):
    stream = OpenAIModel("echo+token:0.05+tokens:500", model_server.base_url, "key").stream(PROMPT, a_call(60))
    await anext(stream)
    await stream.aclose()
    for _ in range(100):
        if model_server.app.open_streams == 0:
            break
        await asyncio.sleep(0.1)
    assert model_server.app.open_streams == 0
    await close_clients()


@pytest.mark.parametrize(("seconds", "connections"), [(openai.KEEP_ALIVE_SECONDS, 1), (0.0, 2)])
async def test_the_next_question_finds_the_connection_open(monkeypatch, seconds, connections):
    monkeypatch.setattr(openai, "KEEP_ALIVE_SECONDS", seconds)
    with running(app=NotingServer()) as server:
        for _ in range(2):
            async for _piece in OpenAIModel("echo", server.base_url, "key").stream(PROMPT, a_call()):
                pass
        await close_clients()
    assert len(set(server.app.connections)) == connections


@pytest.mark.parametrize(("budget", "left"), [(3600.0, False), (0.1, True)])
async def test_connections_are_left_after_silence_and_not_by_a_hedge_s_loser(model_server, settings, budget, left):
    settings.FIRST_TOKEN_BUDGET_SECONDS = budget
    model = OpenAIModel("echo+connect:30", model_server.base_url, "key")
    used = openai.client(model.base_url, model.api_key)
    leaving = asyncio.create_task(anext(model.stream(PROMPT, a_call(60))))
    await asyncio.sleep(0.2)
    leaving.cancel()
    await asyncio.wait([leaving])
    assert (openai.client(model.base_url, model.api_key) is not used) == left
    await close_clients()


async def test_a_client_is_left_once_and_closed_with_the_others():
    first = openai.client("http://models.example/v1", "key")
    openai.leave_connections(first)
    second = openai.client("http://models.example/v1", "key")
    openai.leave_connections(first)  # by another of its requests
    assert openai.client("http://models.example/v1", "key") is second
    await close_clients()
    assert first.is_closed()
    assert second.is_closed()


async def test_no_redirect_is_followed(model_server):
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        there = model_server.base_url.encode()
        writer.write(b"HTTP/1.1 307 x\r\nlocation: %s/chat/completions\r\ncontent-length: 0\r\n\r\n" % there)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    with pytest.raises(ModelFailure) as failure:
        await anext(OpenAIModel("echo", base_url, "key").stream(PROMPT, a_call()))
    assert (failure.value.kind, model_server.requests) == ("refused", [])
    await close_clients()
    server.close()


async def test_what_the_environment_adds_goes_to_its_own_server_alone(model_server, monkeypatch):
    monkeypatch.setenv("OPENAI_ORG_ID", "our-organization")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "our-project")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Team: our-team\nauthorization: our-own")
    for base_url in (model_server.base_url, model_server.base_url.replace("127.0.0.1", "localhost")):
        async for _ in OpenAIModel("echo", base_url, "its-key").stream(PROMPT, a_call()):
            pass
    await close_clients()
    ours, others = [" ".join(recorded.headers.values()) for recorded in model_server.app.requests]
    assert all(word in ours for word in ("our-organization", "our-project", "our-team", "our-own"))
    assert "our" not in others
    assert "Bearer its-key" in others


async def test_after_a_dead_connection_a_new_one_is_opened(settings):
    """A firewall that has forgotten the connections: each that is used again is reset."""
    used = []

    async def serve(reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
                await reader.readexactly(int(length.partition(b":")[2]))
                if writer in used:
                    return writer.transport.abort()
                used.append(writer)
                await asyncio.sleep(0.1)
                body = b"".join(chunks("m", ECHOED)) + b"data: [DONE]\n\n"
                start = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: %d\r\n\r\n"
                writer.write(start % len(body) + body)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    settings.OPENAI_BASE_URL = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    settings.LLM_MODEL, settings.OPENAI_API_KEY, settings.LLM_FALLBACK_MODELS = "m", "key", []
    deadline = asyncio.get_running_loop().time() + 20
    at_once = [gateway.complete(PROMPT, gateway.unheard, deadline) for _ in range(3)]
    assert {completion.text for completion in await asyncio.gather(*at_once)} == {ECHOED}
    assert (await gateway.complete(PROMPT, gateway.unheard, deadline)).text == ECHOED
    await close_clients()
    server.close()
