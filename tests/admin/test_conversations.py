"""Conversations in the admin: found by how customers rated the answers."""

import pytest
from django.test import Client
from django.urls import reverse

from assistant.conversations import services
from assistant.models import Conversation, Message, Outgoing, Widget
from tests.cast import client_id, make_widget
from tests.desk import scenes

pytestmark = pytest.mark.django_db
LIST = "admin:assistant_conversation_changelist"


@pytest.fixture
def widget(db: None) -> Widget:
    return make_widget()


def rated(widget: Widget, name: str, rating: int, comment: str | None = None) -> Conversation:
    conversation = scenes.answered(widget, name=name)
    answer = Message.objects.get(conversation=conversation, role="assistant")
    services.rate_message(conversation, str(answer.pk), rating, comment)
    return conversation


def listed(office: Client, **filters: str) -> dict[str, str]:
    """Customers of the list, each with what it says of their ratings."""
    changelist = office.get(reverse(LIST), filters).context["cl"]
    return {str(row.customer): changelist.model_admin.ratings(row) or "" for row in changelist.result_list}


def test_the_list_is_filtered_by_rating_and_shows_it(office: Client, widget: Widget) -> None:
    rated(widget, "Ann", 1)
    rated(widget, "Ben", -1)
    scenes.answered(widget, name="Cid")
    assert listed(office) == {"Ann": "1 helpful", "Ben": "1 not helpful", "Cid": ""}
    assert list(listed(office, rating="helpful")) == ["Ann"]
    assert list(listed(office, rating="not-helpful")) == ["Ben"]
    page = office.get(reverse(LIST)).content.decode()
    assert "1 not helpful" in page


def test_counting_ratings_leaves_the_count_of_messages_right(office: Client, widget: Widget) -> None:
    conversation = rated(widget, "Ann", 1)
    row = office.get(reverse(LIST)).context["cl"].result_list[0]
    assert row.messages_in_all == conversation.messages.count()


def test_a_conversation_shows_rating_and_comment_harmlessly(office: Client, widget: Widget) -> None:
    conversation = rated(widget, "Ben", -1, "The street <script>is</script> missing")
    page = office.get(reverse("admin:assistant_conversation_change", args=[conversation.pk])).content.decode()
    assert "Rated not helpful" in page
    assert "The street &lt;script&gt;is&lt;/script&gt; missing" in page


def test_a_waiting_conversation_is_described_in_the_words_of_the_desk(office: Client, widget: Widget) -> None:
    conversation = scenes.waiting(widget)
    Conversation.objects.filter(pk=conversation.pk).update(handoff_reason="")
    page = office.get(reverse("admin:assistant_conversation_change", args=[conversation.pk])).content.decode()
    assert "Waiting for a person" in page
    assert "Asked for a person" in page


def test_an_answer_leads_to_how_it_was_made_and_to_its_sources(office: Client, widget: Widget) -> None:
    conversation = scenes.answered(widget)
    answer = Message.objects.get(conversation=conversation, role="assistant")
    page = office.get(reverse("admin:assistant_conversation_change", args=[conversation.pk])).content.decode()
    how = reverse("desk:turn", args=[conversation.pk, answer.turn_id])
    assert f'<a href="{how}">How was this answered</a>' in page
    assert office.get(how).status_code == 200
    (source,) = answer.citations.all()
    assert f'<a href="{source.url}" target="_blank" rel="noopener noreferrer">{source.title}' in page


def test_an_answer_is_shown_rendered_and_a_customers_words_as_written(office: Client, widget: Widget) -> None:
    conversation = scenes.answered(widget, text="Is **this** <b>so</b>?")
    Message.objects.filter(conversation=conversation, role="assistant").update(text="It **is** so. <b>Yes</b>")
    page = office.get(reverse("admin:assistant_conversation_change", args=[conversation.pk])).content.decode()
    assert "Is **this** &lt;b&gt;so&lt;/b&gt;?" in page
    assert "It <strong>is</strong> so. &lt;b&gt;Yes&lt;/b&gt;" in page


def test_a_mail_that_failed_is_shown_with_what_to_do_and_sent_again(office: Client, widget: Widget) -> None:
    conversation = scenes.answered(widget, name="Ann")
    services.save_contact(conversation, client_id(), "ann@example.org")
    Outgoing.objects.update(state=Outgoing.State.FAILED, error="ConnectionRefusedError: nobody listens")
    mails = reverse("admin:assistant_outgoing_changelist")
    for address in (reverse("admin:assistant_conversation_change", args=[conversation.pk]), mails):
        page = office.get(address).content.decode()
        assert "ann@example.org" in page
        assert "nobody listens" in page
        assert "Check EMAIL_URL and the mail server" in page
    office.post(mails, {"action": "send_again", "_selected_action": [Outgoing.objects.get().pk]})
    assert Outgoing.objects.get().state == Outgoing.State.QUEUED


def test_customers_are_sorted_by_the_names_that_are_shown(office: Client, widget: Widget) -> None:
    for name in ("Cid", "Ann", "Ben"):
        scenes.answered(widget, name=name)
    assert list(listed(office, o="0")) == ["Ann", "Ben", "Cid"]
