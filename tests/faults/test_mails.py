"""Of those who left an address: what they were owed by mail, what they got, and what was not for them."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from django.core.mail.backends.filebased import EmailBackend
from django.core.mail.message import EmailMessage as Letter

from tests.faults.mails import breaches_of, repeated, written_to
from tests.faults.marks import mark_of
from tests.faults.test_oracle import SAID, message


def mail(id: str, text: str = "") -> EmailMessage:
    made = EmailMessage()
    made["Message-ID"] = f"<{id}@localhost>"
    made.set_content(text)
    return made


@pytest.mark.parametrize(
    ("mails", "breach"),
    [
        ([mail("m3")], {}),
        ([mail("m3"), mail("m3")], {}),  # a repeat under its Message-ID, which is counted elsewhere
        ([], {"not mailed": 1}),
        ([mail("m1"), mail("m3")], {"mailed unasked": 1}),
        ([mail("m3", mark_of(SAID))], {}),
        ([mail("m3", mark_of("00000000"))], {"misrouted": 1}),
    ],
)
def test_what_stands_below_the_last_question_is_owed(mails: list[EmailMessage], breach: dict[str, int]) -> None:
    events = [message(1, "assistant"), message(2, "customer", SAID), message(3, "assistant"), message(4, "system")]
    for event in events:
        event["message"]["id"] = f"m{event['seq']}"
    events[1]["message"]["text"] = mark_of(SAID)
    assert +breaches_of(events, mails) == breach


def test_mails_are_read_as_they_are_written(tmp_path: Path) -> None:
    letter = Letter("An answer", "Words", to=["ada@example.org"], headers={"Message-ID": "<m1@localhost>"})
    for _ in range(2):
        with EmailBackend(file_path=tmp_path) as server:
            server.send_messages([letter, letter])
    written = written_to(tmp_path)
    assert [str(each["Message-ID"]) for each in written["ada@example.org"]] == ["<m1@localhost>"] * 4
    assert repeated(written) == 3
