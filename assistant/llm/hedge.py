"""A second request where the first is slow: whichever speaks first goes on, the other is cancelled at the provider.

After Dean and Barroso, The Tail at Scale (2013): the second request goes out once the first is slower than usual, and
a token bucket keeps their share of all calls.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from assistant.llm.breaker import Breaker
from assistant.llm.port import NOT_MADE, Call, ChatModel, Item, Items, ModelFailure, Prompt
from assistant.llm.rest import Rest

LEAST_SAMPLES = 20
# Of the time to the first text, after which a request is slow.
MEDIANS = 1.5
# Beside each other: the first, a second, and one for a second that fails while the first is still silent.
MOST_REQUESTS = 3
# How many may follow each other after a quiet time.
BURST = 5.0
# A server that turns away more than so many of the last calls is not asked for more.
RECENT_CALLS = 20
MOST_LIMITED = 3
# For a loser's connection to close before its call is told as ended.
CLOSING_SECONDS = 1.0


@dataclass
class Latencies:
    """Seconds until the first text of the last 200 calls that came to one, as the caller waited them."""

    _seconds: deque[float] = field(default_factory=lambda: deque(maxlen=200))

    def observe(self, seconds: float) -> None:
        """One more."""
        self._seconds.append(seconds)

    def quantile(self, share: float) -> float | None:
        """What this share of calls stayed below; None of fewer than 20 calls."""
        if len(self._seconds) < LEAST_SAMPLES:
            return None
        ordered = sorted(self._seconds)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


@dataclass
class Bucket:
    """Fills by `share` with each call; a hedge takes one. Hedges are never more than that share of the calls."""

    share: float
    _tokens: float = 0.0

    def earn(self) -> None:
        """A call was made."""
        self._tokens = min(BURST, self._tokens + self.share)

    def spend(self) -> bool:
        """Take one; False, and nothing taken, when there is none."""
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def give_back(self) -> None:
        """What was taken was not used."""
        self._tokens = min(BURST, self._tokens + 1.0)


@dataclass
class Pace:
    """How fast a model has been in this process, and whether a second request is allowed now."""

    bucket: Bucket
    breaker: Breaker
    rest: Rest
    latencies: Latencies = field(default_factory=Latencies)
    _limited: deque[bool] = field(default_factory=lambda: deque(maxlen=RECENT_CALLS))

    def trigger(self) -> float | None:
        """Seconds after which the first request is slow; None when that is not known, or none may follow it."""
        median = self.latencies.quantile(0.5)
        return MEDIANS * median if median is not None and self.calm() else None

    def calm(self) -> bool:
        """Whether the model neither fails nor asks for fewer calls."""
        limited = self.rest.seconds > 0 or sum(self._limited) > MOST_LIMITED
        return not limited and self.breaker.state == "closed"

    def note(self, failure: BaseException | None) -> None:
        """How a request ended, or that it came to its first text."""
        if failure is None or not not_made(failure):
            self._limited.append(isinstance(failure, ModelFailure) and failure.kind == "rate_limit")


@dataclass(frozen=True)
class Hedge:
    """A model that is asked twice when it is slow; its first text decides which answer is taken."""

    inner: ChatModel
    pace: Pace

    @property
    def name(self) -> str:
        return self.inner.name

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel. Raises the first request's failure when both fail."""
        clock = asyncio.get_running_loop().time
        started = clock()
        runners = [_Runner(self.inner.stream(prompt, call))]

        def again() -> None:
            if len(runners) < MOST_REQUESTS and self.pace.calm() and self.pace.bucket.spend():
                runners.append(_Runner(self.inner.stream(prompt, replace(call, kind="hedge"))))

        try:
            ended = await runners[0].ended_within(self.pace.trigger())
            if not (ended and runners[0].was_refused):  # or an open breaker's refusals would fill the bucket
                self.pace.bucket.earn()
            if not ended:
                again()
            winner = await self._first_to_speak(runners, again)
            if winner is None:
                raise runners[0].failure
            for loser in runners:
                if loser is not winner:
                    loser.leave()
            self.pace.latencies.observe(clock() - started)
            yield winner.first.result()
            async for item in winner.items:
                yield item
        finally:
            await asyncio.wait([runner.leave() for runner in runners], timeout=CLOSING_SECONDS)
            runners.clear()  # a failure that is raised here holds on to this frame, and would to itself by them

    async def _first_to_speak(self, runners: list["_Runner"], again: Callable[[], None]) -> "_Runner | None":
        """The first request that comes to text; `again` sends another when a second failed and the first is silent.

        None where all failed.
        """
        heard: list[_Runner] = []
        while racing := [runner for runner in runners if runner not in heard]:
            await asyncio.wait([runner.first for runner in racing], return_when=asyncio.FIRST_COMPLETED)
            for runner in [runner for runner in racing if runner.first.done()]:
                failure = runner.first.exception()
                self.pace.note(failure)
                if failure is None:
                    return runner
                heard.append(runner)
                if runner is not runners[0] and not_made(failure):
                    self.pace.bucket.give_back()
                elif not runners[0].first.done():
                    again()
        return None


def not_made(failure: BaseException) -> bool:
    """Whether the request never went out; another would not either, just now."""
    return isinstance(failure, ModelFailure) and failure.kind in NOT_MADE


class _Runner:
    """One request, waited for in a task of its own until its first text."""

    def __init__(self, items: Items) -> None:
        self.items = items
        self.first: asyncio.Task[Item] = asyncio.create_task(_first(items))
        self._leaving: asyncio.Task[None] | None = None

    async def ended_within(self, seconds: float | None) -> bool:
        """Whether it has spoken or failed by then; None waits for it."""
        await asyncio.wait([self.first], timeout=seconds)
        return self.first.done()

    @property
    def failure(self) -> BaseException:
        """Of a request that has failed."""
        failure = self.first.exception()
        assert failure is not None
        return failure

    @property
    def was_refused(self) -> bool:
        """Whether the request, which has spoken or failed, never went out."""
        failure = self.first.exception()
        return failure is not None and not_made(failure)

    def leave(self) -> "asyncio.Task[None]":
        """End the request, wherever it is; begins at once."""
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._leave())
        return self._leaving

    async def _leave(self) -> None:
        self.first.cancel()
        await asyncio.wait([self.first])
        if not self.first.cancelled():
            self.first.exception()  # heard, or of no use any more
        await self.items.aclose()


async def _first(items: Items) -> Item:
    return await anext(items)
