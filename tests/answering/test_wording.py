import json

import pytest

from assistant.answering import guardrails, wording
from assistant.answers import Said
from assistant.states import Decision, Role

LANGUAGES = ["de", "es", "fr", "it", "ja", "nl", "pl", "pt", "ru", "sv", "zh"]
PERSON = {
    "de": "Ich möchte bitte mit einem Menschen sprechen!",
    "es": "Hola, quiero hablar con una persona",
    "fr": "Bonjour, je voudrais parler à quelqu'un s'il vous plaît.",
    "it": "Vorrei parlare con un operatore",
    "ja": "担当者と話したいです。",
    "nl": "Kan ik met een medewerker praten?",
    "pl": "Chcę porozmawiać z konsultantem.",
    "pt": "Quero falar com um atendente, por favor",
    "ru": "Соедините меня с оператором",
    "sv": "Kan jag få prata med en människa?",
    "zh": "我要转人工客服",
}
HELLO = {
    "de": "Guten Tag!",
    "es": "¡Buenos días!",
    "fr": "Bonjour",
    "it": "Buongiorno",
    "ja": "こんにちは。",
    "nl": "Goedemiddag",
    "pl": "Dzień dobry",
    "pt": "Olá!",
    "ru": "Здравствуйте!",
    "sv": "Hejsan",
    "zh": "你好！",
}
THANKS = {
    "de": "Super, vielen Dank!",
    "es": "Muchas gracias por la ayuda",
    "fr": "Merci beaucoup !",
    "it": "Perfetto, grazie mille",
    "ja": "ありがとうございます！",
    "nl": "Dank je wel",
    "pl": "Dziękuję za pomoc",
    "pt": "Muito obrigada",
    "ru": "Спасибо большое",
    "sv": "Tack för hjälpen!",
    "zh": "谢谢你",
}
YES_OR_NO = {
    "de": ("ja bitte", "nein danke"),
    "es": ("sí", "no gracias"),
    "fr": ("oui", "non merci"),
    "it": ("sì", "no grazie"),
    "ja": ("はい", "結構です"),
    "nl": ("ja graag", "nee"),
    "pl": ("tak", "nie dziękuję"),
    "pt": ("sim", "não obrigado"),
    "ru": ("да", "нет спасибо"),
    "sv": ("ja tack", "nej tack"),
    "zh": ("好的", "不用了"),
}
# About people, greetings and thanks, and none of them.
QUESTIONS = {
    "de": "Wie lade ich einen Mitarbeiter zu meinem Konto ein?",
    "es": "¿Cómo elimino a una persona de mi cuenta?",
    "fr": "Comment ajouter une personne à mon équipe ?",
    "it": "Come posso aggiungere un operatore al mio account?",
    "ja": "友人を招待するにはどうすればいいですか？",
    "nl": "Hoe voeg ik een medewerker toe aan mijn team?",
    "pl": "Jak dodać pracownika do zespołu?",
    "pt": "Como removo uma pessoa da minha conta?",
    "ru": "Как добавить сотрудника в команду?",
    "sv": "Hur lägger jag till en person i mitt team?",
    "zh": "如何把同事添加到我的团队？",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_wish_for_a_person_is_understood_and_answered_in_its_language(language):
    verdict = guardrails.read(PERSON[language])
    assert (verdict.decision, verdict.reason) == (Decision.ESCALATE, "asked for a person")
    assert verdict.text == wording.said("person", language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("message", "reply"), [(HELLO, "hello"), (THANKS, "thanks")])
def test_greetings_and_thanks_are_returned_in_their_language(language, message, reply):
    verdict = guardrails.read(message[language], language=language)
    assert (verdict.decision, verdict.text) == (Decision.ANSWER, wording.said(reply, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_about_people_is_a_question(language):
    assert wording.understood(QUESTIONS[language], language, offered=True) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("accepted", [True, False])
def test_an_answer_to_the_offer_counts_after_the_offer_alone(language, accepted):
    word = YES_OR_NO[language][0 if accepted else 1]
    offer = (Said(Role.ASSISTANT, f"{wording.said('not_found', language)} {wording.said('offer', language)}"),)
    verdict = guardrails.read(word, offer, language=language)
    wanted = "person" if accepted else "go_on"
    assert verdict.text in (wording.said(wanted, language), wording.said(wanted))
    assert (verdict.decision is Decision.ESCALATE) == accepted
    assert wording.understood(word, language, offered=False) is None


def test_english_keeps_its_own_phrases():
    assert guardrails.read("How do I talk to Siri in German?") is None
    assert guardrails.read("I want to talk to a person").text == wording.said("person")


def test_every_language_has_every_sentence():
    names = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in wording._FOLDER.glob("*.json")}
    assert sorted(names) == sorted(["en", *LANGUAGES])
    for table in names.values():
        assert table.keys() - {"patterns"} == names["en"].keys()
        assert "{language}" in table["found_in"]
        assert "{language}" in table["articles_in"]


@pytest.mark.parametrize(
    ("text", "before", "locale", "language"),
    [
        ("Wie bekomme ich mein Geld zurück?", "", "en-GB", "de"),
        ("ok", "Comment changer mon mot de passe ?", "en", "fr"),
        ("PDF 2", "", "pt-BR", "pt"),
        ("PDF 2", "", "", "en"),
        ("Hur får jag tillbaka mina pengar?", "Wie geht das mit dem Geld zurück?", "en", "sv"),
    ],
)
def test_the_message_tells_the_language_before_the_conversation_and_the_browser(text, before, locale, language):
    history = (Said(Role.CUSTOMER, before),) if before else ()
    assert wording.spoken(text, history, locale) == language


def test_a_language_is_named_in_the_customers():
    assert "Englisch" in wording.naming("found_in", "en", "de")
    assert "allemand" in wording.naming("found_in", "de", "fr").lower()
    assert "German" in wording.naming("found_in", "de", "en")
    assert "English" in wording.naming("found_in", "en", "tr")
    assert "tlh" in wording.naming("found_in", "tlh", "en")


def test_short_english_words_are_answered_in_english():
    offer = (Said(Role.ASSISTANT, wording.said("offer")),)
    assert guardrails.read("No.", offer).text == wording.said("go_on")
    assert guardrails.read("agent").text == wording.said("person")
