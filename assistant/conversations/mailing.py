"""Answers by e-mail: written to the outbox with the answer, sent a while later to who has not seen them.

At least once: a process that dies between the mail server's word and ours sends the mail again, with the same
Message-ID. Never in doubt: the outbox's row is kept until its conversation is deleted.
"""

import random
import smtplib
import time
from contextlib import closing, suppress
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from assistant.conversations.letters import compose
from assistant.conversations.messages import storable
from assistant.conversations.presence import customer_is_there
from assistant.models import Conversation, Event, Message, Outgoing
from assistant.states import Role

log = structlog.get_logger(__name__)

BATCH = 20
# Then no further mail is begun, and the next round, as far away, goes on. Nothing else ends a task in this pool.
ROUND_SECONDS = 20.0
# Longer than one mail takes with a server that is slow at each step: whoever holds a lease that ran out is gone.
LEASE = timedelta(seconds=120)
MOST_ATTEMPTS = 10
FIRST_PAUSE, LONGEST_PAUSE, SPREAD = timedelta(seconds=60), timedelta(hours=6), 0.2
# What is further ahead than it can be by more than this was set by a clock that was put back, not by another machine's.
CLOCKS_DIFFER = timedelta(minutes=5)
# For who has the chat open and has not looked: until they look, or leave, or are taken for gone.
LOOK_AGAIN = timedelta(seconds=60)
GONE_AFTER = timedelta(hours=1)
# What a server says of one mail; whatever else goes wrong with it would go wrong with the next mail too.
OF_THIS_MAIL = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)


def queue(row: Conversation, said: Event) -> None:
    """Owe a mail for a message that was just said, if the customer left an address; in the caller's transaction."""
    if row.contact_email:
        Outgoing.objects.create(message_id=said.frame["message"]["id"], **_addressed(row))


def queue_unseen(row: Conversation) -> None:
    """Owe mails for what was said before the address came and not seen; what waits already goes to that address.

    So does what failed, when it is another address than before.
    """
    fields, seen = _addressed(row), seen_up_to(row)
    owed = Outgoing.objects.filter(message__conversation=row)
    failed = owed.filter(state=Outgoing.State.FAILED, message__seq__gt=seen).exclude(mailbox=fields["mailbox"])
    failed.update(**fields, state=Outgoing.State.QUEUED, attempts=0, error="")
    new = {name: fields[name] for name in ("address", "mailbox")}
    owed.filter(state=Outgoing.State.QUEUED).update(**new)
    answers = Message.objects.filter(conversation=row, role__in=(Role.ASSISTANT, Role.AGENT), stopped=False)
    unseen = answers.filter(seq__gt=seen, outgoing=None)
    Outgoing.objects.bulk_create(Outgoing(message=message, **fields) for message in unseen)


def seen_up_to(row: Conversation) -> int:
    """The `seq` up to which the customer has seen the conversation: read, or written below."""
    own = Message.objects.filter(conversation=row, role=Role.CUSTOMER).aggregate(newest=Max("seq"))["newest"]
    return max(row.customer_read_seq, own or 0)


def send_due() -> int:
    """Send what is due, one after the other over one connection; how many went.

    A server that fails ends the round, and so do BATCH mails that went, and ROUND_SECONDS.
    """
    sent, until = 0, time.monotonic() + ROUND_SECONDS
    _put_right()
    with closing(get_connection()) as server:
        while sent < BATCH and time.monotonic() < until and (mail := _claim()):
            if mail.lease_until and not _send(mail, server):
                break
            sent += mail.state == Outgoing.State.SENT
    return sent


def send_again(mails: QuerySet[Outgoing]) -> int:
    """Put failed mails and those held back into the queue anew; how many."""
    stuck = mails.filter(state__in=(Outgoing.State.FAILED, Outgoing.State.HELD))
    fresh = {"state": Outgoing.State.QUEUED, "attempts": 0, "due_at": timezone.now(), "error": ""}
    return stuck.update(**fresh)


def _addressed(row: Conversation) -> dict[str, Any]:
    address = row.contact_email
    due_at = timezone.now() + timedelta(seconds=settings.MAIL_AFTER_SECONDS)
    return {"address": address, "mailbox": mailbox(address), "due_at": due_at}


def mailbox(address: str) -> str:
    """The address as limits count it: `Ada+shop@Example.org` arrives where `ada@example.org` does."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _put_right() -> None:
    """Bring back the times of waiting mails that lie further ahead than any is set: the clock was put back since."""
    now = timezone.now()
    at_most = now + CLOCKS_DIFFER
    waits = Outgoing.objects.filter(state=Outgoing.State.QUEUED)
    longest = {0: max(timedelta(seconds=settings.MAIL_AFTER_SECONDS), LOOK_AGAIN)}
    longest |= {attempts: _pause(attempts) * (1 + SPREAD) for attempts in range(1, MOST_ATTEMPTS + 1)}
    too_late = reduce(or_, (Q(attempts=attempts, due_at__gt=at_most + most) for attempts, most in longest.items()))
    waits.filter(too_late).update(due_at=now)
    waits.filter(lease_until__gt=at_most + LEASE).update(lease_until=now + LEASE)


def _claim() -> Outgoing | None:
    """The mail that is due longest; leased and counted as an attempt, or with what becomes of it instead."""
    others: list[int] = []  # mails that another round has
    while found := _due().exclude(pk__in=others).first():
        may_look = _may_still_look(found)  # asks the cache: a transaction would stand idle while that is silent
        with transaction.atomic():
            mail = _due().filter(pk=found.pk).select_for_update(skip_locked=True, of=("self",)).first()
            if mail is None:
                others.append(found.pk)
                continue
            lease = {"attempts": mail.attempts + 1, "lease_until": timezone.now() + LEASE}
            changed = {"lease_until": None, **(_instead(mail, may_look=may_look) or lease)}
            for name, value in changed.items():
                setattr(mail, name, value)
            mail.save(update_fields=changed)
            return mail
    return None


def _due() -> QuerySet[Outgoing]:
    """What is due and nobody holds, longest due first."""
    now = timezone.now()
    due = Outgoing.objects.filter(state=Outgoing.State.QUEUED, due_at__lte=now)
    free = due.filter(Q(lease_until=None) | Q(lease_until__lt=now)).order_by("due_at")
    return free.select_related("message__conversation__widget", "message__turn", "message__author")


def _instead(mail: Outgoing, *, may_look: bool) -> dict[str, Any] | None:
    """What becomes of the mail other than being sent; None when it is to be sent."""
    if mail.message.seq <= seen_up_to(mail.message.conversation):
        return {"state": Outgoing.State.SEEN}
    if may_look:
        return {"due_at": timezone.now() + LOOK_AGAIN}
    if mail.attempts >= MOST_ATTEMPTS:
        return {"state": Outgoing.State.FAILED, "error": "Each attempt ended without a word from the mail server."}
    over = _limit_reached(mail)
    return {"state": Outgoing.State.HELD, "error": over} if over else None


def _may_still_look(mail: Outgoing) -> bool:
    """True while the customer has the chat open, unless it said that the answer is late and comes by mail too."""
    message = mail.message
    late = message.turn is not None and message.turn.late_at is not None
    if late or timezone.now() - message.created_at > GONE_AFTER:
        return False
    return customer_is_there(message.conversation_id)


def _limit_reached(mail: Outgoing) -> str:
    """Which limit keeps the mail back, in words for an admin; empty when none does.

    Nobody proves that an address is theirs: without limits the chat could be used to flood a stranger's mailbox.
    """
    now = timezone.now()
    to_address = Outgoing.objects.filter(mailbox=mail.mailbox, sent_at__gt=now - timedelta(hours=1))
    if 0 < settings.MAIL_LIMIT_ADDRESS <= to_address.count():
        return f"{settings.MAIL_LIMIT_ADDRESS} e-mails went to this address within an hour (MAIL_LIMIT_ADDRESS)."
    widget = mail.message.conversation.widget_id
    of_widget = Outgoing.objects.filter(message__conversation__widget_id=widget, sent_at__gt=now - timedelta(days=1))
    if 0 < settings.MAIL_LIMIT_WIDGET <= of_widget.count():
        return f"{settings.MAIL_LIMIT_WIDGET} e-mails went from this widget within a day (MAIL_LIMIT_WIDGET)."
    return ""


def _send(mail: Outgoing, server: BaseEmailBackend) -> bool:
    """Try once. False when the next mail should wait: the server failed, not this mail."""
    try:
        letter = compose(mail)
    except DatabaseError:  # says nothing of the mail, which is tried again once its lease has run out
        raise
    except Exception as error:  # it would fail again
        _note_failure(mail, error, final=True)
        return True
    try:
        _deliver(letter, server)
    except Exception as error:
        with suppress(OSError):
            server.close()  # what is left of it would fail the next mail
        _note_failure(mail, error, final=_is_refused(error) or mail.attempts >= MOST_ATTEMPTS)
        return not isinstance(error, OSError) or isinstance(error, OF_THIS_MAIL)
    _held(mail).update(lease_until=None, state=Outgoing.State.SENT, sent_at=timezone.now(), error="")
    mail.state = Outgoing.State.SENT
    log.info("mail_sent", **_named(mail))
    return True


def _deliver(letter: EmailMessage, server: BaseEmailBackend) -> None:
    """Send it over the open connection; over a new one where the server has closed that, as some do after each mail."""
    is_new = server.open()
    try:
        server.send_messages([letter])
    except smtplib.SMTPServerDisconnected:
        if is_new:
            raise
        server.close()
        server.send_messages([letter])


def _note_failure(mail: Outgoing, error: Exception, *, final: bool) -> None:
    # Whoever put the address right meanwhile is sent the mail once the lease has run out.
    _held(mail).filter(address=mail.address).update(lease_until=None, **_after_failure(mail, error, final=final))
    log.warning("mail_not_sent", **_named(mail), attempts=mail.attempts, error=type(error).__name__)


def _is_refused(error: Exception) -> bool:
    """True when the server will never take mail for this address."""
    return isinstance(error, smtplib.SMTPRecipientsRefused) and all(
        code >= 500 for code, _ in error.recipients.values()
    )


def _after_failure(mail: Outgoing, error: Exception, *, final: bool) -> dict[str, Any]:
    words = storable(f"{type(error).__name__}: {error}")[:500]
    if final:
        return {"state": Outgoing.State.FAILED, "error": words}
    pause = _pause(mail.attempts) * random.uniform(1 - SPREAD, 1 + SPREAD)  # noqa: S311
    return {"due_at": timezone.now() + pause, "error": words}


def _pause(attempts: int) -> timedelta:
    """Before the next attempt, after so many."""
    return min(FIRST_PAUSE * (1 << (attempts - 1)), LONGEST_PAUSE)


def _held(mail: Outgoing) -> QuerySet[Outgoing]:
    """The row of a claimed mail, unless somebody else has claimed it since."""
    return Outgoing.objects.filter(pk=mail.pk, state=Outgoing.State.QUEUED, attempts=mail.attempts)


def _named(mail: Outgoing) -> dict[str, str]:
    """The mail in a log line: no address, no text."""
    return {"message": str(mail.message_id), "conversation": str(mail.message.conversation_id)}
