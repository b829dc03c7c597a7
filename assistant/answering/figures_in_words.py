"""What the figures of a record mean, in words for people. Figures that are not known here keep their names. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.answers import CompletionRecord
from assistant.llm.failures import failure_words
from assistant.llm.gateway import ANSWER
from assistant.llm.port import NOT_MADE

# By feature of the reranker or of the quotation: what raised a candidate or stretch above another, and what lowered it.
_CANDIDATE = {
    "dense": ("near in meaning", "further in meaning"),
    "title": ("title near in meaning", "title further in meaning"),
    "lexical": ("shares rare words", "shares fewer rare words"),
    "cover": ("holds much of the question", "holds little of the question"),
    "title_cover": ("title names what was asked", "title does not name what was asked"),
    "title_precision": ("title is about little else", "title is about other things too"),
    "heading_cover": ("heading names what was asked", "heading does not name what was asked"),
    "proximity": ("the words stand close together", "the words do not stand together"),
    "ordinal": ("early in its article", "late in its article"),
    "next_best": ("stands out in its article", "other parts of its article are as near"),
    "article": ("its article stands out", "another article stands out"),
    "section": ("the search found its section", "the search found other sections"),
    "beyond": ("its heading is what was asked", "its heading is not what was asked"),
    "titled": ("the title above it is what was asked", "the title above it is not what was asked"),
    "length": ("of a better length", "of a worse length"),
    "intro": ("under a heading", "before the first heading"),
    "begins": ("the beginning of its section", "not the beginning of its section"),
    "whole": ("all of its section", "a part of its section"),
    "steps": ("it has steps", "it has no steps"),
    "cause": ("under a heading on the cause", "not under a heading on the cause"),
    "code": ("it has code", "it has no code"),
    "how_steps": ("steps, as was asked for", "no steps, which were asked for"),
    "how_answer": ("under a heading that says it is the answer", "under no heading that says it is the answer"),
    "why_cause": ("the cause, as was asked for", "not the cause, which was asked for"),
    "problem": ("not under a heading on the problem", "under a heading on the problem"),
    "aside": ("not an aside", "an aside"),
    "no_sentence": ("sentences", "words without a sentence"),
    "restates": ("says more than the question", "repeats the question"),
    "asks": ("no question itself", "a question itself"),
    "best_gap": ("a nearer part stands beside it", "no nearer part stands beside it"),
}
_CONFIDENCE = {
    "subject": "Is it a subject of the help centre",
    "answer": "Does an article stand out as the answer",
    "standing": "Share of the odds that the best article has",
    "dense": "Nearness in meaning of the best passage",
    "fused": "Score of the best passage",
    "cover": "Share of the question's words in the best passage",
    "cover_all": "Share of the question's words in all passages",
    "missing": "Rare words of the question that no passage holds",
    "named": "A title or heading says all that is asked",
}
_WHY_REWRITTEN = {
    "fragment": "The message is a fragment",
    "refers back": "The message refers back",
    "goes on": "The message goes on from the one before",
}
# As records name them.
_RULES = {"confidence against what a wrong answer costs": "answers only when sure enough"}
MOST_REASONS = 3
# Of a candidate's mark: what moves it less is not worth a word.
LEAST_WEIGHT = 0.1


def confidence_words(name: str) -> str:
    """A feature or another figure of the confidence."""
    return _CONFIDENCE.get(name) or _plain(name).capitalize()


def rule_words(rule: str) -> str:
    """The rule that decided, for who has not written it."""
    return _RULES.get(rule, rule)


def cost_words(wrong_answer_cost: float) -> str:
    """What a wrong answer is taken to cost."""
    return f"{wrong_answer_cost:g} unneeded handoff{'' if wrong_answer_cost == 1 else 's'}"


def model_words(model: str | None, calls: Sequence[CompletionRecord], *, quoted: bool) -> str:
    """Who wrote an answer: a model; none, where articles are quoted; else that its words are set, and who was asked."""
    if model:
        return model
    if quoted:
        return "None: quoted from articles"
    wrote = dict.fromkeys(call.model for call in calls if call.purpose == ANSWER and call.outcome == "ok")
    return f"None: nothing of what {', '.join(wrote)} wrote is shown" if wrote else "None: a set text"


def failed_words(calls: Sequence[CompletionRecord]) -> list[str]:
    """The calls for the answer that failed, by model and how."""
    failed = Counter(
        f"{call.model}: {failure_words(call.outcome, call.status)}"
        for call in calls
        if call.purpose == ANSWER and call.outcome not in ("ok", "cancelled", *NOT_MADE)
    )
    return [words if times == 1 else f"{words}, {times} times" for words, times in failed.items()]


def skipped_words(skipped: Mapping[str, str], calls: Sequence[CompletionRecord]) -> list[str]:
    """The models that were never asked for the answer, and why."""
    asked = {call.model for call in calls if call.purpose == ANSWER and call.outcome not in NOT_MADE}
    return [f"{model}: {failure_words(kind)}" for model, kind in skipped.items() if model not in asked]


def rewriting_words(why: str | None, fault: str | None = None) -> str:
    """Why another question was looked up than was asked; "" when it was the same.

    `fault`: where a model was asked to put the question, why its text was not taken; "" when it was, None without one.
    """
    if not why:
        return ""
    put = "a model put it as a question of its own" if fault == "" else "words of the questions before it were added"
    unused = f" A model's rewriting was not used: {fault}." if fault else ""
    return f"{_WHY_REWRITTEN.get(why, f'Rewritten: {why}')}, so {put}.{unused}"


def narrowing_words(narrowed: Mapping[str, Any] | None) -> str:
    """What was looked up alone of a message that was not answered as a whole; "" where nothing was."""
    if not narrowed:
        return ""
    whole, stretches = narrowed["whole"], narrowed["stretches"]
    of = "1 stretch of it" if len(stretches) == 1 else f"{len(stretches)} stretches of it"
    begun = (
        f"As a whole the message reached {whole['value']:.2f} of {whole['threshold']:.2f}, so {of} "
        f"{'was' if len(stretches) == 1 else 'were'} looked up alone."
    )
    chosen = narrowed["chosen"]
    best = max(stretches, key=lambda each: each["value"]) if chosen is None else stretches[chosen]
    sure = max(narrowed["sure"], best["threshold"])
    bounds = f"a confidence of {sure:.2f} and {narrowed['subject']:.2f} for its subject"
    if chosen is None:
        return f"{begun} None reached {bounds}; the surest was {_stretch_words(best)}."
    return f"{begun} Answered is {_stretch_words(best)}, which reaches {bounds}."


def _stretch_words(stretch: Mapping[str, Any]) -> str:
    return f"“{stretch['text']}” with {stretch['value']:.2f} and {stretch['subject'] or 0.0:.2f}"


def reasons(candidates: Sequence[Mapping[str, float]], weights: Mapping[str, float]) -> list[tuple[str, ...]]:
    """For each candidate's features, best first, what counted most for it (+) or against it (-).

    Each is held against the best, that one against the second: what most of them have in common tells nothing.
    """
    measured = [features for features in candidates if features]
    if len(measured) < 2:
        return [() for _ in candidates]
    best, second = measured[:2]
    return [
        _reasons(features, second if features is best else best, weights) if features else () for features in candidates
    ]


def _reasons(
    features: Mapping[str, float], other: Mapping[str, float], weights: Mapping[str, float]
) -> tuple[str, ...]:
    counted: dict[str, float] = {}
    for name, weight in weights.items():
        subject = name.removesuffix("_z").removesuffix("_squared").removeprefix("marked_")
        counted[subject] = counted.get(subject, 0.0) + weight * ((features.get(name) or 0.0) - (other.get(name) or 0.0))
    telling = [(subject, by) for subject, by in counted.items() if abs(by) >= LEAST_WEIGHT]
    telling.sort(key=lambda each: -abs(each[1]))
    return tuple(_reason(subject, by) for subject, by in telling[:MOST_REASONS])


def _reason(subject: str, by: float) -> str:
    plain = _plain(subject)
    raised, lowered = _CANDIDATE.get(subject, (plain, plain))
    return f"+ {raised}" if by > 0 else f"- {lowered}"


def _plain(name: str) -> str:
    return name.replace("_", " ")
