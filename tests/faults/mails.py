"""The mails that a product writes into a folder, instead of sending them, by whom they are for."""

import email
import email.policy
from collections import Counter, defaultdict
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path

from tests.faults.customers import Frame
from tests.faults.marks import marks_in

Mails = dict[str, list[EmailMessage]]
# Between two mails of a file, as Django writes it.
_LINE = b"-" * 79 + b"\n"


def written_to(folder: Path) -> Mails:
    """Every whole mail, by address."""
    found: Mails = defaultdict(list)
    for file in folder.glob("*.log"):
        for text in file.read_bytes().split(_LINE)[:-1]:  # what no line follows is not whole
            mail = email.message_from_bytes(text, policy=email.policy.default)
            assert isinstance(mail, EmailMessage)
            found[str(mail["To"])].append(mail)
    return found


def breaches_of(events: Sequence[Frame], mails: Sequence[EmailMessage]) -> Counter[str]:
    """What is wrong with the mails of somebody who left an address and went, held against the stored conversation.

    Every answer and every word of a person below the last thing that they said is owed, and nothing else.
    """
    messages = [event["message"] for event in events if event["type"] == "message.created"]
    below = next((n for n, message in enumerate(reversed(messages)) if message["role"] == "customer"), len(messages))
    unseen = messages[len(messages) - below :]
    owed = {message["id"] for message in unseen if message["role"] in ("assistant", "agent")}
    sent = [str(mail["Message-ID"]).strip("<>").partition("@")[0] for mail in mails]
    own = {mark for message in messages if message["role"] == "customer" for mark in marks_in(message["text"])}
    strange = [mail for mail in mails if marks_in(mail.as_string()) - own]
    return Counter(
        {"not mailed": len(owed - {*sent}), "mailed unasked": len({*sent} - owed), "misrouted": len(strange)}
    )


def repeated(mails: Mails) -> int:
    """How many were written more often than once, under one Message-ID."""
    written = Counter(str(mail["Message-ID"]) for some in mails.values() for mail in some)
    return sum(times - 1 for times in written.values())
