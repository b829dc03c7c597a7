import pytest

from knowledge.languages import is_other_language, language_of_article, language_of_message, likelier_language
from knowledge.terms import language_of

MESSAGES = {
    "en": "How do I get my money back?",
    "de": "Wie bekomme ich mein Geld zurück?",
    "es": "¿Cómo puedo recuperar mi dinero?",
    "fr": "Comment puis-je me faire rembourser ?",
    "it": "Come posso riavere i miei soldi?",
    "pt": "Como posso receber meu dinheiro de volta?",
    "nl": "Hoe krijg ik mijn geld terug?",
    "pl": "Jak mogę odzyskać pieniądze?",
    "ru": "Как мне вернуть свои деньги?",
    "sv": "Hur får jag tillbaka mina pengar?",
    "ja": "返金してもらうにはどうすればいいですか？",
    "zh": "我怎样才能拿回我的钱？",
}


@pytest.mark.parametrize(("language", "message"), MESSAGES.items())
def test_a_message_tells_its_language(language, message):
    assert language_of_message(message) == language


@pytest.mark.parametrize("message", ["", "ok", "  42  ", "E-4711", "PDF 2.0", "\0\0\0\0\0\0\0"])
def test_what_is_too_short_or_in_no_language_is_left_open(message):
    assert language_of_message(message) is None


def test_a_few_words_are_told_between_two_languages():
    assert language_of_message("Passwort ändern") is None
    assert likelier_language("Passwort ändern", "en", "de") == "de"
    assert likelier_language("Utilizar números redondeados", "en", "es") == "es"
    assert likelier_language("Delete account", "en", "de") == "en"
    assert likelier_language("Delete account", "de", "en") == "en"


@pytest.mark.parametrize("message", ["", "ok", "PDF 2.0", "E-4711"])
def test_words_that_tell_nothing_stay_in_the_usual_language(message):
    assert likelier_language(message, "en", "de") == "en"
    assert likelier_language(message, "de", "en") == "de"


def test_a_language_that_is_not_told_apart_is_never_likelier():
    assert likelier_language("Passwort ändern", "en", "tlh") == "en"


def test_code_and_addresses_say_nothing_of_an_articles_language():
    german = "So wird das Gerät zurückgesetzt: Halten Sie die Taste gedrückt, bis die Lampe blinkt. " * 3
    listing = "```\nprint the value of the counter and return to the caller of the function\n```\n" * 9
    assert language_of_article(german) == "de"
    assert language_of_article(f"{listing}\n{german}") == "de"
    assert language_of_article("Kurz.") is None
    assert language_of_article("0x1F 0x2A 0x3B\n" * 60) is None


def test_norwegian_is_one_language_and_what_cannot_be_told_is_not_another():
    assert not is_other_language(language_of("nb-NO"), "no")
    assert not is_other_language(language_of("sk"), "cs")
    assert not is_other_language(language_of("en-GB"), None)
    assert is_other_language(language_of("de-AT"), "en")
