"""The first steps on the overview: done when somebody did them, and not by what the first start shows."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from assistant.admin import overview
from assistant.answers import ASKED
from assistant.conversations import services
from assistant.conversations.spending import caps_of_today
from assistant.models import Spend, Turn, User, Widget
from assistant.project import first_run
from knowledge.ingestion import ingest
from knowledge.models import Collection, Document
from tests.cast import client_id, make_agent, make_visitor

pytestmark = pytest.mark.django_db(transaction=True)
ARTICLES, TRY, AGENT = "Bring in your articles", "Try a question", "Invite an agent"


def done() -> list[str]:
    return [step.title for step in overview.first_steps() if step.done and not step.optional]


@pytest.fixture
def first_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shop: Collection) -> Widget:
    """A system after its first start, with a help centre of one article; its widget."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setattr(first_run, "HELP_CENTRE", folder_of(tmp_path / "help", "# Widget\n\nCopy one line."))
    first_run.begin()
    known = first_run.seed()
    first_run.load_help_centre(known)
    return Widget.objects.get(key=known["widget"])


def folder_of(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "article.md").write_text(text)
    return folder


def test_the_demo_does_no_step(first_start: Widget) -> None:
    assert first_start.conversations.count() == 4
    assert done() == []


def test_what_people_do_counts(first_start: Widget, tmp_path: Path) -> None:
    services.accept_message(None, make_visitor(first_start).session, client_id(), "Hello?")
    assert done() == [TRY]
    ingest([str(folder_of(tmp_path / "own", "# Kettles\n\nDescale them."))], "default")
    assert done() == [ARTICLES, TRY]
    make_agent("alice")
    assert done() == [ARTICLES, TRY, AGENT]


def test_the_demos_agent_counts_once_it_is_somebody(first_start: Widget) -> None:
    User.objects.filter(username="agent").update(display_name="Mira")
    assert done() == [AGENT]


def test_a_question_tried_in_the_administration_counts_and_is_not_stored(first_start: Widget) -> None:
    office = Client()
    office.force_login(User.objects.get(username="admin"))
    for _ in range(2):
        office.post(reverse("insights:try"), {"question": "What is a widget?", "collection": "default", "locale": "en"})
    assert done() == [TRY]
    assert first_start.conversations.count() == 4


def test_the_overview_says_when_search_cannot_read_what_is_written_or_asked(
    first_start: Widget, settings: Settings
) -> None:
    now = timezone.now()
    settings.EMBEDDING_MODEL = "local"
    assert overview.unread_languages(now) is None
    text = "Wie kann ich mein Paket zurückschicken und mein Geld wiederbekommen?"
    accepted = services.accept_message(None, make_visitor(first_start).session, client_id(), text)
    Turn.objects.filter(pk=accepted.turn_id).update(question=text, finished_at=now)
    Document.objects.update(locale="de")
    assert overview.unread_languages(now) == overview.Unread(articles=1, questions=1)
    office = Client()
    office.force_login(User.objects.get(username="admin"))
    assert "EMBEDDING_MODEL=local-multilingual" in office.get(reverse("admin:index")).content.decode()
    settings.EMBEDDING_MODEL = "local-multilingual"
    assert overview.unread_languages(now) is None


def test_a_question_that_is_asked_over_and_over_is_listed_once(first_start: Widget) -> None:
    for text in ("Where is it?", "where is IT", "Can I pay in gold?"):
        accepted = services.accept_message(None, make_visitor(first_start).session, client_id(), text)
        Turn.objects.filter(pk=accepted.turn_id).update(question=text, finished_at=timezone.now(), decision="abstain")
    listed = overview.unanswered_questions(timezone.now(), limit=2)
    assert [(each.turn.question, each.times) for each in listed] == [("Can I pay in gold?", 1), ("where is IT", 2)]
    office = Client()
    office.force_login(User.objects.get(username="admin"))
    assert "asked 2 times" in office.get(reverse("admin:index")).content.decode()


def test_who_asks_for_a_person_is_not_without_an_answer(first_start: Widget) -> None:
    before = overview.figures(timezone.now()).unanswered
    for reason in ("upset", ASKED):
        accepted = services.accept_message(None, make_visitor(first_start).session, client_id(), reason)
        ended = {"finished_at": timezone.now(), "decision": "escalate", "reason": reason}
        Turn.objects.filter(pk=accepted.turn_id).update(question=reason, **ended)
    now = timezone.now()
    assert overview.unanswered_questions(now)[0].turn.question == "upset"
    assert overview.figures(now).unanswered == before + 1


def test_the_overview_tells_what_models_took_today_and_which_widget_is_near_its_cap(
    first_start: Widget, settings: Settings
) -> None:
    assert overview.spending() is None
    settings.GENERATIVE, settings.LLM_PRICES, settings.COST_CAP_DAY_USD = True, ["small=1/2"], 5.0
    Widget.objects.filter(pk=first_start.pk).update(cost_cap_day_usd=1)
    here, everywhere = caps_of_today(first_start.pk, Decimal(1))
    for cap in (here, everywhere):
        Spend.objects.create(scope=cap.scope, key=cap.key, usd=Decimal("0.95"), tokens=12_345)
    office = Client()
    office.force_login(User.objects.get(username="admin"))
    page = " ".join(office.get(reverse("admin:index")).content.decode().split())
    assert f"Today: 12,345 tokens, 0.95 of 5.00 dollars. {first_start.name}: 0.95 of 1.00 dollars." in page


def test_a_question_without_an_answer_stands_in_the_customers_own_words(first_start: Widget) -> None:
    accepted = services.accept_message(None, make_visitor(first_start).session, client_id(), "is it a pico & more")
    kept = {"asked": {"text": "is it a pico & more"}, "lookup": {"why": None}}
    turn = Turn.objects.filter(pk=accepted.turn_id)
    turn.update(question="is it a pick & more", explanation=kept, finished_at=timezone.now(), decision="abstain")
    office = Client()
    office.force_login(User.objects.get(username="admin"))
    page = office.get(reverse("admin:index")).content.decode()
    assert "?question=is%20it%20a%20pico%20%26%20more&amp;" in page
    assert ">is it a pico &amp; more</a>" in page
    turn.update(question="is a board a pico", explanation={**kept, "lookup": {"why": "it"}})
    assert "?question=is%20a%20board%20a%20pico&amp;" in office.get(reverse("admin:index")).content.decode()
