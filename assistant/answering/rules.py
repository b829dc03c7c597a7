"""Rules that an admin wrote: words or phrases of a customer's message that bring a person. Pure."""

from collections.abc import Sequence

from assistant.answers import Rule
from assistant.terms import stems
from knowledge.terms import UNSPACED


def first_match(text: str, rules: Sequence[Rule]) -> tuple[Rule, tuple[str, ...]] | None:
    """The first rule that the message matches, with its phrases that stand in it; None without one.

    Words are compared by their stems, in any case; those of a phrase stand next to each other. In scripts without
    spaces the phrase stands anywhere.
    """
    said = stems(text)
    for rule in rules:
        found = tuple(phrase for phrase in rule.phrases if _stands(stems(phrase), said) or _written_in(phrase, text))
        if found and (len(found) == len(rule.phrases) or not rule.every):
            return rule, found
    return None


def _stands(phrase: Sequence[str], said: Sequence[str]) -> bool:
    size = len(phrase)
    return size > 0 and any(said[at : at + size] == phrase for at in range(len(said) - size + 1))


def _written_in(phrase: str, text: str) -> bool:
    return bool(UNSPACED.search(phrase)) and phrase.casefold() in text.casefold()
