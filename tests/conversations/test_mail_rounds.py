"""Rounds of mails: whatever fails, each mail goes once it can, no other waits for it, and no mailbox is flooded."""

import smtplib
from datetime import timedelta

import psycopg
import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import OperationalError, connection
from django.utils import timezone

from assistant.conversations import mailing, presence, services
from assistant.models import Conversation, Outgoing
from tests.cast import client_id, make_widget
from tests.contract.mail_server import mail_server
from tests.contract.server import environment
from tests.conversations.owing import ADDRESS, answered, later, states

pytestmark = pytest.mark.django_db
HERE = "tests.conversations.test_mail_rounds"


class Down(EmailBackend):
    """A mail server that does not take the mail now."""

    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")


class Refusing(EmailBackend):
    """A mail server that knows no such mailbox."""

    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"no such user")})


class Corrected(EmailBackend):
    """The customer puts the address right while the server refuses the wrong one."""

    def send_messages(self, messages):
        if ADDRESS in messages[0].to:
            return super().send_messages(messages)
        services.save_contact(Conversation.objects.get(), client_id(), ADDRESS)
        raise smtplib.SMTPRecipientsRefused({"typo@example.org": (550, b"no such user")})


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


def test_an_address_that_was_put_right_while_the_wrong_one_is_refused_gets_the_mail(widget, settings):
    answered(widget, address="typo@example.org")
    settings.EMAIL_BACKEND = f"{HERE}.Corrected"
    assert mailing.send_due() == 0
    later(lease_until=timezone.now() - timedelta(seconds=1))
    assert mailing.send_due() == 1
    assert mail.outbox[0].to == [ADDRESS]


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


def test_a_database_that_fails_while_a_mail_is_written_leaves_it_to_be_sent(widget):
    answered(widget)

    def lost(execute, sql, *rest):
        if "assistant_citation" in sql:
            raise OperationalError("the connection is lost")
        return execute(sql, *rest)

    with connection.execute_wrapper(lost), pytest.raises(OperationalError):
        mailing.send_due()
    later(lease_until=timezone.now() - timedelta(seconds=1))
    assert mailing.send_due() == 1


@pytest.fixture
def server(settings):
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def test_a_server_that_hangs_up_keeps_no_other_mail_from_going(widget, server):
    for address in ("busy@example.org", ADDRESS, ADDRESS):
        answered(widget, address=address)
    server.curt = True
    assert mailing.send_due() == 2
    assert states() == ["queued", "sent", "sent"]
    assert len(server.received) == 2


def test_a_round_takes_one_connection(widget, server):
    answered(widget)
    answered(widget)
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


@pytest.mark.django_db(transaction=True)
def test_no_transaction_waits_while_the_cache_is_asked_for_the_customer(widget, monkeypatch):
    answered(widget)
    waits = []

    def there(conversation_id):
        waits.append(connection.in_atomic_block)
        return False

    monkeypatch.setattr(mailing, "customer_is_there", there)
    assert mailing.send_due() == 1
    assert waits == [False]


def test_a_mail_that_another_round_takes_meanwhile_is_left_to_it(widget, monkeypatch):
    answered(widget)
    rounds = iter([mailing.send_due])

    def there(conversation_id):
        for another in rounds:
            assert another() == 1
        return False

    monkeypatch.setattr(mailing, "customer_is_there", there)
    assert mailing.send_due() == 0
    assert (len(mail.outbox), states()) == (1, ["sent"])


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_another_round_holds_keeps_no_other_waiting(widget):
    answered(widget)
    answered(widget)
    held = Outgoing.objects.order_by("due_at").first()
    with psycopg.connect(environment()["DATABASE_URL"]) as another:
        another.execute("SELECT 1 FROM assistant_outgoing WHERE id = %s FOR UPDATE", [held.pk])
        assert mailing.send_due() == 1
        assert states() == ["queued", "sent"]


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
