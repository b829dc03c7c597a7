"""`manage.py ingest PATH...`: import articles from files, folders, archives and BEIR corpora."""

import argparse
import json
import re
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from knowledge import importing, ingestion
from knowledge.ingestion import IngestReport

# For each reason: the few that could have been articles are not lost among the pictures.
SKIPPED_SHOWN = 5


class Command(BaseCommand):
    """Thin: arguments in, report out."""

    help = "Import articles from files, folders, archives (.zip, .tar.gz, .tgz) or a BEIR corpus.jsonl(.gz)."

    def add_arguments(self, parser: CommandParser) -> None:
        """PATH_OR_URL... [--collection SLUG] [--json]"""
        parser.add_argument("paths", nargs="+", metavar="PATH_OR_URL")
        parser.add_argument("--collection", default="default", type=collection_slug, metavar="SLUG")
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 0 when nothing failed, 1 when something did; argparse exits 2 for wrong usage."""
        console = Console(stderr=True)
        with _bar(console) as bar:
            report = ingestion.ingest(options["paths"], options["collection"], _Watcher(bar).update, "command line")
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False))
        _summarise(console, report)
        if report.documents.failed:
            sys.exit(1)


def collection_slug(word: str) -> str:
    """A slug that an address can hold. Raises ArgumentTypeError otherwise."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", word):
        raise argparse.ArgumentTypeError("a collection is named by up to 64 letters, digits, hyphens and underscores")
    return word


def _bar(console: Console) -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console)


class _Watcher:
    """Shows each source as a line of the progress display."""

    def __init__(self, bar: Progress) -> None:
        self.bar = bar
        self.lines: dict[str, TaskID] = {}

    def update(self, progress: importing.Progress) -> None:
        """Called for each batch."""
        words = escape(progress.location) + (" (waiting for another import)" if progress.waiting else "")
        line = self.lines.get(progress.location)
        if line is None:
            line = self.lines[progress.location] = self.bar.add_task(words)
        self.bar.update(line, description=words, completed=progress.seen, total=progress.expected)


def _summarise(console: Console, report: IngestReport) -> None:
    counts = ", ".join(f"{number} {name}" for name, number in vars(report.documents).items() if number)
    console.print(f"{counts or 'nothing to do'}; {report.chunks} chunks in {report.seconds:.1f} s")
    for failure in report.failures:
        console.print(f"  {escape(failure['path'])}: {escape(failure['reason'])}", style="red")
    shown = _a_few_of_each(report.skipped)
    for file in shown:
        console.print(f"  skipped {escape(file['path'])}: {escape(file['reason'])}", style="dim")
    if report.documents.skipped > len(shown):
        console.print(f"  and {report.documents.skipped - len(shown):,} more skipped", style="dim")


def _a_few_of_each(skipped: list[dict[str, str]]) -> list[dict[str, str]]:
    by_reason: dict[str, list[dict[str, str]]] = {}
    for file in skipped:
        by_reason.setdefault(file["reason"], []).append(file)
    return [file for files in by_reason.values() for file in files[:SKIPPED_SHOWN]]
