"""The product under other settings: other servers, another address, models, limits."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.journeys.customers import calling, in_conversation
from tests.model_server.running import RunningModelServer
from tests.product import Product, begin_from, started

pytestmark = pytest.mark.services
PUBLIC = "https://help.example"
QUESTION = "How do I upload articles?"


@pytest.fixture(scope="module")
def public(
    tmp_path_factory: pytest.TempPathFactory, first_started: Path, running_model_server: RunningModelServer
) -> Iterator[Product]:
    """On every interface, in a folder with spaces, with models of which only the last fallback works."""
    folder = tmp_path_factory.mktemp("a folder with spaces")
    begin_from(first_started, folder)
    with started(
        folder,
        HOST="0.0.0.0",
        SECRET_KEY=str(uuid.uuid4()),
        PUBLIC_URL=PUBLIC,
        OPENAI_BASE_URL=running_model_server.base_url,
        OPENAI_API_KEY="of-the-primary-alone",
        LLM_MODEL="echo+500",
        LLM_FALLBACK_MODELS=f"echo+401,echo@{running_model_server.base_url}",
        RATE_LIMIT_VISITOR="3",
        RATE_LIMIT_ADDRESS="0",
    ) as running:
        yield running


def test_the_public_address_is_printed_trusted_and_linked_to(public: Product) -> None:
    for line in (f"demo: {PUBLIC}/", f"desk: {PUBLIC}/desk/", f"administration: {PUBLIC}/admin/"):
        assert line in public.log.splitlines()
    with httpx.Client(base_url=public.base_url, headers={"host": "help.example"}) as client:
        assert f'<script src="{PUBLIC}/widget.js" data-widget="{public.widget}" async></script>' in client.get("/").text
        assert "Secure" in client.get("/desk/login/").headers["set-cookie"]
    with calling(public, origin=PUBLIC) as caller:
        assert caller.hello(public.widget)["type"] == "welcome"
    with calling(public, origin="https://attacker.example") as caller:
        assert caller.hello(public.widget)["code"] == "origin_refused"


def test_a_model_writes_cited_answers_and_the_last_fallback_will_do(
    public: Product, running_model_server: RunningModelServer
) -> None:
    running_model_server.reset()
    with in_conversation(public) as customer:
        turn = customer.send(QUESTION)["message"]["turn"]
        message = customer.answer(turn)["message"]
    assert message["decision"] == "answer"
    assert [source["n"] for source in message["sources"]]
    assert all(f"[{source['n']}]" in message["text"] for source in message["sources"])
    pieces = [frame for frame in customer.heard if frame["type"] == "answer.delta"]
    shown = ""
    for piece in pieces:
        shown = shown[: piece["offset"]] + piece["text"]
    assert shown
    assert message["text"].startswith(shown.strip())  # the last of it may come with the message alone
    asked = [(str(request["model"])) for request in running_model_server.requests]
    assert asked[-2:] == ["echo+401", "echo"]
    assert set(asked[:-2]) == {"echo+500"}


def test_the_command_line_uses_the_same_models(public: Product) -> None:
    done = public.manage("ask", QUESTION, "--json")
    printed = json.loads(done.stdout)
    assert (printed["decision"], printed["model"]) == ("answer", "echo")
    assert printed["timings_ms"]["first_token"] <= printed["timings_ms"]["total"]


def test_a_key_goes_to_the_server_it_is_for_alone(public: Product, running_model_server: RunningModelServer) -> None:
    running_model_server.reset()
    public.manage("ask", QUESTION, "--json")
    keys = {request.headers.get("authorization") for request in running_model_server.app.requests}
    assert "Bearer of-the-primary-alone" in keys


def test_a_visitor_is_limited_and_an_address_is_not(public: Product) -> None:
    for _ in range(2):
        with in_conversation(public) as customer:
            assert [customer.send("thanks")["type"] for _ in range(3)] == ["message.created"] * 3
            refused = customer.send("thanks")
            assert refused["code"] == "rate_limited"
            assert 0 < refused["retry_after"] <= 60


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory, product: Product) -> Iterator[Product]:
    """A first start on a database and a broker that somebody else runs: those of another product."""
    folder = tmp_path_factory.mktemp("elsewhere")
    database, broker = _servers_of(product)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE DATABASE elsewhere")
    database = f"{database.rpartition('/')[0]}/elsewhere"
    limits = {"RATE_LIMIT_VISITOR": "0", "RATE_LIMIT_ADDRESS": "25"}
    with started(folder, DATABASE_URL=database, REDIS_URL=f"{broker.rpartition('/')[0]}/1", **limits) as running:
        yield running


def _servers_of(product: Product) -> tuple[str, str]:
    code = "from django.conf import settings; print(settings.DATABASE_URL, settings.REDIS_URL)"
    database, broker = product.manage("shell", "-v", "0", "-c", code).stdout.split()
    return database, broker


def test_servers_of_ones_own_replace_the_embedded_ones(elsewhere: Product, product: Product) -> None:
    assert not (elsewhere.data_dir / "postgres").exists()
    assert not (elsewhere.data_dir / "run" / "broker.pid").exists()
    assert elsewhere.printed != product.printed
    with in_conversation(elsewhere) as customer:
        turn = customer.send(QUESTION)["message"]["turn"]
        assert customer.answer(turn)["message"]["decision"] == "answer"
    asked = json.loads(elsewhere.manage("ask", QUESTION, "--json").stdout)
    assert asked["decision"] == "answer"
    with httpx.Client(base_url=product.base_url, headers={"Authorization": f"Bearer {product.api_key}"}) as other:
        assert other.get(f"/api/v1/conversations/{asked['conversation']}").status_code == 404


def test_an_address_is_limited_and_a_visitor_is_not(elsewhere: Product) -> None:
    with in_conversation(elsewhere) as customer:
        customer.say(type="handoff.request", client_id=str(uuid.uuid4()), reason=None)
        customer.hear("conversation.updated", lambda frame: frame["status"] == "waiting")
        kinds = [customer.send(f"message {number}")["type"] for number in range(30)]
    assert kinds.count("message.created") >= 21  # past the default for visitors
    assert kinds[-1] == "error"
    assert customer.heard[-1]["code"] == "rate_limited"
