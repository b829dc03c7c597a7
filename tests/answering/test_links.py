"""A link of a cited article to another one leads to that one's page; any other that leads nowhere is its words."""

import pytest

from assistant.answering.asking import ask
from assistant.answering.replaying import replay
from assistant.models import Turn
from knowledge.indexing import index_documents
from knowledge.models import Document
from tests.answering.conftest import RESET
from tests.knowledge.library import article

LINKED = RESET.replace("**RESET** button", "[RESET button](buttons.md#reset)") + "\n\nSee [what is not there](gone.md)."


@pytest.fixture
def linked_shop(transactional_db: None) -> None:
    index_documents([article("reset-board", LINKED), article("buttons", "Where the buttons are.", title="Buttons")])


def test_a_quoted_link_leads_to_the_article(linked_shop: None) -> None:
    text = ask("How do I reset my board?", "shop").answer.text
    assert "[RESET button](/help/shop/buttons#reset)" in text
    assert "gone.md" not in text


def test_it_is_words_where_the_article_is_not_published(linked_shop: None) -> None:
    Document.objects.filter(article="buttons").update(status=Document.Status.UNPUBLISHED)
    text = ask("How do I reset my board?", "shop").answer.text
    assert "hold the RESET button." in text


def test_it_leads_there_again_when_the_turn_is_replayed(linked_shop: None) -> None:
    asked = ask("How do I reset my board?", "shop")
    Document.objects.filter(article="buttons").update(status=Document.Status.UNPUBLISHED)
    replayed = replay(Turn.objects.get(pk=asked.turn))
    assert replayed.then.same
    assert "/help/shop/buttons" not in (replayed.now.answer.text if replayed.now.answer else "/help/shop/buttons")


def test_a_models_link_leads_there_too(model_server: object, linked_shop: None) -> None:
    index_documents(
        [article("reset-quickly", f"To reset your board, hold the [RESET button](buttons.md#reset). {RESET}")]
    )
    answer = ask("How do I reset my board?", "shop").answer
    assert answer.model
    assert "[RESET button](/help/shop/buttons#reset)" in answer.text
