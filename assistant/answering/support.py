"""Whether the passages that a sentence cites support it, in whatever language both are.

An answer that is in another language than its passages is not supported: they are quoted instead. In a language whose
numbers, units and negations are not known, only what stands in them word for word is.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from textwrap import dedent
from typing import NamedTuple

from assistant.answering.backing import Backing, Judgement, Opinion
from assistant.answering.claims import read
from assistant.answering.early import beginning
from assistant.answering.provisos import qualifies
from assistant.answering.vocabulary import is_known
from assistant.answering.wording import ENGLISH
from assistant.llm.blocks import code_lines
from knowledge.languages import language_of_message
from knowledge.retrieval import Passage
from knowledge.terms import language_of


class Claimed(NamedTuple):
    """A sentence with the numbers of the passages that it cites."""

    sentence: str
    cited: tuple[int, ...]


class Support:
    """The passages of one prompt, and what was found out about sentences. Synchronous; may embed: not for a loop."""

    def __init__(self, question: str, passages: Sequence[Passage], seconds_left: Callable[[], float]) -> None:
        self._question, self._passages, self._seconds_left = question, passages, seconds_left
        self._written = [language_of_message(passage.text) for passage in passages]
        self._judged: dict[Claimed, Judgement] = {}
        self._backings: dict[str, Backing] = {}
        self._plain = self._backing(ENGLISH)

    @cached_property
    def sentences(self) -> list[list[str]]:
        """The words that each sentence of the passages begins with; a table has none."""
        windows = [window for cited in self._plain.cited for window in cited.singles if window.opening]
        return [begun for window in windows if (begun := beginning(window.text))]

    def judge(self, sentence: str, numbers: tuple[int, ...]) -> Judgement:
        """Whether the passages with these numbers, counted from 1, support the sentence."""
        key = Claimed(sentence, numbers)
        if key not in self._judged:
            self._judged[key] = self._judge(sentence, numbers)
        return self._judged[key]

    def judge_by_all(self, sentence: str) -> Judgement:
        """Whether all passages together support the sentence: for what cites none, as the head of a table."""
        return self.judge(sentence, tuple(range(1, len(self._passages) + 1)))

    def heard(self, claim: Claimed, opinion: Opinion) -> None:
        """Take a model's word on a sentence that was judged: it can only drop it."""
        judgement = replace(self._judged[claim], opinion=opinion)
        if judgement.shown and opinion == "not supported":
            dropped = replace(judgement, shown=False, why="model", windows={}, nearest=judgement.windows)
            read_as, _ = self._read_as(claim.sentence, claim.cited)
            judgement = replace(dropped, qualified=qualifies(read(claim.sentence, language=read_as)))
        self._judged[claim] = judgement

    def resembles(self, sentence: str, numbers: tuple[int, ...]) -> bool:
        """Whether one of the passages, of all without numbers, says it but perhaps for a number; embeds nothing."""
        cited = numbers or range(1, len(self._passages) + 1)
        judged = (self._judge(sentence, [number], by_meaning=False) for number in cited)
        claims = read(sentence)
        worded = len(claims.numbers) < len(claims.terms)
        return any(judgement.shown or (judgement.why == "number" and worded) for judgement in judged)

    def judge_code(self, text: str, numbers: tuple[int, ...]) -> Judgement:
        """Code is shown only when each of its lines is a whole piece of code of one of the passages."""
        lines = [line for line, _ in code_lines(dedent(text))]
        for cited in (self._plain.cited[number - 1] for number in numbers):
            if lines and all(line in cited.code for line in lines):
                return Judgement(True, "verbatim", 1.0, {cited.number: cited.code[lines[0]]})
        return Judgement(False, "no support", 0.0)

    def _judge(self, sentence: str, numbers: Sequence[int], by_meaning: bool = True) -> Judgement:
        for number in numbers:
            if span := self._plain.cited[number - 1].verbatim(sentence):
                return Judgement(True, "verbatim", 1.0, {number: span})
        language, same = self._read_as(sentence, numbers)
        if not is_known(language):
            return Judgement(False, "no support", 0.0)
        return self._backing(language).judge(sentence, same, by_meaning)

    def _read_as(self, sentence: str, numbers: Sequence[int]) -> tuple[str, list[int]]:
        """The language that it is plainly in, else that of what it cites; and the passages that may be in it."""
        spoken = language_of_message(sentence)
        same = [n for n in numbers if self._is_in(spoken, n) and is_known(self._language(n))]
        return spoken or next((self._language(number) for number in same), ENGLISH), same

    def _is_in(self, language: str | None, number: int) -> bool:
        """Whether a passage is not plainly in another language."""
        return None in (language, self._written[number - 1]) or self._written[number - 1] == language

    def _language(self, number: int) -> str:
        return self._written[number - 1] or language_of(self._passages[number - 1].locale) or ENGLISH

    def _backing(self, language: str) -> Backing:
        if language not in self._backings:
            self._backings[language] = Backing(self._question, self._passages, language, self._seconds_left)
        return self._backings[language]
