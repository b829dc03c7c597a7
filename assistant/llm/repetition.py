"""Finds a model that goes round in circles, by the end of its text alone."""

import contextlib
from dataclasses import dataclass

import regex

from assistant.llm.port import Call, ChatModel, Finished, Items, ModelFailure, Prompt

# What is said over and over, at the very end of the text, and how often; shorter stretches as often as fill as much.
SPAN_WORDS = 12
TIMES = 4
LONGEST_SPAN_WORDS = 60
TAIL_CHARACTERS = 2_000
# Of new text, until it is looked at again.
STRIDE_CHARACTERS = 200

_WORD = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]{1,2}|[\p{L}\p{M}\p{N}]+")


def goes_in_circles(text: str) -> bool:
    """Whether the text ends in one stretch of up to 60 words said at least 4 times in a row, 48 words together.

    Rows and steps that differ in a word or a number do not count: tables and procedures are made of such.
    """
    words = words_of(text[-TAIL_CHARACTERS:])
    return any(_has_period(words, span) for span in range(1, LONGEST_SPAN_WORDS + 1))


def words_of(text: str) -> list[str]:
    """The words of a text in small letters; in scripts without spaces two characters are one."""
    return [match.group() for match in _WORD.finditer(text.lower())]


def _has_period(words: list[str], span: int) -> bool:
    length = TIMES * max(span, SPAN_WORDS)
    end = words[-length:]
    return len(end) == length and end[span:] == end[:-span]


@dataclass(frozen=True)
class Repetition:
    """A model whose text is ended once it goes round in circles."""

    inner: ChatModel

    @property
    def name(self) -> str:
        return self.inner.name

    async def stream(self, prompt: Prompt, call: Call) -> Items:
        """See ChatModel."""
        tail, unseen = "", 0
        async with contextlib.aclosing(self.inner.stream(prompt, call)) as items:
            async for item in items:
                if isinstance(item, str):
                    tail, unseen = tail + item, unseen + len(item)
                if unseen >= STRIDE_CHARACTERS or isinstance(item, Finished):
                    tail, unseen = tail[-TAIL_CHARACTERS:], 0
                    if goes_in_circles(tail):
                        raise ModelFailure("repeated", "the model repeats itself")
                yield item
