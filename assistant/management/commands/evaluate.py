"""`manage.py evaluate answers ...`: figures of the real code on a set of questions with known answers."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from assistant.answering import evaluation as answers
from knowledge.retrieval import UnknownCollection


class Command(BaseCommand):
    """Thin: arguments in, figures out; one subcommand for each thing that can be evaluated."""

    help = "Measure answers on a set of questions with known answers."

    def add_arguments(self, parser: CommandParser) -> None:
        """answers --questions FILE [--collection SLUG] [--out FILE] [--json]"""
        kinds = parser.add_subparsers(dest="kind", required=True)
        answered = kinds.add_parser("answers", help="decisions, citations and words over a file of questions")
        answered.add_argument("--questions", type=Path, required=True, metavar="FILE")
        answered.add_argument("--collection", default="default", metavar="SLUG")
        answered.add_argument("--out", type=Path, metavar="FILE", help="write one JSON line a question here")
        answered.add_argument("--json", action="store_true", help="print one JSON object on standard output")
        answered.set_defaults(evaluate=self.evaluate_answers)

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 0, 1 when something could not be run, 2 for wrong usage."""
        options["evaluate"](options)

    def evaluate_answers(self, options: dict[str, Any]) -> None:
        """Prints the figures; nothing of the questions is stored."""
        try:
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


def _table(figures: dict[str, Any]) -> str:
    return "\n".join(f"{name:22} {value}" for name, value in figures.items())
