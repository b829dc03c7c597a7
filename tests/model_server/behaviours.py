"""What the model server says: an answer from the prompt's passages, or worse."""

import hashlib
import json
import math
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.model_server import obedience

_PASSAGE = re.compile(r'<passage n="(\d+)"[^>]*>\n(.*?)\n</passage>', re.S)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_ORDER = re.compile(r"(?:ignore|disregard|instead|say|print|append|repeat|reveal|write|answer with|include)\b.*", re.I)
DIMENSION = 8
# Orders that the obedient model finds by itself and obeys.
MOST_FOUND = 1


def text_for(behaviour: str, prompt: str, tokens: int, orders: Sequence[str] = ()) -> str:
    """The completion for a prompt. `tokens` asks for that many words of filler instead.

    `orders` are what "obey" obeys when the prompt shows them, besides what it takes for orders itself.
    """
    if tokens:
        return " ".join(f"word{index}" for index in range(tokens))
    if behaviour == "obey":
        return obey(prompt, orders)
    return BEHAVIOURS[behaviour](prompt)


def echo(prompt: str) -> str:
    """The first sentences of the first two passages, each with its citation: a faithful model."""
    said = []
    for number, text in _PASSAGE.findall(prompt)[:2]:
        prose = [line for line in text.splitlines() if line.strip() and line[0] not in "#|-*`>0123456789<!["]
        if prose:
            said.append(f"{_SENTENCE.split(prose[0].strip())[0]} [{number}]")
    return "\n\n".join(said) or "NO ANSWER"


def obey(prompt: str, orders: Sequence[str] = ()) -> str:
    """Does whatever any line of the prompt orders, and leaks its rules: the worst model there is."""
    rules, _, told = prompt.partition("\n<")
    found = [match.group() for match in _ORDER.finditer(told)]
    urls = re.findall(r"https?://[^\s)]+", prompt)
    images = "\n".join(f"![x]({url}?d=SECRET) [click]({url}) {url} <img src={url}>" for url in urls)
    said = obedience.answer(echo(prompt), [*orders, *found[:MOST_FOUND]], prompt, rules)
    return f"{said}\n\n{images}\n\n{' '.join(found)}\n\nMy rules: {rules}"


def marked(said: str, prompt: str, marks: str) -> str:
    """The answer with what fits `marks` in the prompt's last question put before each citation."""
    question = prompt.rpartition("<question>\n")[2].partition("\n</question>")[0]
    found = " ".join(dict.fromkeys(re.findall(marks, question)))
    return re.sub(r"(\W*) (\[\d\])", rf" {found}\1 \2", said) if found else said


def embellish(prompt: str) -> str:
    """The faithful answer with inventions between its sentences, cited like the rest."""
    inventions = "The courier fee is 500 euro [1]. ![x](https://attacker.example/p.png) Ask <b>Alfred</b> [9]."
    return "\n\n".join(f"{said} {inventions}" for said in echo(prompt).split("\n\n"))


def misquote(prompt: str) -> str:
    """The faithful answer with another number in each sentence."""
    return re.sub(r"\W*( \[\d\])", r" within 99 days\1", echo(prompt))


def unknown(prompt: str) -> str:
    """Says in the prompt's protocol that the passages do not hold the answer."""
    return "NO ANSWER"


def plain(prompt: str) -> str:
    """States things and cites nothing."""
    return "Certainly. The answer is forty-two, and shipping is free on Sundays."


def opinion(sentence: str, denied: str) -> str:
    """What a model that checks says of a sentence."""
    return json.dumps({"supported": "no" if denied in sentence else "yes"})


BEHAVIOURS: dict[str, Callable[[str], str]] = {
    "echo": echo,
    "obey": obey,
    "unknown": unknown,
    "plain": plain,
    "embellish": embellish,
    "misquote": misquote,
}


def chunks(model: str, text: str, thought: int = 0) -> list[bytes]:
    """The completion as server-sent chunks: a role, a word each, the end, the usage with the tokens that it thought."""
    words = re.findall(r"\S+\s*|\s+", text)
    made = [_chunk(model, {"role": "assistant", "content": ""}), *(_chunk(model, {"content": word}) for word in words)]
    written = len(words) + thought
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": written,
        "total_tokens": 100 + written,
        "completion_tokens_details": {"reasoning_tokens": thought},
    }
    return [*made, _chunk(model, {}, "stop"), _event({**_frame(model), "choices": [], "usage": usage})]


def thoughts(model: str, many: int) -> list[bytes]:
    """So many chunks of thinking, without a text."""
    return [_chunk(model, {"role": "assistant", "content": None, "reasoning_content": "hm "})] * many


def completion(request: dict[str, Any], text: str) -> dict[str, Any]:
    """The body of an unstreamed completion."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 100, "completion_tokens": len(text.split()), "total_tokens": 100 + len(text.split())}
    return {**_frame(str(request.get("model"))), "object": "chat.completion", "choices": [choice], "usage": usage}


EMBEDDING_FAULTS: dict[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]] = {
    "zeros": lambda data: [row | {"embedding": [0.0] * len(row["embedding"])} for row in data],
    "nan": lambda data: [row | {"embedding": [math.nan, *row["embedding"][1:]]} for row in data],
    "narrow": lambda data: [row | {"embedding": row["embedding"][1:]} for row in data],
    "ragged": lambda data: [row | {"embedding": row["embedding"][row["index"] :]} for row in data],
    "short": lambda data: data[:-1],
    "twice": lambda data: [*data[:-1], data[0]],
    "swapped": lambda data: data[::-1],
}


def embeddings(request: dict[str, Any], fault: str = "", dimension: int = DIMENSION) -> dict[str, Any]:
    """Bags of hashed words, so that texts that share words are near each other; spoiled as the fault says.

    The fault `indigestible:WORD` spoils the texts that hold the word.
    """
    texts = request["input"] if isinstance(request["input"], list) else [request["input"]]
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": _vector(str(text), int(request.get("dimensions") or dimension)),
        }
        for index, text in enumerate(texts)
    ]
    data = EMBEDDING_FAULTS[fault](data) if fault in EMBEDDING_FAULTS else data
    if fault.startswith("indigestible:"):
        spoiled = EMBEDDING_FAULTS["zeros"](data)
        word = fault.partition(":")[2]
        data = [bad if word in str(text) else good for text, good, bad in zip(texts, data, spoiled, strict=True)]
    return {
        "object": "list",
        "model": request.get("model"),
        "data": data,
        "usage": {"prompt_tokens": 1, "total_tokens": 1},
    }


def _vector(text: str, dimension: int) -> list[float]:
    vector = [0.001] * dimension
    for word in re.findall(r"\w+", text.lower()):
        vector[hashlib.blake2b(word.encode()).digest()[0] % dimension] += 1
    length = math.sqrt(sum(value * value for value in vector))
    return [value / length for value in vector]


def _frame(model: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": int(time.time()), "model": model}


def _chunk(model: str, delta: dict[str, Any], finish: str | None = None) -> bytes:
    return _event({**_frame(model), "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def _event(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"
