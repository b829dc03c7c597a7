"""`manage.py evaluate retrieval|answers ...`: figures of the real code on a set of questions with known answers."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from assistant.answering import evaluation as answers
from assistant.answering.context import standalone
from assistant.answers import Said
from assistant.states import Role
from knowledge import evaluation
from knowledge.ingestion import Progress
from knowledge.retrieval import UnknownCollection, find_collection


class Command(BaseCommand):
    """Thin: arguments in, figures out; one subcommand for each thing that can be evaluated."""

    help = "Measure retrieval or answers on a set of questions with known answers."

    def add_arguments(self, parser: CommandParser) -> None:
        """retrieval --corpus FILE --queries FILE --qrels FILE [--run OUT] [--k 10]
        answers --questions FILE [--out FILE]"""
        kinds = parser.add_subparsers(dest="kind", required=True)
        retrieval = kinds.add_parser("retrieval", help="recall and ranking over a BEIR corpus")
        retrieval.add_argument("--corpus", type=Path, required=True, metavar="FILE")
        retrieval.add_argument("--queries", type=Path, required=True, metavar="FILE")
        retrieval.add_argument("--qrels", type=Path, required=True, metavar="FILE")
        retrieval.add_argument("--run", type=_writable, metavar="OUT", help="write a TREC run here")
        retrieval.add_argument("--k", type=_depth, default=10, metavar="K", help="documents a query, default 10")
        retrieval.add_argument("--json", action="store_true", help="print one JSON object on standard output")
        retrieval.set_defaults(evaluate=self.evaluate_retrieval)
        answered = kinds.add_parser("answers", help="decisions, citations and words over a file of questions")
        answered.add_argument("--questions", type=Path, required=True, metavar="FILE")
        answered.add_argument("--collection", default="default", metavar="SLUG")
        answered.add_argument("--out", type=_writable, metavar="FILE", help="write one JSON line a question here")
        answered.add_argument("--json", action="store_true", help="print one JSON object on standard output")
        answered.set_defaults(evaluate=self.evaluate_answers)

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 0, 1 when something could not be run, 2 for wrong usage."""
        signal.signal(signal.SIGTERM, _interrupt)  # so that it cleans up as after Ctrl-C
        options["evaluate"](options)

    def evaluate_retrieval(self, options: dict[str, Any]) -> None:
        """Prints the figures; progress goes to standard error."""
        try:
            queries = evaluation.read_queries(options["queries"])
            qrels = evaluation.read_qrels(options["qrels"])
            if not options["corpus"].is_file():
                raise evaluation.UnusableInput(f"{options['corpus']}: no such file")
        except evaluation.UnusableInput as error:
            raise CommandError(str(error), returncode=2) from error
        try:
            figures = evaluation.evaluate_retrieval(
                options["corpus"], queries, qrels, rewrite=_rewrite, depth=options["k"], progress=_show
            )
        except evaluation.CorpusNotIngested as error:
            raise CommandError(str(error), returncode=1) from error
        if options["run"]:
            with options["run"].open("w", encoding="utf-8") as out:
                evaluation.write_run(figures.rankings, out)
        self.stdout.write(json.dumps(figures.as_dict()) if options["json"] else _table(figures.as_dict()))

    def evaluate_answers(self, options: dict[str, Any]) -> None:
        """Prints the figures; nothing of the questions is stored."""
        try:
            find_collection(options["collection"])  # small talk alone would never ask for it
            results = list(answers.run(answers.read_cases(options["questions"]), options["collection"]))
        except answers.UnusableInput as error:
            raise CommandError(str(error), returncode=2) from error
        except UnknownCollection as error:
            raise CommandError("there is no such collection", returncode=2) from error
        except DatabaseError as error:
            raise CommandError(f"the questions could not be run: {error}", returncode=1) from error
        if options["out"]:
            lines = (json.dumps(answers.as_line(result), ensure_ascii=False) + "\n" for result in results)
            options["out"].write_text("".join(lines), encoding="utf-8")
        figures = answers.figures(results)
        self.stdout.write(json.dumps(figures) if options["json"] else _table(figures))
        failed = sum(result.answer is None for result in results)
        if failed:
            raise CommandError(f"{failed} questions could not be run", returncode=1)


def _rewrite(text: str, history: Sequence[tuple[str, str]]) -> str:
    return standalone(text, [Said(Role(role), said) for role, said in history])


def _depth(word: str) -> int:
    if not word.isdecimal() or not 1 <= int(word) <= 1000:
        raise argparse.ArgumentTypeError("must be a whole number from 1 to 1000")
    return int(word)


def _writable(word: str) -> Path:
    """A file that can be written: said before an hour of evaluation, not after it."""
    path = Path(word)
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{word} cannot be written")
    return path


def _show(progress: Progress) -> None:
    sys.stderr.write(f"\r{progress.seen} documents")
    sys.stderr.flush()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _table(figures: dict[str, Any]) -> str:
    return "\n".join(f"{name:22} {value}" for name, value in figures.items())
