"""A change of the embedding model, as an admin and a command meet it."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from assistant.project import preparation
from knowledge.indexing import index_documents
from knowledge.models import Document, IndexGeneration
from tests.knowledge.library import article

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def changed(settings: Settings) -> None:
    """Articles of `local`, and an EMBEDDING_MODEL that is another."""
    index_documents([article("returns", "Parcels come back within 30 days.")])
    settings.EMBEDDING_MODEL = "local-multilingual"


def test_the_overview_tells_how_far_the_articles_are(changed: None, office: Client) -> None:
    page = office.get(reverse("admin:index")).content.decode()
    assert "search model <strong>local-multilingual</strong>: 0 of 1 done" in page
    assert "found with local as before" in page


def test_with_the_index_that_answers_there_is_nothing_to_tell(office: Client) -> None:
    index_documents([article("returns", "Parcels come back within 30 days.")])
    assert "search model" not in office.get(reverse("admin:index")).content.decode()


def test_an_article_that_the_model_refused_is_told_of(office: Client) -> None:
    document = article("returns", "Parcels come back within 30 days.")
    Document.objects.update(refusal="the server does not take this text")
    page = office.get(reverse("admin:index")).content.decode()
    assert "The search model refused 1 article: no answer comes from it." in page
    state = office.get(reverse("admin:knowledge_document_state", args=[document.pk])).content.decode()
    assert "Reason: the server does not take this text" in state
    assert "Being indexed" not in state
    assert "hx-trigger" not in state
    assert "Refused by the search model" in office.get(reverse("admin:knowledge_document_changelist")).content.decode()


def test_a_command_without_a_worker_beside_it_prepares_the_articles_itself(
    changed: None, capsys: pytest.CaptureFixture[str]
) -> None:
    preparation._renew_index()
    assert "Preparing 1 articles for local-multilingual" in capsys.readouterr().err
    assert [held.embedding_model for held in IndexGeneration.objects.all()] == ["local-multilingual"]
    preparation._renew_index()
    assert capsys.readouterr().err == ""
