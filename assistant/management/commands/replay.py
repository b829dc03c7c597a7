"""`manage.py replay TURN`: a recorded answer, given again as of then and as of now, and how they differ."""

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from assistant.answering.asking import answer_json
from assistant.answering.replaying import NotReplayable, Replay, Run, replay
from assistant.answers import Answer
from assistant.models import Message, Turn
from assistant.templatetags.answers import basis_words, stretches


class Command(BaseCommand):
    """Thin: a turn in, differences out. Exit 0 when both ran, 1 when something could not be run, 2 for wrong usage."""

    help = "Answer a recorded turn again, from its record and from today's articles, and show what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        """TURN [--json]"""
        parser.add_argument("turn", metavar="TURN", help="id of a turn, as the desk shows it, or of a message of it")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints what differs."""
        try:
            turn = _turn(options["turn"])
            done = replay(turn)
        except Turn.DoesNotExist as error:
            raise CommandError("there is no such turn, and no message of one", returncode=2) from error
        except NotReplayable as error:
            raise CommandError(str(error), returncode=1) from error
        except DatabaseError as error:
            raise CommandError(f"the turn cannot be read now: {error}", returncode=1) from error
        shown = json.dumps(_as_json(turn, done), ensure_ascii=False) if options["json"] else _plain(turn, done)
        self.stdout.write(shown)
        failures = [f"{name}: {run.failure}" for name, run in _runs(done).items() if run.failure]
        if failures:
            raise CommandError("; ".join(failures), returncode=1)


def _turn(named: str) -> Turn:
    """The turn of that id, or of the message of that id. Raises Turn.DoesNotExist."""
    try:
        identifier = uuid.UUID(named)
    except ValueError:
        raise Turn.DoesNotExist from None
    turn_id = Message.objects.filter(pk=identifier).values_list("turn_id", flat=True).first() or identifier
    return Turn.objects.get(pk=turn_id)


def _runs(done: Replay) -> dict[str, Run]:
    return {"as of then": done.then, "as of now": done.now}


def _as_json(turn: Turn, done: Replay) -> dict[str, Any]:
    return {
        "turn": str(turn.pk),
        "conversation": str(turn.conversation_id),
        "question": done.question.text,
        "earlier_messages": len(done.question.history),
        "parts": _parts(done),
        "recorded": _answer_json(done.recorded),
        "quotation": _quotation(done.recorded),
        "as_of_then": _run_json(done.then),
        "as_of_now": _run_json(done.now),
        "articles_changed": done.articles,
        "rules_changed": done.rules,
    }


def _parts(done: Replay) -> list[dict[str, Any]]:
    """Each of several questions as it was looked up and read; empty for one."""
    return [
        {
            "question": part["question"],
            "looked_up": part["lookup"]["text"],
            "confidence": part["confidence"]["value"],
            "answered": part["answered"],
        }
        for part in done.recorded.explanation.get("parts", ())
    ]


def _answer_json(answer: Answer) -> dict[str, Any]:
    """As the contract prints it, with the rule behind its decision."""
    return {**answer_json(answer), "basis": answer.explanation.get("basis")}


def _run_json(run: Run) -> dict[str, Any]:
    return {
        "answer": _answer_json(run.answer) if run.answer else None,
        "same": run.same,
        "differences": run.differences,
        "quotation": _quotation(run.answer),
        "versions_changed": run.versions,
        "failure": run.failure or None,
    }


def _quotation(answer: Answer | None) -> dict[str, Any] | None:
    """Of words that were quoted the likeliest stretches, with what they were weighed by."""
    quotation: dict[str, Any] | None = answer.explanation.get("quotation") if answer else None
    return quotation


def _plain(turn: Turn, done: Replay) -> str:
    lines = [f"Turn {turn.pk}", f"Question: {done.question.text}", f"Looked up: {done.recorded.question}", ""]
    lines += [f"Recorded: {done.recorded.decision} ({done.recorded.reason}), confidence {done.recorded.confidence}"]
    lines += _because(done.recorded)
    lines += [f"  {_part(part)}" for part in _parts(done)]
    for name, run in _runs(done).items():
        lines += ["", f"{name.capitalize()}: {_verdict(run)}", *_differences(run.differences)]
        lines += [] if run.same or run.answer is None else _because(run.answer)
        lines += [f"  made with another {what.strip()}" for what in _differences(run.versions)]
    if done.articles:
        lines += ["", "Articles changed since:"]
        lines += [f"  {a['title']}: revision {a['revision_then']}, now {_revision(a)}" for a in done.articles]
    if done.rules:
        lines += ["", "Today's rules on what was asked and found then:", *_differences(done.rules)]
    return "\n".join(lines)


def _part(part: Mapping[str, Any]) -> str:
    became = "answered" if part["answered"] else "not found"
    return f"{part['question']} ({part['looked_up']}): {became}, confidence {part['confidence']}"


def _because(answer: Answer) -> list[str]:
    """The rule behind a decision, and behind that no article answers where another one decided."""
    kept = answer.explanation
    named = {"because of": kept.get("basis"), "of the articles": kept.get("answerable")}
    return [f"  {name}: {basis_words(basis)}" for name, basis in named.items() if basis]


def _verdict(run: Run) -> str:
    if run.answer is None:
        return f"could not be run: {run.failure}"
    return "the same answer" if run.same else f"{run.answer.decision} ({run.answer.reason}), it differs:"


def _revision(article: Mapping[str, Any]) -> str:
    return "not published" if article["revision_now"] is None else str(article["revision_now"])


def _differences(found: Mapping[str, Any]) -> Iterator[str]:
    for name, differs in found.items():
        words = name.replace("_", " ")
        if name == "text":
            yield "  text:"
            yield from (f"    {line}" for line in differs)
        elif name == "sources":
            yield from _sources(differs)
        else:
            was, now = ("none" if value in (None, "") else value for value in (differs["was"], differs["is"]))
            yield f"  {words}: was {was}, is {now}"


def _sources(differs: Mapping[str, Any]) -> Iterator[str]:
    for kind in ("added", "lost"):
        yield from (f"  source {kind}: [{source['n']}] {source['title']}" for source in differs.get(kind, ()))
    for moved in differs.get("moved", ()):
        was, now = moved["was"], moved["is"]
        yield f"  source moved: {moved['article']}, was {_place(was)}, is {_place(now)}"


def _place(source: Mapping[str, Any]) -> str:
    shown = f", shown {stretches(source['spans'])}" if source.get("spans") else ""
    return f"[{source['n']}] at {source['start']} of revision {source['revision']}{shown}"
