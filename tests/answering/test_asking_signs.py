"""The words that join questions, said over and over."""

import pytest

from assistant.answering import narrowing
from assistant.answering.several import MOST_CHARACTERS, MOST_CHARACTERS_LISTED, questions
from assistant.answering.wording import tables


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("de", "Wie lösche ich mein Konto"),
        ("es", "¿Cómo cambio mi contraseña"),
        ("fr", "Comment supprimer mon compte"),
        ("it", "Come cambio la password"),
        ("ja", "パスワードの変更方法を教えて"),
        ("nl", "Hoe wijzig ik mijn wachtwoord"),
        ("pl", "Jak zresetować hasło"),
        ("pt", "Como altero a minha senha"),
        ("ru", "Как изменить пароль"),
        ("sv", "Hur ändrar jag mitt lösenord"),
        ("zh", "如何修改密码"),
    ],
)
def test_words_that_join_said_over_and_over_are_read_in_one_way(language, question):
    """Read in each way that they may be parted in, these take hours: "a także" is "a" and "także" as well."""
    joining = tables()[language]["patterns"]["joining"]
    for repeated in (f"{one} {other} " for one in joining for other in joining):
        assert questions(f"{question} {repeated * 200}"[: MOST_CHARACTERS - 2] + "x?", language)
    longest = max(joining, key=len)
    half = f"{question} {f'{longest} ' * 200}"[: MOST_CHARACTERS_LISTED // 2 - 5] + "x?"
    assert questions(f"1. {half}\n2. {half}", language)


def test_english_lead_ins_said_over_and_over_are_read_in_one_way():
    asked = "how do I reset my password?"
    lead_ins = ("and also, " * 200)[: narrowing.MOST_CHARACTERS - len(asked)]
    assert narrowing.stretches(f"{lead_ins}{asked}") != []
    assert questions(f"{lead_ins}{asked}", "en")
