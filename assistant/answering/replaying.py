"""A turn answered again: as of then from its record, and as of now from today's knowledge. Stores nothing."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from asgiref.sync import async_to_sync
from django.db import Error as DatabaseError

from assistant.answering import clarifying, confidence, context, differences, narrowing, pipeline, rewriting, wording
from assistant.answering.model_check import Ask, Heard
from assistant.answering.outcomes import CAPPED
from assistant.answering.readings import Found, found_of
from assistant.answering.record import lookup_text, passage_of, rule_of
from assistant.answering.recorded import answer_of, completion_of
from assistant.answering.several import Part
from assistant.answering.support import Claimed
from assistant.answering.withholding import Withheld
from assistant.answers import Answer, AnswerUnavailable, Delta, Question, Status
from assistant.conversations.messages import storable
from assistant.conversations.selectors import question_of
from assistant.llm import gateway
from assistant.llm.openai import close_clients
from assistant.models import Turn
from knowledge.models import Document, Revision
from knowledge.retrieval import Passage, Query, Retrieval, Understood, UnknownCollection

T = TypeVar("T")
# Between what was looked up for each of several questions.
ROW = " | "


class NotReplayable(Exception):
    """The record does not hold what is needed; the message says what is missing."""


@dataclass(frozen=True)
class Run:
    """One answer given again, with what differs from the recorded one, and which versions of what made it.

    Without an answer, `failure` says why.
    """

    answer: Answer | None
    differences: Mapping[str, Any]
    versions: Mapping[str, Any]
    failure: str = ""

    @property
    def same(self) -> bool:
        return self.answer is not None and not self.differences


@dataclass(frozen=True)
class Replay:
    """A recorded answer and both others.

    `articles` are those that were read and have changed since; `rules` is how today's code reads what was asked and
    found then, where that differs from the record.
    """

    question: Question
    recorded: Answer
    then: Run
    now: Run
    articles: list[dict[str, Any]]
    rules: Mapping[str, Any]


def replay(turn: Turn) -> Replay:
    """Answer a finished turn again, twice. Raises NotReplayable when it has no recorded answer."""
    recorded = answer_of(turn)
    if recorded is None:
        raise NotReplayable("the turn has no answer: it was stopped, a person took over, or it is not finished")
    asked = recorded.explanation.get("asked", {})
    question = _as_asked(question_of(turn), asked, "collection", "locale")
    then = _run(recorded, lambda: _answered(_of_then(question, asked), _doors(recorded.explanation)))
    now = _run(recorded, lambda: _answered(question, pipeline.TODAY))
    return Replay(
        question, recorded, then, now, _changed_articles(recorded.explanation), _rules_since(question, recorded)
    )


def _run(recorded: Answer, give: Any) -> Run:
    try:
        answer: Answer = give()
    except NotReplayable as error:
        return Run(None, {}, {}, str(error))
    except (AnswerUnavailable, DatabaseError) as error:
        return Run(None, {}, {}, f"the knowledge base could not be read: {error}")
    except UnknownCollection as error:
        return Run(None, {}, {}, f"there is no collection {error} any more")
    answer = replace(answer, text=storable(answer.text))  # as it would be stored
    return Run(answer, differences.between(recorded, answer), differences.of_versions(recorded, answer))


def _answered(question: Question, doors: pipeline.Doors) -> Answer:
    async def answer() -> Answer:
        try:
            return await pipeline.answer(question, _unheard, doors=doors)
        finally:
            await close_clients()

    return async_to_sync(answer)()


async def _unheard(event: Status | Delta) -> None:
    """Nobody watches."""


def _as_asked(question: Question, asked: Mapping[str, Any], *names: str) -> Question:
    """The question with these settings as they were then, as far as they were kept."""
    apart = ("text", "history", "grounding")  # the messages are still there, and both ways to check end alike
    return replace(question, **{name: asked[name] for name in names if name in asked and name not in apart})


def _of_then(question: Question, asked: Mapping[str, Any]) -> Question:
    """The question with all settings of then, and of the escalation rules the one that the message matched, if any."""
    question = _as_asked(question, asked, *(field.name for field in fields(Question) if field.name != "rules"))
    if "rule" not in asked:
        return question
    rule = rule_of(asked["rule"]) if asked["rule"] else None
    if asked["rule"] and rule is None:
        raise NotReplayable("its escalation rule was too long to be kept whole")
    return replace(question, rules=(rule,) if rule else ())


def _doors(record: Mapping[str, Any]) -> pipeline.Doors:
    """Doors to what was recorded."""
    if "format" not in record:
        raise NotReplayable("it was answered before all that a replay needs was kept")
    if "confidence" not in record:
        return pipeline.Doors(look_up=_looked_up_only_now, rewrite=_as_then(None))
    looked_up = record.get("parts", [record])
    parts = tuple(Part(kept.get("question", ""), _query_of_then(kept)) for kept in looked_up)
    found = {part.text: _found(record, kept) for part, kept in zip(parts, looked_up, strict=True)}
    read = {found[part.text].lookup: _reading(kept["confidence"]) for part, kept in zip(parts, looked_up, strict=True)}
    alone = next(iter(found.values())) if "parts" not in record else None
    calls = [completion_of(kept) for kept in record["completions"]]
    return pipeline.Doors(
        divide=lambda question: parts,
        look_up=lambda lookup, *_: alone or _looked_up_then(found, lookup),
        read=lambda question, each: read[each.lookup],
        complete=lambda prompt, on_text, deadline: _complete(record, on_text),
        rewrite=_as_then(rewriting.recorded(record.get("rewriting", {}), _query_of_then(record), calls)),
        check=lambda: _opinions(record),
        capped=_as_then(record.get("basis", {}).get("rule") == CAPPED),
        generative=record["prompt"] is not None,
    )


def _opinions(record: Mapping[str, Any]) -> Ask | None:
    """What a model said of the sentences then; None when none was asked."""
    said = {(kept["sentence"], tuple(kept["cited"])): kept.get("opinion", "") for kept in record["sentences"]}

    async def as_then(claim: Claimed, *_: Any) -> Heard:
        return said.get(claim, "no reply"), ()

    return as_then if any(said.values()) else None


def _as_then(came: T) -> Callable[..., Awaitable[T]]:
    async def again(*_: Any) -> T:
        return came

    return again


def _looked_up_then(found: Mapping[str, Found], lookup: str) -> Found:
    if lookup not in found:
        raise NotReplayable("then its questions were answered one by one; by today's rules they would not be")
    return found[lookup]


def _looked_up_only_now(*_: Any) -> Found:
    raise NotReplayable("then the words alone decided; by today's rules it would be looked up")


def _found(record: Mapping[str, Any], looked_up: Mapping[str, Any]) -> Found:
    """The passages in the articles' texts of then; `looked_up` is the record itself, or a part of it."""
    if any(len(kept["text"]) < kept["characters"] for kept in looked_up["passages"]):
        raise NotReplayable("its passages were too long to be kept whole")
    texts: dict[tuple[int, int], str] = {}
    passages = []
    for kept in looked_up["passages"]:
        passage = passage_of(kept)
        if not kept["alone"]:
            text = _text_of_then(passage)
            texts[passage.document_id, passage.revision] = text
            passage = replace(passage, text=text[passage.start : passage.end])
        passages.append(passage)
    retrieval = _retrieval(record["asked"], looked_up, tuple(passages))
    found = found_of(looked_up["lookup"]["text"], retrieval, texts, {})
    # What was left out whole is no passage of the record, and of an article that was not read it is blank already.
    withheld = (*(Withheld(**kept) for kept in record.get("withheld", ())), *found.withheld)
    return replace(found, withheld=tuple(dict.fromkeys(withheld)))


def _retrieval(asked: Mapping[str, Any], looked_up: Mapping[str, Any], passages: tuple[Passage, ...]) -> Retrieval:
    kept = looked_up["retrieval"]
    query = Query(_query_of_then(looked_up), asked["collection"], asked["locale"], pipeline.PASSAGES)
    understood = Understood(looked_up["lookup"]["text"], kept["corrections"])
    named = {name: kept[name] for name in ("generation", "embedding_model", "recipe", "timings_ms")}
    return Retrieval(query, passages, (), degraded=tuple(kept["degraded"]), understood=understood, **named)


def _query_of_then(record: Mapping[str, Any]) -> str:
    """What the search was asked, before it put mistyped words right."""
    query: str = record["retrieval"].get("query", record["lookup"]["text"])
    return query


def _text_of_then(passage: Passage) -> str:
    revisions = Revision.objects.filter(document_id=passage.document_id, number=passage.revision)
    current = Document.objects.filter(pk=passage.document_id, revision=passage.revision)
    for rows in (revisions, current):
        text: str | None = rows.values_list("text", flat=True).first()
        if text is not None:
            return text
    raise NotReplayable(f"revision {passage.revision} of the article {passage.article} is gone")


def _reading(kept: Mapping[str, Any]) -> confidence.Reading:
    named = {
        "confidence": kept["value"],
        "threshold": kept["threshold"],
        "features": kept["features"],
        **kept["figures"],
    }
    return confidence.Reading(**{f.name: named[f.name] for f in fields(confidence.Reading) if f.name in named})


async def _complete(record: Mapping[str, Any], on_text: gateway.OnText) -> gateway.Completion:
    """What the models wrote then."""
    kept = [call for call in record["completions"] if call["purpose"] == gateway.ANSWER]
    calls = tuple(completion_of(call) for call in kept)
    if not calls or calls[-1].outcome != "ok":
        return gateway.Completion("", None, calls)
    if len(calls[-1].text) < kept[-1]["characters"]:
        raise NotReplayable("the model's text was too long to be kept whole")
    await on_text(0, calls[-1].text)
    return gateway.Completion(calls[-1].text, calls[-1].model, calls)


def _changed_articles(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Articles that were read then and are of another revision now, or not published any more (None)."""
    read = {kept["article"]: kept for kept in record.get("passages", ()) if "document_id" in kept}
    published = Document.objects.filter(
        pk__in=[kept["document_id"] for kept in read.values()], status=Document.Status.PUBLISHED
    )
    revisions = dict(published.values_list("pk", "revision"))
    return [
        {
            "article": article,
            "title": kept["title"],
            "revision_then": kept["revision"],
            "revision_now": revisions.get(kept["document_id"]),
        }
        for article, kept in read.items()
        if revisions.get(kept["document_id"]) != kept["revision"]
    ]


def _rules_since(question: Question, recorded: Answer) -> dict[str, Any]:
    """How today's rules look up the question, and how sure today's calibration is of the passages of then."""
    record = recorded.explanation
    if "format" not in record or "confidence" not in record:
        return {}
    looked_up = record.get("parts", [record])
    then = record["rewriting"]["by_rules"] if "rewriting" in record else _queries(looked_up)
    pairs: dict[str, tuple[Any, Any]] = {"looked_up": (then, _queries_now(question, then, len(looked_up)))}
    with contextlib.suppress(NotReplayable):
        now = [pipeline.TODAY.read(question, _found(record, kept)) for kept in looked_up]
        then = [_reading(kept["confidence"]) for kept in looked_up]
        for name in ("confidence", "threshold"):
            pairs[name] = (_told(then, name), _told(now, name))
    return {name: {"was": was, "is": now} for name, (was, now) in pairs.items() if was != now}


def _queries(looked_up: Sequence[Mapping[str, Any]]) -> str:
    return ROW.join(_query_of_then(kept) for kept in looked_up)


def _queries_now(question: Question, then: str, of: int) -> str:
    """What today's rules would look up; of one question what it would be as a whole, or that sentence of it."""
    question = replace(question, locale=wording.spoken(question.text, question.history, question.locale))
    choices = clarifying.chosen(question.text, question.history)
    whole = choices[0] if choices else context.standalone(question.text, question.history)
    if then in map(lookup_text, narrowing.stretches(whole)):
        return then
    parts = clarifying.parts_of(choices) if choices else pipeline.TODAY.divide(question)
    parts = parts if of > 1 else ()
    return ROW.join(lookup_text(part.text) for part in parts) or lookup_text(whole)


def _told(readings: Sequence[confidence.Reading], name: str) -> Any:
    """A figure of one reading; of several the figures in a row."""
    figures = [getattr(reading, name) for reading in readings]
    return figures[0] if len(figures) == 1 else ROW.join(map(str, figures))
