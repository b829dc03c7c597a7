"""`manage.py evaluate retrieval|answers|compare ...`: figures of the real code on questions with known answers."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from assistant.answering import evaluation as answers
from assistant.answering.figures import FIGURES
from assistant.management.tables import comparison_table, figures_table, intervals
from knowledge import evaluation
from knowledge.evaluation import comparison, provenance, retrieval, runs
from knowledge.evaluation.resampling import Columns, Figure, groups_of
from knowledge.importing import Progress
from knowledge.retrieval import UnknownCollection, find_collection

JSON_HELP = "print one JSON object on standard output"
MOST_NAMED = 20


class Command(BaseCommand):
    """Thin: arguments in, figures out; one subcommand for each thing that can be evaluated."""

    help = "Measure retrieval or answers on a set of questions with known answers."

    def add_arguments(self, parser: CommandParser) -> None:
        """retrieval --corpus FILE --queries FILE --qrels FILE [--run OUT] [--k 10] [--name NAME]
        answers --questions FILE [--out FILE] [--name NAME]
        compare FIRST SECOND"""
        kinds = parser.add_subparsers(dest="kind", required=True)
        found = kinds.add_parser("retrieval", help="recall and ranking over a BEIR corpus")
        found.add_argument("--corpus", type=Path, required=True, metavar="FILE")
        found.add_argument("--queries", type=Path, required=True, metavar="FILE")
        found.add_argument("--qrels", type=Path, required=True, metavar="FILE")
        found.add_argument("--run", type=_writable, metavar="OUT", help="write a TREC run here")
        found.add_argument("--k", type=_depth, default=10, metavar="K", help="documents a query, default 10")
        _add_keeping(found)
        found.set_defaults(evaluate=self.evaluate_retrieval)
        answered = kinds.add_parser("answers", help="decisions, citations and words over a file of questions")
        answered.add_argument("--questions", type=Path, required=True, metavar="FILE")
        answered.add_argument("--collection", default="default", metavar="SLUG")
        answered.add_argument("--out", type=_writable, metavar="FILE", help="write one JSON line a question here")
        _add_keeping(answered)
        answered.set_defaults(evaluate=self.evaluate_answers)
        compared = kinds.add_parser("compare", help="two stored runs over the same data, figure by figure")
        compared.add_argument("first", metavar="FIRST", help="a stored run's name, or its file")
        compared.add_argument("second", metavar="SECOND", help="the run to compare with it")
        compared.add_argument("--json", action="store_true", help=JSON_HELP)
        compared.set_defaults(evaluate=self.compare)

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 0, 1 when something could not be run, 2 for wrong usage."""
        signal.signal(signal.SIGTERM, _interrupt)  # so that it cleans up as after Ctrl-C
        options["evaluate"](options)

    def evaluate_retrieval(self, options: dict[str, Any]) -> None:
        """Prints and stores the figures; progress goes to standard error where that is a terminal."""
        try:
            queries = evaluation.read_queries(options["queries"])
            qrels = evaluation.read_qrels(options["qrels"])
            if not options["corpus"].is_file():
                raise evaluation.UnusableInput(f"{options['corpus']}: no such file")
        except evaluation.UnusableInput as error:
            raise CommandError(str(error), returncode=2) from error
        try:
            figures = evaluation.evaluate_retrieval(
                options["corpus"], queries, qrels, rewrite=answers.looked_up, depth=options["k"], progress=_show
            )
        except evaluation.CorpusNotIngested as error:
            raise CommandError(str(error), returncode=1) from error
        finally:
            _end_line()
        if options["run"]:
            with options["run"].open("w", encoding="utf-8") as out:
                evaluation.write_run(figures.rankings, out)
        if not figures.judged:
            self.stderr.write(f"{options['qrels']} judges no query of {options['queries']}: every figure is 0")
        groups = groups_of(figures.ids)
        self._print(options, figures.as_dict(), retrieval.FIGURES, figures.columns, groups)
        self._keep(
            options,
            measured_with={
                **provenance.retrieval_settings(),
                **(answers.rewritten_with() if any(query.history for query in queries) else {}),
                "k": options["k"],
            },
            data={
                "corpus": provenance.hash_of_file(options["corpus"]),
                "queries": provenance.hash_of([asdict(query) for query in queries]),
                "qrels": provenance.hash_of(qrels),
            },
            figures=figures.as_dict(),
            ids=figures.ids,
            columns=figures.columns,
        )

    def evaluate_answers(self, options: dict[str, Any]) -> None:
        """Prints and stores the figures; no conversation is stored."""
        try:
            find_collection(options["collection"])  # small talk alone would never ask for it
            asked = answers.read_cases(options["questions"])
            self._name_unknown(answers.unknown_articles(asked, options["collection"]))
            results = list(answers.run(asked, options["collection"]))
        except answers.UnusableInput as error:
            raise CommandError(str(error), returncode=2) from error
        except UnknownCollection as error:
            raise CommandError("there is no such collection", returncode=2) from error
        except DatabaseError as error:
            raise CommandError(f"the questions could not be run: {error}", returncode=1) from error
        if options["out"]:
            lines = (json.dumps(answers.as_line(result), ensure_ascii=False) + "\n" for result in results)
            options["out"].write_text("".join(lines), encoding="utf-8")
        figures, columns = answers.figures(results), answers.columns(results)
        groups = groups_of([result.case.id for result in results])
        self._print(options, figures, FIGURES, columns, groups)
        self._keep(
            options,
            measured_with={**answers.measured_with(), "collection": options["collection"]},
            data=answers.data_hashes([result.case for result in results], options["collection"]),
            figures=figures,
            ids=[result.case.id for result in results],
            columns=columns,
        )
        failed = sum(result.answer is None for result in results)
        if failed:
            raise CommandError(f"{failed} questions could not be run", returncode=1)

    def compare(self, options: dict[str, Any]) -> None:
        """Prints each figure of both runs and their paired difference."""
        try:
            first, second = runs.find(options["first"]), runs.find(options["second"])
            figures = retrieval.FIGURES if first.kind == "retrieval" else FIGURES
            compared = comparison.compare(first, second, figures)
        except (runs.UnknownRun, comparison.NotComparable) as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(json.dumps(compared.as_json()) if options["json"] else comparison_table(compared))

    def _name_unknown(self, articles: Sequence[str]) -> None:
        if articles:
            named = ", ".join(articles[:MOST_NAMED]) + (" and more" if len(articles) > MOST_NAMED else "")
            self.stderr.write(f"The collection has no such article, so that none can cite it: {named}")

    def _print(
        self,
        options: dict[str, Any],
        figures: dict[str, Any],
        measured: Mapping[str, Figure],
        columns: Columns,
        groups: Sequence[str] | None,
    ) -> None:
        if options["json"]:
            self.stdout.write(json.dumps({**figures, "intervals": intervals(measured, columns, groups)}))
        else:
            self.stdout.write(figures_table(figures, measured, columns, groups))

    def _keep(self, options: dict[str, Any], **measured: Any) -> None:
        """The figures stand on standard output already: a full disk takes no more than the run."""
        try:
            run = runs.keep(options["kind"], options["name"], **measured)
        except (runs.UnusableName, OSError) as error:
            self.stderr.write(f"The run was not stored: {error}")
            return
        self.stderr.write(
            f"run: {run.name}\nCompare it with another: manage.py evaluate compare NAME {run.name}", self.style.SUCCESS
        )


def _add_keeping(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", type=_run_name, metavar="NAME", help="of the stored run, default: kind and time")
    parser.add_argument("--json", action="store_true", help=JSON_HELP)


def _depth(word: str) -> int:
    if not word.isdecimal() or not 1 <= int(word) <= 1000:
        raise argparse.ArgumentTypeError("must be a whole number from 1 to 1000")
    return int(word)


def _run_name(word: str) -> str:
    try:
        runs.check_name(word)
    except runs.UnusableName as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return word


def _writable(word: str) -> Path:
    """A file that can be written: said before an hour of evaluation, not after it."""
    path = Path(word)
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{word} cannot be written")
    return path


def _show(progress: Progress) -> None:
    """One line that counts up, for who watches a terminal: a file would hold every count of it."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{progress.seen} documents")
        sys.stderr.flush()


def _end_line() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\n")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
