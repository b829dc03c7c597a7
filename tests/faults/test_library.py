"""What was handed in and is not answered from is found, whatever it lacks."""

import psycopg
import pytest

from knowledge.indexing import index_documents
from knowledge.models import Document, ImportRun
from tests.contract.server import environment
from tests.faults.library import Library
from tests.knowledge.library import article

pytestmark = pytest.mark.django_db(transaction=True)


def connect() -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(environment()["DATABASE_URL"], autocommit=True)


def indexed(name: str, **fields: object) -> Document:
    document = article(name, f"Text of {name}.", title=name, **fields)
    index_documents([document])
    return document


def test_only_what_is_done_and_answered_from_once_is_not_missed() -> None:
    source = indexed("good").source
    article("unindexed", "Text.", title="unindexed")
    unpublished = indexed("unpublished")
    Document.objects.filter(pk=unpublished.pk).update(status="unpublished")
    indexed("doubled")
    indexed("doubled", location="/elsewhere")
    states = ("done", 0), ("running", 0), ("done", 1)
    runs = [ImportRun.objects.create(source=source, state=state, failed=failed).pk for state, failed in states]
    handed_in = Library(["good", "unindexed", "unpublished", "doubled", "lost"], [*runs, runs[-1] + 1])
    missing = [line.split(":")[0].removeprefix("article ") for line in handed_in.missing(connect)]
    gone = [f"import {run}" for run in handed_in.imports[1:]]
    assert missing == [*gone, "unindexed", "unpublished", "doubled", "lost"]
