"""What streaming costs is measured with a model that keeps to its pace, and customers whose words are found again."""

import asyncio
from typing import Any

import pytest

from benchmarks.paced import PacedServer, Written, pace, shown, words_for
from benchmarks.streaming import Stage, table
from benchmarks.streaming_clients import CLIENTS, PASSAGE

PROMPT = f'<passage n="2">\n{PASSAGE}\n</passage>\n\n<question>\nHow?\n</question>'


@pytest.mark.parametrize("read", CLIENTS.values(), ids=CLIENTS)
async def test_every_client_reads_what_the_paced_server_writes(read):
    server = PacedServer(words=12)
    await server.start()
    body: dict[str, Any] = {"model": "m", "stream": True, "messages": [{"role": "user", "content": PROMPT}]}

    async def heard() -> str:
        return "".join([text async for text in read(server.base_url, body)])

    reading = asyncio.create_task(heard())
    while not server.waiting:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    (written,) = server.waiting.values()
    assert await pace([written], rate=500, seconds=0.02, seed=1) == 10
    written.end(2)
    assert await reading == "".join(written.words)
    assert written.sent == sorted(written.sent)


@pytest.mark.parametrize("read", CLIENTS.values(), ids=CLIENTS)
async def test_with_too_little_to_say_an_answer_is_over_at_once_and_no_failure(read):
    server = PacedServer(words=5_000)
    await server.start()
    body: dict[str, Any] = {"model": "m", "stream": True, "messages": [{"role": "user", "content": PROMPT}]}
    assert "".join([text async for text in read(server.base_url, body)]) == "That is not known."
    assert not server.waiting


def test_no_sentence_comes_again_and_passages_with_too_little_to_say_give_none():
    assert words_for(PROMPT, 4) == ["Sentence ", "number ", "0 ", "says "]
    said = "One sentence alone says too little here."
    twice = PROMPT.replace(PASSAGE, f"{said} {said}")
    assert words_for(twice, 8) == ["One ", "sentence ", "alone ", "says ", "too ", "little ", "here. ", "[2]\n\n"]
    assert words_for(twice, 9) == []


def test_words_are_found_again_when_some_were_not_let_through_and_citations_are_others():
    words = ["Press ", "it. ", "[4]\n\n", "No ", "word. ", "[1]\n\n", "Press ", "again. ", "[4]\n\n"]
    written = Written(None, words, [], [float(place) for place in range(9)])
    found = shown(written, [(10.0, "Press it. [1]\n\n"), (20.0, "Press again. [1]")])
    assert [(word.sent, word.ended, word.came) for word in found] == [
        (0, 2, 10),
        (1, 2, 10),
        (6, 8, 20),
        (7, 8, 20),
    ]


def test_rounds_are_one_row_with_their_range():
    rounds = [Stage("here", "after", 50, 20.0, cpu, 0.25, 0.05, [1, 3], [5]) for cpu in (90.0, 100.0, 130.0)]
    row = "| here | after | 50, 20 | 100 (90 to 130) | 25%, 5% | 2 / 3 | 5 / 5 |"
    assert table(rounds).splitlines()[2:] == [row]
