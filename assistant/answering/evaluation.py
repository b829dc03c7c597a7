"""Answers to a file of questions with known outcomes, and what each tells of the figures."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from asgiref.sync import async_to_sync
from django.conf import settings

from assistant.answering import confidence, context, prompts, rewriting, wording
from assistant.answering.asking import answer_json, answer_once
from assistant.answering.figures import FIGURES, token_f1
from assistant.answers import Answer, AnswerUnavailable, Question, Said
from assistant.conversations.policy import rules_for
from assistant.llm.entries import shown
from assistant.llm.openai import close_clients
from assistant.states import Decision, Role
from knowledge.evaluation.provenance import embedding_model, hash_of, retrieval_settings
from knowledge.evaluation.resampling import Columns
from knowledge.models import Document

COLUMNS = (
    "confidence",
    "latency_ms",
    "decided_rightly",
    "withheld",
    "to_withhold",
    "withheld_rightly",
    "answerable",
    "cited",
    "to_cite",
    "cited_rightly",
    "token_f1",
)


class UnusableInput(Exception):
    """The file of questions cannot be read; the message says where and why."""


@dataclass(frozen=True)
class Case:
    """A question with what is known of it; what is not known is None."""

    id: str
    text: str
    history: tuple[Said, ...] = ()
    expect: Decision | None = None
    answer: str | None = None
    articles: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Result:
    """A case and the answer that it got; None when it could not be run."""

    case: Case
    answer: Answer | None


def read_cases(path: Path) -> list[Case]:
    """The questions of a JSON-lines file. Raises UnusableInput."""
    try:
        # Not splitlines: other line breaks than the line feed may stand within a text.
        lines = path.read_text(encoding="utf-8").split("\n")
        return [_case(json.loads(line), number) for number, line in enumerate(lines, start=1) if line.strip()]
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UnusableInput(f"{path}: {error}") from error


def unknown_articles(cases: Sequence[Case], collection: str) -> list[str]:
    """The articles that cases expect to be cited and the collection does not have, in their order."""
    named = dict.fromkeys(article for case in cases for article in case.articles or ())
    held = set(
        Document.objects.filter(collection__slug=collection, article__in=named).values_list("article", flat=True)
    )
    return [article for article in named if article not in held]


def run(cases: Sequence[Case], collection: str) -> Iterator[Result]:
    """Answers each case with the real code; nothing of it is stored. Raises UnknownCollection."""
    rules = rules_for(None)
    for case in cases:
        question = Question(case.text, collection, history=case.history, rules=rules)
        try:
            yield Result(case, async_to_sync(answer_once)(question))
        except AnswerUnavailable:
            yield Result(case, None)


def looked_up(text: str, history: Sequence[tuple[str, str]]) -> str:
    """What is looked up for a message after this history of (role, text)."""
    question = Question(text, "", history=tuple(Said(Role(role), said) for role, said in history))
    return async_to_sync(_looked_up)(replace(question, locale=wording.spoken(text, question.history, "")))


async def _looked_up(question: Question) -> str:
    by_rules = context.standalone(question.text, question.history)
    try:
        rewrite = await rewriting.rewritten(question, by_rules, settings.TURN_DEADLINE_SECONDS)
    finally:
        await close_clients()
    return rewrite.text if rewrite else by_rules


def as_line(result: Result) -> dict[str, Any]:
    """One line of `--out`: the shape of `ask --json` plus `_id`, without turn and conversation."""
    kept = {"turn": None, "conversation": None}
    return {
        "_id": result.case.id,
        **(answer_json(result.answer) if result.answer else {"error": "unavailable"}),
        **kept,
    }


def figures(results: Sequence[Result]) -> dict[str, Any]:
    """The contract's figures; one that the cases cannot give is None."""
    held = columns(results)
    found: dict[str, Any] = {}
    for name, figure in FIGURES.items():
        value = figure(held)
        outer, _, inner = name.partition(".")
        known = None if math.isnan(value) else value
        found.update({outer: {**found.get(outer, {}), inner: known}} if inner else {outer: known})
    return {**found, "questions": len(results)}


def columns(results: Sequence[Result]) -> Columns:
    """What each case tells of each figure, in their order; nan where it tells nothing."""
    rows = [_told(result.case, result.answer) for result in results]
    return {name: np.array([row.get(name, math.nan) for row in rows], dtype=np.float64) for name in COLUMNS}


def _told(case: Case, answer: Answer | None) -> dict[str, float]:
    if answer is None:
        return {}
    told: dict[str, float] = {"confidence": answer.confidence, "latency_ms": answer.timings_ms["total"]}
    if case.expect is not None:
        withheld, to_withhold = answer.decision != Decision.ANSWER, case.expect != Decision.ANSWER
        told |= {
            "decided_rightly": case.expect == answer.decision,
            "withheld": withheld,
            "to_withhold": to_withhold,
            "withheld_rightly": withheld and to_withhold,
        }
    if case.expect in (Decision.ANSWER, Decision.ABSTAIN):
        told["answerable"] = case.expect is Decision.ANSWER
    # One that is to be answered and was not cites nothing of what it should: to abstain raises no recall.
    if case.articles is not None and Decision.ANSWER in (answer.decision, case.expect or Decision.ANSWER):
        cited, right = {source.article for source in answer.sources}, set(case.articles)
        told |= {"cited": len(cited), "to_cite": len(right), "cited_rightly": len(cited & right)}
    if case.answer is not None:
        told["token_f1"] = token_f1(answer.text, case.answer)
    return told


def measured_with() -> dict[str, str | int | None]:
    """What answers depend on besides the code: the ranking's settings, calibration, models, prompts and rules."""
    generative, rules = bool(settings.GENERATIVE), rules_for(None)
    return {
        **retrieval_settings(),
        "calibration": _calibration(embedding_model()),
        **_models(generative),
        "prompt": prompts.version("answer") if generative else None,
        "rewriting prompt": prompts.version("rewrite") if _rewrites() else None,
        "checked by": shown(settings.GROUNDING_MODEL) or None if generative else None,
        "escalation rules": len(rules),
        "escalation rules hash": hash_of([asdict(rule) for rule in rules])[:12],
    }


def _calibration(model: str) -> str:
    """The first digits of the hash of what was fitted with the model, for questions in other languages too."""
    fitted = [dict(confidence.calibration(model, translated=translated)) for translated in (False, True)]
    return hash_of(fitted)[:12]


def rewritten_with() -> dict[str, str | None]:
    """What the texts looked up for messages with a history depend on besides the code; None without a model."""
    return {**_models(_rewrites()), "rewriting prompt": prompts.version("rewrite") if _rewrites() else None}


def _rewrites() -> bool:
    return bool(settings.GENERATIVE) and settings.REWRITE_SECONDS > 0


def _models(asked: bool) -> dict[str, str | None]:
    return {
        "model": settings.LLM_MODEL if asked else None,
        "fallbacks": ", ".join(map(shown, settings.LLM_FALLBACK_MODELS)) if asked else None,
    }


def data_hashes(cases: Sequence[Case], collection: str) -> dict[str, str]:
    """Of the questions, and of the published articles that were asked."""
    published = Document.objects.filter(collection__slug=collection, status=Document.Status.PUBLISHED)
    articles = sorted(published.values_list("article", "content_hash"))
    return {"questions": hash_of([asdict(case) for case in cases]), "articles": hash_of(articles)}


def _case(row: Any, number: int) -> Case:
    try:
        return Case(
            id=str(row["_id"]),
            text=str(row["text"]),
            history=tuple(Said(Role(said["role"]), str(said["text"])) for said in row.get("history") or ()),
            expect=Decision(row["expect"]) if row.get("expect") else None,
            answer=str(row["answer"]) if row.get("answer") else None,
            articles=tuple(str(article) for article in row["articles"]) if row.get("articles") is not None else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnusableInput(f"line {number}: {error!r}") from error
