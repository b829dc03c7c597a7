"""A model's word on sentences that the check by words and meaning let pass: it may drop one, and never let one pass.

Without a reply in time the check by words and meaning stands.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence

from django.conf import settings

from assistant.answering import prompts
from assistant.answering.backing import Opinion
from assistant.answering.checking import in_checking_thread
from assistant.answering.release import Evidence, Release, Verified
from assistant.answering.support import Claimed
from assistant.answers import CompletionRecord
from assistant.llm import gateway
from knowledge.retrieval import Passage

# Of one turn; whatever stands beyond is not asked about.
MOST_SENTENCES = 40
# Of GROUNDING_SECONDS: a model that had so much of it and said nothing has failed, and is left alone once it did often.
SILENCE = 0.9

Heard = tuple[Opinion, tuple[CompletionRecord, ...]]
Ask = Callable[[Claimed, str, Sequence[Passage], float], Awaitable[Heard]]

_OBJECT = re.compile(r"\{[^{}]*\}")
_OPINIONS: dict[str, Opinion] = {
    "yes": "supported",
    "true": "supported",
    "no": "not supported",
    "false": "not supported",
}


class ModelCheck:
    """The check of one turn, within GROUNDING_SECONDS for all its sentences. Without `ask` it does nothing."""

    def __init__(self, ask: Ask | None, question: str, seconds_left: Callable[[], float]) -> None:
        self.calls: list[CompletionRecord] = []
        self._ask, self._question, self._seconds_left = ask, question, seconds_left
        self._seconds: float = settings.GROUNDING_SECONDS
        self._asked = 0

    async def before(self, release: Release, evidence: Evidence, *, whole: bool = False) -> None:
        """Ask about what the release would let through now, or if it were `whole`. Raises CheckFailed."""
        if self._ask is not None and isinstance(release, Verified):
            await self._hear(await in_checking_thread(release.ahead, whole=whole), evidence)

    async def whole(self, text: str, evidence: Evidence) -> None:
        """Ask about all of a text that was not asked about yet. Raises CheckFailed."""
        if self._ask is not None:
            release = Verified(evidence)
            release.add(text)
            await self.before(release, evidence, whole=True)

    async def _hear(self, claims: Sequence[Claimed], evidence: Evidence) -> None:
        claims = claims[: MOST_SENTENCES - self._asked]
        self._asked += len(claims)
        loop = asyncio.get_running_loop()
        began, seconds = loop.time(), min(self._seconds, self._seconds_left())
        for claim, (opinion, calls) in zip(
            claims, await asyncio.gather(*(self._opinion(claim, evidence, seconds) for claim in claims)), strict=True
        ):
            evidence.support.heard(claim, opinion)
            self.calls += calls
        self._seconds -= loop.time() - began

    async def _opinion(self, claim: Claimed, evidence: Evidence, seconds: float) -> Heard:
        if self._ask is None or seconds <= 0:
            return "no reply", ()
        cited = [evidence.passages[number - 1] for number in claim.cited]
        return await self._ask(claim, self._question, cited, seconds)


def configured() -> Ask | None:
    """How today's GROUNDING_MODEL is asked; None when there is none."""
    return ask if settings.GROUNDING_MODEL else None


async def ask(claim: Claimed, question: str, cited: Sequence[Passage], seconds: float) -> Heard:
    """What the model says of a sentence, within these seconds. A failing model raises nothing."""
    prompt = prompts.check_prompt(claim.sentence, question, cited)
    deadline = asyncio.get_running_loop().time() + seconds
    first = SILENCE * settings.GROUNDING_SECONDS
    completion = await gateway.check(settings.GROUNDING_MODEL, prompt, deadline, first)
    return opinion_in(completion.text), completion.records


def opinion_in(reply: str) -> Opinion:
    """The opinion of a reply in the prompt's JSON, whatever stands around it."""
    found = _OBJECT.search(reply)
    try:
        said = json.loads(found.group()) if found else {}
    except json.JSONDecodeError:
        return "no reply"
    return _OPINIONS.get(str(said.get("supported")).lower(), "no reply")
