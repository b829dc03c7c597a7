"""What /metrics counts, from outside: a web process that takes messages, and a worker that answers them."""

import asyncio
import signal
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from assistant.events.threads import in_thread
from tests.cast import make_widget
from tests.contract.client import opened
from tests.contract.conftest import publish_articles
from tests.contract.server import web_process, worker_process

QUESTION = "How do I reset the blue kettle?"


def scrape(running):
    """Every sample of a scrape by its name and labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/metrics", timeout=20) as response:
        families = list(text_string_to_metric_families(response.read().decode()))
    return {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}


async def ask(running, key):
    async with opened(running.address, key) as (client, _):
        turn = (await client.say(QUESTION))["message"]["turn"]
        assert (await client.answer(turn))["message"]["decision"] == "answer"


async def test_the_web_process_and_the_worker_are_counted_together(database, model, tmp_path):
    await in_thread(publish_articles)
    widget = await in_thread(make_widget)
    shared = {
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "OPENAI_BASE_URL": model.base_url,
        "LLM_MODEL": "echo",
    }
    with web_process(**shared) as inline:
        await ask(inline, widget.key)
    with worker_process(**shared), web_process(**shared, INLINE_TURNS="0") as running:
        await ask(running, widget.key)
        figures = await asyncio.to_thread(scrape, running)
        running.end(signal.SIGKILL)
    assert figures["answerdesk_messages_total", "customer"] == 2
    assert figures["answerdesk_messages_total", "assistant"] == 2
    assert figures["answerdesk_turns_total", "answer", "done"] == 2
    assert figures["answerdesk_completions_total", "echo", "first", "ok"] == 2
    assert figures["answerdesk_tokens_total", "completion", "echo"] > 0
    for histogram in ("retrieval_seconds", "turn_seconds", "turn_first_token_seconds"):
        assert figures[f"answerdesk_{histogram}_count",] == 2
    pids = {file.stem.rsplit("_", 1)[1] for file in tmp_path.glob("counter_*.db")}
    assert len(pids) >= 3  # two web processes and the worker's child
