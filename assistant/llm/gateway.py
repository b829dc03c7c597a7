"""The models that answer, as one model. How it is composed is the order in which everything happens:

- fallback: the primary model, then each fallback, and whoever wanted a moment when that is over; outermost, since
  everything else is about one model
- retry: the same once more, so that each attempt may be hedged and takes its own place
- silence: whoever waits is told of it, and may have somebody else go on
- hedge: a second request beside a slow first one; both are bounded, watched and paid like any other
- concurrency: a place for each request, taken before rest and breaker are asked, as their state may change while one
  is waited for
- rest: no request before the time at which the server said to come back
- breaker: no request while the model fails, and no money set aside for it
- ledger: money set aside before, put down after; around the clock, which must not run while that is written
- deadline: the first text, each gap and the whole in time
- repetition: text that goes in circles ends
- gathering: pieces that come soon after each other as one, for all that is above
- openai: the request

When all have failed the caller answers from passages.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings

from assistant.answers import CompletionRecord
from assistant.llm import health
from assistant.llm.breaker import Breaker, Broken
from assistant.llm.concurrency import Limited
from assistant.llm.deadline import Deadline
from assistant.llm.entries import Entry, entry_of
from assistant.llm.fallback import Fallback
from assistant.llm.gathering import Gathered
from assistant.llm.hedge import Hedge
from assistant.llm.ledger import Ledger, most_usd
from assistant.llm.openai import OpenAIModel
from assistant.llm.port import (
    ANSWER,
    CAPPED,
    CHECK,
    Anew,
    Call,
    ChatModel,
    ModelFailure,
    Prompt,
    Tally,
    earlier,
    nobody_else,
    payer,
)
from assistant.llm.prices import prices
from assistant.llm.repetition import Repetition
from assistant.llm.rest import Rested
from assistant.llm.retry import Retry
from assistant.llm.silence import Noticed

__all__ = ["ANSWER", "Completion", "OnText", "check", "complete", "unheard"]

# For an answer, once a model was found dead.
FEWEST_CALLS = 2

OnText = Callable[[int, str], Awaitable[None]]


@dataclass(frozen=True)
class Completion:
    """What came of all calls. `model` is null when every one failed; `text` is empty then, and `failure` is the last.

    `records` holds every call that was made or that who pays refused, the one whose text this is last. `skipped` are
    models that were, at least once, not asked when it was their turn, each with the kind of failure.
    """

    text: str
    model: str | None
    records: tuple[CompletionRecord, ...]
    failure: str = ""
    skipped: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_capped(self) -> bool:
        """Whether no model was left to ask since a cap of what calls may cost is reached."""
        return self.model is None and bool(self.records) and self.records[-1].scope in CAPPED


def entries() -> list[Entry]:
    """The configured models, primary first, without those that were silent for this answer before, unless all were."""
    written = [settings.LLM_MODEL, *filter(None, map(str.strip, settings.LLM_FALLBACK_MODELS))]
    configured = [_entry(each) for each in written]
    return [each for each in configured if (each.name, each.provider) not in earlier.get().silent] or configured


def request(entry: Entry) -> ChatModel:
    """The model as its server has it."""
    return OpenAIModel(entry.name, entry.base_url, entry.api_key)


def composed(asked: Sequence[Entry], of: Callable[[Entry], ChatModel] = request) -> ChatModel:
    """These models as one, in the order above; `of` makes the innermost of each."""
    return Fallback([Retry(_watched(entry, of)) for entry in asked])


def _watched(entry: Entry, of: Callable[[Entry], ChatModel]) -> ChatModel:
    return Noticed(Hedge(bounded(entry, of), health.of(entry).pace), settings.FIRST_TOKEN_BUDGET_SECONDS)


def bounded(entry: Entry, of: Callable[[Entry], ChatModel] = request) -> ChatModel:
    """One model whose calls are bounded in number, time and money, and watched."""
    return _bounded(entry, of, health.of(entry).breaker, settings.FIRST_TOKEN_BUDGET_SECONDS)


def checking(entry: Entry, first: float, of: Callable[[Entry], ChatModel] = request) -> ChatModel:
    """The same for calls that check a sentence: those that hear nothing for `first` seconds are the model's failures.

    With the budget of an answer the caller's time would always end before it, which no breaker counts: a silent model
    would cost every answer that time.
    """
    return _bounded(entry, of, health.of(entry).checks, min(first, settings.FIRST_TOKEN_BUDGET_SECONDS))


def _bounded(entry: Entry, of: Callable[[Entry], ChatModel], breaker: Breaker, first: float) -> ChatModel:
    seen = health.of(entry)
    timed = Deadline(Repetition(Gathered(of(entry))), first, settings.TOKEN_GAP_BUDGET_SECONDS)
    paid = Ledger(timed, entry.provider, prices(settings.LLM_PRICES).get(entry.name), seen.telling)
    return Limited(Rested(Broken(paid, breaker), seen.rest), seen.places)


async def complete(
    prompt: Prompt,
    on_text: OnText,
    deadline: float,
    purpose: str = ANSWER,
    on_silence: Callable[[], Awaitable[None]] = nobody_else,
) -> Completion:
    """The first whole completion. `on_text(offset, text)` gets the pieces; offset 0 begins anew.

    `deadline` is on the event loop's clock, in seconds; models that are silent for MODELS_SECONDS together are left
    before it. `on_silence` is awaited when one was for its first-token budget, before anything else is asked. Raises
    nothing of the models: see `Completion.model`.
    """
    asked = entries()
    call = replace(call_of(deadline, purpose, asked), on_silence=on_silence)
    return await completed(composed(asked), prompt, on_text, call)


async def is_capped(prompt_of: Callable[[], Prompt]) -> bool:
    """Whether models are configured, and a cap of whoever pays here leaves room for none of them to be asked."""
    if not settings.GENERATIVE:
        return False
    known, prompt = prices(settings.LLM_PRICES), prompt_of()
    return not any([await payer.get().affords(most_usd(known.get(entry.name), prompt)) for entry in entries()])


async def unheard(offset: int, text: str) -> None:
    """The `on_text` of a text that is only of use when it is whole."""


async def check(entry: str, prompt: Prompt, deadline: float, first: float) -> Completion:
    """What the model named as in LLM_FALLBACK_MODELS says of a sentence, in one call; see `checking` and `complete`."""
    return await completed(checking(_entry(entry), first), prompt, unheard, call_of(deadline, CHECK))


def first_asked() -> Entry:
    """The model that a call goes to just now: the first that takes calls, the primary where none does."""
    asked = entries()
    return next((entry for entry in asked if health.of(entry).takes_calls), asked[0])


def is_outage(asked: Sequence[Entry] | None = None) -> bool:
    """Whether one of these models, or of those configured, was found dead and is not known to be well since.

    The first is known to be, once it is: each completion asks it. Of another that was found dead long ago nobody knows.
    """
    breakers = [health.of(entry).breaker for entry in (entries() if asked is None else asked)]
    return any(breaker.state != "closed" for breaker in breakers[:1]) or any(later.is_news for later in breakers[1:])


def call_of(deadline: float, purpose: str, asked: Sequence[Entry] = ()) -> Call:
    """A call that begins now and that this context pays for; of few models or many, fewer where one was found dead."""
    most = FEWEST_CALLS if is_outage(asked) else None
    before = earlier.get()
    tally = Tally(asyncio.get_running_loop().time(), begun=before.calls, most=most)
    return Call(deadline, tally, settings.MODELS_SECONDS - before.seconds, purpose, payer=payer.get())


async def completed(model: ChatModel, prompt: Prompt, on_text: OnText, call: Call) -> Completion:
    """What the model makes of the prompt; see `complete`."""
    clock, pieces, offset, failed = asyncio.get_running_loop().time, list[str](), 0, ""
    try:
        async with contextlib.aclosing(model.stream(prompt, call)) as items:
            async for item in items:
                if isinstance(item, str):
                    call.tally.heard_at = clock()
                    await on_text(offset, item)
                    pieces.append(item)
                    offset += len(item)
                elif isinstance(item, Anew):
                    pieces, offset = [], 0
    except ModelFailure as failure:
        pieces, failed = [], failure.kind
    records = tuple(sorted(call.tally.records, key=lambda record: record.outcome == "ok"))
    return Completion("".join(pieces), None if failed else records[-1].model, records, failed, call.tally.skipped)


def _entry(written: str) -> Entry:
    return entry_of(written, settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY)
