"""Models that do as they are told, and what is needed to ask them."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from functools import partial

from assistant.answers import CompletionRecord
from assistant.llm.port import (
    UNKNOWN,
    Anew,
    Call,
    ChatMessage,
    ChatModel,
    Finished,
    Items,
    ModelFailure,
    Prompt,
    Tally,
    Usage,
)

PROMPT = Prompt((ChatMessage("user", "How long does it take?"),), "v1", max_tokens=100)
END = Finished(Usage(10, 2))

# What a call does: wait so many seconds, say a piece, fail, end.
Play = Sequence[float | str | Finished | partial[ModelFailure]]


def says(*pieces: str, after: float = 0.0) -> Play:
    """A whole completion."""
    return (after, *pieces, END)


def fails(
    kind: str, *pieces: str, after: float = 0.0, retry_after: float | None = None, usage: Usage = UNKNOWN
) -> Play:
    """A completion that breaks off after some pieces."""
    return (after, *pieces, partial(ModelFailure, kind, "as told", retry_after, usage=usage))


class Fake:
    """Plays one play a call, the last one for ever. `calls` are those that came, `ends` how each ended."""

    def __init__(self, *plays: Play, name: str = "fake") -> None:
        self.name = name
        self.plays = plays
        self.calls: list[Call] = []
        self.asked_at: list[float] = []
        self.ends: list[str] = []

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        number = len(self.calls)
        self.calls.append(call)
        self.asked_at.append(asyncio.get_running_loop().time())
        self.ends.append("left")
        for step in self.plays[min(number, len(self.plays) - 1)]:
            if isinstance(step, partial):
                self.ends[number] = step.args[0]
                raise step()  # made now: what is raised and kept would hold on to whoever raised it
            if isinstance(step, float):
                await asyncio.sleep(step)
            else:
                if isinstance(step, Finished):
                    self.ends[number] = "ok"
                yield step

    @property
    def kinds(self) -> list[str]:
        return [call.kind for call in self.calls]


class Purse:
    """A payer that allows so many calls and keeps what it is told."""

    def __init__(self, allows: int = 1000) -> None:
        self.allows = allows
        self.reserved: list[float | None] = []
        self.records: list[CompletionRecord] = []

    async def reserve(self, call: Call, model: str, provider: str, usd: float | None) -> int:
        if len(self.reserved) >= self.allows:
            raise ModelFailure("spent", "as told")
        self.reserved.append(usd)
        return len(self.reserved)

    def settle(self, reserved: int, record: CompletionRecord) -> None:
        self.records.append(record)


def a_call(seconds: float = 40.0, **fields: object) -> Call:
    """A call that begins now and has so many seconds."""
    now = asyncio.get_running_loop().time()
    most = fields.pop("most", None)
    return Call(now + seconds, Tally(now, most=most), **fields)  # type: ignore[arg-type]


class Heard:
    """What came of a stream: the text in the end, every item, the seconds it took, and the failure's kind."""

    def __init__(self) -> None:
        self.items: list[object] = []
        self.failure = ""
        self.detail = ""
        self.seconds = 0.0
        self.first_seconds: float | None = None

    @property
    def text(self) -> str:
        anew = max((number for number, item in enumerate(self.items) if isinstance(item, Anew)), default=-1)
        return "".join(item for item in self.items[anew + 1 :] if isinstance(item, str))


async def hear(
    model: ChatModel,
    call: Call | None = None,
    until: Callable[[object], bool] = lambda item: False,
    prompt: Prompt = PROMPT,
) -> Heard:
    """Listen to the model, and leave after the first item for which `until` is true."""
    clock, heard = asyncio.get_running_loop().time, Heard()
    began = clock()
    try:
        async with contextlib.aclosing(model.stream(prompt, call or a_call())) as items:
            async for item in items:
                heard.items.append(item)
                if heard.first_seconds is None:
                    heard.first_seconds = clock() - began
                if until(item):
                    break
    except ModelFailure as failure:
        heard.failure, heard.detail = failure.kind, str(failure)
    heard.seconds = clock() - began
    return heard
