"""The files of an evaluation: queries with their history, and judgements of documents."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

ROLES = ("customer", "assistant", "agent")


class UnusableInput(ValueError):
    """A file of the evaluation is missing or not what it should be; the message names it and the line."""


@dataclass(frozen=True)
class EvaluationQuery:
    """A question to ask; `history` holds (role, text), oldest first; roles are those of ROLES."""

    id: str
    text: str
    history: tuple[tuple[str, str], ...] = ()


def read_queries(path: Path) -> list[EvaluationQuery]:
    """JSON lines of `_id`, `text` and perhaps `history`. Raises UnusableInput."""
    return [_query(row, path, number) for number, row in _json_lines(path)]


def _query(row: Any, path: Path, number: int) -> EvaluationQuery:
    try:
        history = tuple((said["role"], said["text"]) for said in row.get("history") or ())
        query = EvaluationQuery(str(row["_id"]), row["text"], history)
    except (AttributeError, KeyError, TypeError) as error:
        raise UnusableInput(f"{path}:{number}: is not a query: {error!r}") from error
    if not all(isinstance(text, str) for text in (query.text, *(text for _, text in history))):
        raise UnusableInput(f"{path}:{number}: a text is not a string")
    if unknown := {role for role, _ in history} - set(ROLES):
        raise UnusableInput(f"{path}:{number}: unknown roles {sorted(map(str, unknown))}, known are {', '.join(ROLES)}")
    return query


def _json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Lines end at a line feed alone: other line breaks may stand within a text."""
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield number, orjson.loads(line)
    except OSError as error:
        raise UnusableInput(f"{path}: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise UnusableInput(f"{path}:{number}: is not JSON: {error}") from error


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Tab-separated `query-id corpus-id score` under a header. Raises UnusableInput."""
    qrels: dict[str, dict[str, int]] = {}
    try:
        lines = path.read_text(encoding="utf-8").split("\n")[1:]
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableInput(f"{path}: {error}") from error
    for number, line in enumerate(lines, start=2):
        if not line.strip():
            continue
        try:
            query, document, score = line.rstrip("\r").split("\t")
            qrels.setdefault(query, {})[document] = int(float(score))
        except ValueError as error:
            raise UnusableInput(f"{path}:{number}: expected query-id, corpus-id and score, with tabs") from error
    return qrels
