"""Answers by e-mail: to who left an address and has not seen them, once, in words that nobody else put there."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.db.models import F
from django.utils import timezone

from assistant.answering import turns
from assistant.conversations import mailing, presence, services
from assistant.conversations.errors import InvalidText
from assistant.conversations.letters import letter_words
from assistant.conversations.rendering import web_link, with_absolute_links
from assistant.models import Conversation, Outgoing
from assistant.project.outgoing_mail import mail_settings
from tests.cast import client_id, make_agent, make_answer, make_widget
from tests.conversations.owing import ADDRESS, PAGE, QUESTION, answer, answered, ask, later, states

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(settings, embedded_services):
    settings.MAIL_AFTER_SECONDS = 0


@pytest.fixture
def widget():
    return make_widget(allowed_origins=["https://shop.example"])


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


@pytest.mark.parametrize("attempts", [0, 1, 9])
def test_a_clock_that_was_put_back_delays_no_mail(widget, attempts):
    answered(widget)
    tomorrow = timezone.now() + timedelta(days=1)
    Outgoing.objects.update(due_at=tomorrow, lease_until=tomorrow if attempts else None, attempts=attempts)
    mailing.send_due()
    if attempts:  # whoever held it may be at it until then
        Outgoing.objects.update(lease_until=F("lease_until") - mailing.LEASE)
        mailing.send_due()
    assert states() == ["sent"]


def test_a_clock_that_is_a_little_ahead_hurries_no_mail(widget, settings):
    settings.MAIL_AFTER_SECONDS = 120
    answered(widget)
    Outgoing.objects.update(due_at=timezone.now() + timedelta(seconds=150))
    assert (mailing.send_due(), states()) == (0, ["queued"])


def test_a_mail_waits_between_attempts(widget):
    answered(widget)
    Outgoing.objects.update(due_at=timezone.now() + timedelta(hours=4), attempts=9)
    assert (mailing.send_due(), states()) == (0, ["queued"])


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


def test_a_folder_for_mails_is_where_it_says():
    assert mail_settings("file:///var/mails")["EMAIL_FILE_PATH"] == "/var/mails"


def test_a_scheme_that_sends_nothing_is_refused():
    with pytest.raises(ValueError, match="EMAIL_URL begins with 'imap'"):
        mail_settings("imap://mail.example")


def test_links_to_our_own_pages_lead_there_from_a_mail(settings):
    settings.PUBLIC_URL = "https://help.example.com"
    text = "See [returns](/help/shop/returns#cost), [them](https://example.org/a) and [this](//evil.example)."
    told = "See [returns](https://help.example.com/help/shop/returns#cost), [them](https://example.org/a) and"
    assert with_absolute_links(text) == f"{told} [this](//evil.example)."
