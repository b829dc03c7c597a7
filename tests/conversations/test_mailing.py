"""Answers by e-mail: to who left an address and has not seen them, once, within limits, whatever fails."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from assistant.answering import turns
from assistant.conversations import mailing, presence, services
from assistant.conversations.errors import InvalidText
from assistant.conversations.letters import letter_words
from assistant.conversations.rendering import web_link
from assistant.models import Conversation, Outgoing
from assistant.project.outgoing_mail import mail_settings
from tests.cast import client_id, make_agent, make_answer, make_visitor, make_widget
from tests.contract.mail_server import mail_server

pytestmark = pytest.mark.django_db
QUESTION = "How do I open the settings of my kettle?"
ADDRESS = "ada@example.org"
PAGE = "https://shop.example/kettles"
HERE = "tests.conversations.test_mailing"


class Down(EmailBackend):
    """A mail server that does not take the mail now."""

    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")


class Refusing(EmailBackend):
    """A mail server that knows no such mailbox."""

    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"no such user")})


class Picky(EmailBackend):
    """A mail server that does not take one of the mails."""

    def send_messages(self, messages):
        if "bad@example.org" in messages[0].to:
            raise smtplib.SMTPDataError(554, b"no")
        return super().send_messages(messages)


class Dying(EmailBackend):
    """The process ends after the server took the mail and before anything is written down."""

    def send_messages(self, messages):
        super().send_messages(messages)
        raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def _at_once(settings, embedded_services):
    settings.MAIL_AFTER_SECONDS = 0


@pytest.fixture
def widget():
    return make_widget(allowed_origins=["https://shop.example"])


def ask(widget, text=QUESTION, address=ADDRESS, locale="en"):
    """A question of a visitor who left an address, not answered yet."""
    visitor = make_visitor(widget)
    accepted = services.accept_message(None, visitor.session, client_id(), text, locale)
    conversation = accepted.message_event.conversation
    if address:
        services.save_contact(conversation, client_id(), address, PAGE)
    return conversation, accepted.turn_id


def answer(turn_id, text="Open the settings [1]."):
    assert services.record_answer(turn_id, turns.claim(turn_id, "web").attempt, make_answer(text))


def answered(widget, **fields):
    conversation, turn_id = ask(widget, **fields)
    answer(turn_id)
    return Conversation.objects.get(pk=conversation.pk)


def states():
    return list(Outgoing.objects.order_by("pk").values_list("state", flat=True))


def later(**fields):
    """Time goes by for the mails that wait."""
    Outgoing.objects.update(due_at=timezone.now(), **fields)


def html_of(letter):
    return letter.alternatives[0][0]


def test_an_answer_reaches_who_left_with_its_question_its_sources_and_a_way_back(widget, settings):
    settings.PUBLIC_URL, settings.MAIL_REPLY_TO = "https://help.example", "team@shop.example"
    answered(widget)
    assert mailing.send_due() == 1
    [letter] = mail.outbox
    assert letter.to == [ADDRESS]
    assert (letter.from_email, letter.reply_to) == (settings.DEFAULT_FROM_EMAIL, ["team@shop.example"])
    assert letter.extra_headers["Auto-Submitted"] == "auto-replied"
    for part in (letter.body, html_of(letter)):
        assert QUESTION in part
        assert "Open the settings [1]." in part
        assert "https://help.example/help/default/settings#open" in part
        assert PAGE in part
    assert mailing.send_due() == 0


def test_without_an_address_nothing_is_owed_and_deleting_a_conversation_deletes_what_is(widget):
    answered(widget, address="")
    assert states() == []
    answered(widget).delete()
    assert states() == []


def test_a_mail_waits_a_while_and_is_not_sent_once_its_answer_was_read(widget, settings):
    settings.MAIL_AFTER_SECONDS = 60
    conversation = answered(widget)
    assert (mailing.send_due(), states()) == (0, ["queued"])
    services.mark_read_by_customer(conversation, conversation.seq)
    later()
    assert (mailing.send_due(), states()) == (0, ["seen"])


def test_who_wrote_below_an_answer_has_seen_it(widget):
    conversation = answered(widget)
    session = conversation.customer.sessions.get()
    services.accept_message(conversation, session, client_id(), "Thank you.")
    assert (mailing.send_due(), states()) == (0, ["seen"])


def test_who_has_the_chat_open_gets_the_mail_when_they_have_left(widget):
    conversation = answered(widget)
    presence.mark_customers([conversation.pk])
    assert (mailing.send_due(), states()) == (0, ["queued"])
    assert Outgoing.objects.get().attempts == 0
    cache.delete(f"customer-there:{conversation.pk}")
    later()
    assert mailing.send_due() == 1


def test_an_answer_that_was_said_to_be_late_is_mailed_to_who_has_the_chat_open_and_has_not_looked(widget):
    conversation, turn_id = ask(widget)
    held = turns.claim(turn_id, "web")
    assert services.record_answer(turn_id, held.attempt, make_answer("Open the settings [1]."))
    turns.mark_late(held.turn_id)  # in the background, so perhaps after the outcome
    presence.mark_customers([conversation.pk])
    assert mailing.send_due() == 1


def test_an_address_that_comes_after_the_answer_gets_what_was_not_read(widget):
    conversation = answered(widget, address="")
    services.save_contact(conversation, client_id(), "typo@example.org")
    services.save_contact(conversation, client_id(), ADDRESS)
    assert mailing.send_due() == 1
    assert mail.outbox[0].to == [ADDRESS]
    services.save_contact(conversation, client_id(), "eve@example.org")
    assert mailing.send_due() == 0


def test_what_failed_follows_to_another_address_and_to_the_same_one_it_does_not(widget):
    conversation = answered(widget, address="typo@example.org")
    Outgoing.objects.update(state="failed", attempts=1)
    services.save_contact(conversation, client_id(), "Typo@example.org")
    assert states() == ["failed"]
    services.save_contact(conversation, client_id(), ADDRESS)
    assert mailing.send_due() == 1
    assert mail.outbox[0].to == [ADDRESS]


def test_a_persons_reply_is_mailed_under_the_name_that_customers_see(widget):
    conversation, _ = ask(widget)
    services.reply(conversation.pk, make_agent("alice"), client_id(), "It is mended.")
    assert mailing.send_due() == 1
    assert "Alice answers:" in mail.outbox[0].body
    assert QUESTION in mail.outbox[0].body


def test_a_server_that_is_down_is_tried_again_ever_later_and_then_shown_to_have_failed(widget, settings):
    answered(widget)
    settings.EMAIL_BACKEND = f"{HERE}.Down"
    for attempt in range(mailing.MOST_ATTEMPTS):
        assert states() == ["queued"], attempt
        later()
        before = timezone.now()
        assert mailing.send_due() == 0
        row = Outgoing.objects.get()
        pause = min(60 * 2**attempt, 6 * 3600)
        assert row.state == "failed" or row.due_at - before > timedelta(seconds=0.7 * pause)
    assert (row.state, row.error) == ("failed", "SMTPServerDisconnected: Connection unexpectedly closed")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert mailing.send_due() == 0
    assert mailing.send_again(Outgoing.objects.all()) == 1
    assert mailing.send_due() == 1


def test_an_address_that_the_server_refuses_for_good_is_not_tried_again(widget, settings):
    answered(widget)
    settings.EMAIL_BACKEND = f"{HERE}.Refusing"
    mailing.send_due()
    assert states() == ["failed"]


def test_a_mail_that_the_server_does_not_take_leaves_the_others_their_turn(widget, settings):
    answered(widget, address="bad@example.org")
    answered(widget)
    settings.EMAIL_BACKEND = f"{HERE}.Picky"
    assert mailing.send_due() == 1
    assert states() == ["queued", "sent"]


def test_a_mail_that_cannot_be_written_has_failed_and_leaves_the_others_their_turn(widget, settings):
    answered(widget)
    answered(widget)
    settings.PUBLIC_URL = "https://["
    assert mailing.send_due() == 0
    assert states() == ["failed", "failed"]


def test_a_round_takes_one_connection(widget, settings):
    answered(widget)
    answered(widget)
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        assert mailing.send_due() == 2
        assert server.connections == 1


def test_a_round_ends_by_what_went_and_by_time_and_not_by_what_was_put_off(widget, monkeypatch):
    for _ in range(3):
        presence.mark_customers([answered(widget).pk])
    answered(widget)
    answered(widget)
    monkeypatch.setattr(mailing, "BATCH", 1)
    assert mailing.send_due() == 1
    monkeypatch.setattr(mailing, "ROUND_SECONDS", 0)
    assert mailing.send_due() == 0
    assert states() == ["queued", "queued", "queued", "sent", "queued"]


def test_a_process_that_dies_after_sending_repeats_the_mail_once_under_the_same_id(widget, settings):
    answered(widget)
    settings.EMAIL_BACKEND = f"{HERE}.Dying"
    with pytest.raises(KeyboardInterrupt):
        mailing.send_due()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert mailing.send_due() == 0  # leased
    later(lease_until=timezone.now() - timedelta(seconds=1))
    assert [mailing.send_due(), mailing.send_due()] == [1, 0]
    first, second = (letter.extra_headers["Message-ID"] for letter in mail.outbox)
    assert first == second


def test_nobodys_mailbox_is_flooded_and_what_is_held_back_is_kept(widget, settings):
    settings.MAIL_LIMIT_ADDRESS = 2
    for address in ("ada@example.org", "Ada@Example.org", "ada+shop@example.org", "bob@example.org"):
        answered(widget, address=address)
    assert mailing.send_due() == 3
    assert states() == ["sent", "sent", "held", "sent"]
    settings.MAIL_LIMIT_ADDRESS, settings.MAIL_LIMIT_WIDGET = 0, 3
    mailing.send_again(Outgoing.objects.all())
    assert mailing.send_due() == 0
    assert "MAIL_LIMIT_WIDGET" in Outgoing.objects.get(state="held").error
    Outgoing.objects.filter(state="sent").update(sent_at=timezone.now() - timedelta(days=2))
    mailing.send_again(Outgoing.objects.all())
    assert mailing.send_due() == 1


def test_six_spellings_are_one_mailbox_and_what_has_more_is_no_address(widget):
    conversation, _ = ask(widget, address="")
    spellings = ("example.org", "EXAMPLE.org", "ｅxample.org", "exa\u00admple.org", "exampⓛe.org", "eｘAMPLE.org")
    stored = {services.save_contact(conversation, client_id(), f"ada@{domain}") for domain in spellings}
    assert {mailing.mailbox(address) for address in stored} == {ADDRESS}
    assert services.save_contact(conversation, client_id(), "ada@bücher.de") == "ada@xn--bcher-kva.de"
    others = ('"ada"@example.org', "ａda@example.org", "a\u00adda@example.org", "İ" * 64 + "@example.org", "ada@[::1]")
    for address in (*others, "a" * 65 + "@example.org", "ada@" + "ü" * 60 + ".ü"):
        with pytest.raises(InvalidText):
            services.save_contact(conversation, client_id(), address)


@pytest.mark.parametrize(
    ("text", "locale", "language"),
    [("Wie setze ich meinen Wasserkocher zurück?", "en-GB", "de"), ("OK?", "sv", "sv"), ("OK?", "eo", "en")],
)
def test_the_mail_speaks_the_customers_language(widget, text, locale, language):
    answered(widget, text=text, locale=locale)
    mailing.send_due()
    words = letter_words()[language]
    assert mail.outbox[0].subject == words["subject"].format(name=widget.name)
    assert words["asked"] in mail.outbox[0].body
    assert f'<html lang="{language}">' in html_of(mail.outbox[0])


def test_every_language_has_every_word_and_names_the_name_where_english_does():
    english = letter_words()["en"]
    assert len(letter_words()) == 12
    for words in letter_words().values():
        assert {key: "{name}" in text for key, text in words.items()} == {
            key: "{name}" in text for key, text in english.items()
        }


def test_nothing_that_somebody_wrote_becomes_a_header_markup_or_a_picture(widget):
    widget.name = "Shop\r\nBcc: eve@example.org"
    widget.save()
    _, turn_id = ask(widget, text="<b>How</b> do I open\r\n\r\nSubject: the settings?")
    answer(turn_id, "See ![it](https://help.example/x.png) <script>alert(1)</script> [here](javascript:alert(1)).")
    mailing.send_due()
    letter = mail.outbox[0].message()
    assert letter["Subject"] == "Answer from Shop Bcc: eve@example.org"
    assert letter["Bcc"] is None
    html = html_of(mail.outbox[0])
    assert "&lt;b&gt;How" in html
    assert not any(tag in html for tag in ("<img", "<script", "<b>", 'href="javascript'))


@pytest.mark.parametrize(
    "page",
    [
        "https://shop.example/" + "Dear-customer-" * 40,
        "https://evil.example/x",
        "https://shop.example@evil.example/",
        "javascript:alert(1)",
        "https://[",
        "x",
    ],
)
def test_the_way_back_leads_to_a_site_of_the_widget_or_nowhere(widget, page):
    conversation, _ = ask(widget)
    services.save_contact(conversation, client_id(), ADDRESS, f"{PAGE}?token=1#x")
    assert Conversation.objects.get().contact_page == PAGE
    services.save_contact(conversation, client_id(), ADDRESS, "https://shop.example/\u2028Dear customer, (50%)")
    assert Conversation.objects.get().contact_page == "https://shop.example/%E2%80%A8Dear%20customer,%20(50%)"
    services.save_contact(conversation, client_id(), ADDRESS, page)
    assert Conversation.objects.get().contact_page == ""


def test_an_address_that_is_none_is_no_link():
    assert web_link("https://[") is None
    assert web_link("https://help.example/x") == "https://help.example/x"


@pytest.mark.parametrize(
    ("url", "backend", "port", "tls", "ssl"),
    [
        ("consolemail://", "console", None, False, False),
        ("smtp://mail.example", "smtp", 25, False, False),
        ("smtp+tls://ada:p%40ss@mail.example:587", "smtp", 587, True, False),
        ("smtp+ssl://mail.example?timeout=3", "smtp", 465, False, True),
    ],
)
def test_the_address_of_a_mail_server_is_understood(url, backend, port, tls, ssl):
    found = mail_settings(url)
    assert found["EMAIL_BACKEND"] == f"django.core.mail.backends.{backend}.EmailBackend"
    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (port, tls, ssl)
    assert found["EMAIL_TIMEOUT"] == (3 if "timeout" in url else 10)


def test_a_scheme_that_sends_nothing_is_refused():
    with pytest.raises(ValueError, match="EMAIL_URL begins with 'imap'"):
        mail_settings("imap://mail.example")
