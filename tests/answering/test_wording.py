import csv
import re
from pathlib import Path

import pytest

from assistant.answering import cases, guardrails, hearing, wording
from assistant.answers import Said
from assistant.states import Decision, Role

LANGUAGES = ["de", "es", "fr", "it", "ja", "nl", "pl", "pt", "ru", "sv", "zh"]
# Patterns that not every language needs.
SOME = {"device", "claim"}
PLACEHOLDER = re.compile(r"\{\w*\}")
with (Path(__file__).parents[2] / "benchmarks/acts/tongues.tsv").open(encoding="utf-8") as lines:
    PHRASINGS = list(csv.DictReader(lines, delimiter="\t"))
HELP = {
    "de": "Ich brauche Hilfe",
    "es": "Tengo un problema",
    "fr": "Ça ne marche pas",
    "it": "Ho bisogno di aiuto",
    "ja": "動きません",
    "nl": "Ik heb een vraag",
    "pl": "Mam problem",
    "pt": "Preciso de ajuda",
    "ru": "Помогите, пожалуйста",
    "sv": "Det fungerar inte",
    "zh": "我需要帮助",
}
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
@pytest.mark.parametrize(("message", "reply"), [(HELLO, "greeting"), (THANKS, "thanks")])
def test_greetings_and_thanks_are_returned_in_their_language(language, message, reply):
    verdict = guardrails.read(message[language], language=language)
    assert (verdict.decision, verdict.text) == (Decision.ANSWER, wording.said(reply, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_about_people_is_a_question(language):
    offer = (Said(Role.ASSISTANT, wording.said("offer", language)),)
    assert guardrails.read(QUESTIONS[language], offer, language=language) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "Necesito un agente más en mi plan"),
        ("fr", "Je voudrais un agent de plus dans mon forfait"),
        ("it", "Voglio un operatore in più nel piano"),
        ("ja", "担当者につなぐボタンを非表示にしたい"),
        ("ja", "人と話す機能はありますか？"),
        ("nl", "Ik wil een medewerker toevoegen"),
        ("pl", "Chcę dodać pracownika"),
        ("pt", "Quero um atendente a mais no plano"),
        ("ru", "Мне нужен оператор связи"),
        ("sv", "Jag vill ha en person till i teamet"),
        ("zh", "怎么关闭转人工功能？"),
        ("ja", "私の請求書はどこで見られますか？"),
        ("nl", "Wanneer wordt mijn abonnement afgeschreven?"),
        ("zh", "我的订单在哪里查看？"),
        ("zh", "我的会员什么时候扣费？"),
    ],
)
def test_a_question_that_names_people_or_orders_is_a_question(language, text):
    assert guardrails.read(text, language=language) is None
    assert cases.own_case(text, language) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "Necesito una persona que me ayude"),
        ("fr", "Je voudrais une vraie personne, s'il vous plaît"),
        ("it", "Voglio un operatore"),
        ("ja", "人間と話したい"),
        ("nl", "Ik wil een mens spreken"),
        ("pl", "Poproszę konsultanta"),
        ("pt", "Preciso de uma pessoa de verdade"),
        ("ru", "дайте оператора"),
        ("sv", "Jag vill ha en riktig människa"),
        ("zh", "怎么转人工？"),
    ],
)
def test_a_bare_wish_for_a_person_is_one(language, text):
    assert guardrails.read(text, language=language).decision is Decision.ESCALATE


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("accepted", [True, False])
def test_an_answer_to_the_offer_counts_after_the_offer_alone(language, accepted):
    word = YES_OR_NO[language][0 if accepted else 1]
    offer = (Said(Role.ASSISTANT, f"{wording.said('not_found', language)} {wording.said('offer', language)}"),)
    verdict = guardrails.read(word, offer, language=language)
    wanted = "person" if accepted else "go_on"
    assert verdict.text in (wording.said(wanted, language), wording.said(wanted))
    assert (verdict.decision is Decision.ESCALATE) == accepted
    assert hearing.wish(word, language) is None


def test_english_keeps_its_own_phrases():
    assert guardrails.read("How do I talk to Siri in German?") is None
    assert guardrails.read("I want to talk to a person").text == wording.said("person")


def test_every_language_has_every_sentence_with_its_placeholders_and_every_pattern():
    tables = dict(wording.tables())
    english = tables.pop("en")
    assert sorted(tables) == LANGUAGES
    for table in tables.values():
        assert table.keys() == english.keys()
        patterns, every = table["patterns"].keys() - SOME, tables["de"]["patterns"].keys() - SOME
        assert patterns == every > english["patterns"].keys() - SOME
        for key in english.keys() - {"patterns", "facts"}:
            assert table[key].strip()
            assert PLACEHOLDER.findall(table[key]) == PLACEHOLDER.findall(english[key])


def test_further_languages_have_what_stands_around_an_answer_with_its_placeholders():
    english = wording.tables()["en"]
    around = next(iter(wording.sentences().values())).keys()
    assert {"ar", "hi", "ko", "th", "tr"} == wording.sentences().keys()
    for language, table in wording.sentences().items():
        assert table.keys() == around
        for key, sentence in table.items():
            assert wording.said(key, language) == sentence != english[key]
            assert PLACEHOLDER.findall(sentence) == PLACEHOLDER.findall(english[key])
            assert sentence in wording.said_in_any(key)
        assert wording.said("greeting", language) == english["greeting"]


@pytest.mark.parametrize(("language", "name"), [("tr", "Almanca"), ("th", "เยอรมัน"), ("ko", "독일어")])
def test_a_further_language_names_others_in_its_own_words(language, name):
    assert name in wording.naming("found_in", "de", language)
    assert wording.naming("found_in", "en", language) == wording.said("found_in_english", language)


@pytest.mark.parametrize("phrasing", [one for one in PHRASINGS if one["part"] == "working"], ids="{0[text]}".format)
def test_what_customers_say_is_heard_and_answered_in_their_language(phrasing):
    act, text, language = phrasing["act"], phrasing["text"], phrasing["language"]
    if act == "own_case":
        assert guardrails.read(text, language=language) is None
        assert cases.own_case(text, language)
        return
    answered = (Said(Role.CUSTOMER, "Reset?"), Said(Role.ASSISTANT, "Press the button [1]."))
    verdict = guardrails.read(text, answered, language=language)
    assert verdict.text.startswith(wording.said(act, language))
    assert (verdict.decision is Decision.ESCALATE) == (act in ("self_harm", "danger", "legal", "upset"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_did_not_help_twice_brings_a_person_whatever_the_language(language):
    text = next(one["text"] for one in PHRASINGS if (one["language"], one["act"]) == (language, "unhelped"))
    answered = (Said(Role.CUSTOMER, "Reset?"), Said(Role.ASSISTANT, "Press the button [1]."))
    asked_back = (*answered, Said(Role.CUSTOMER, text), Said(Role.ASSISTANT, wording.said("unhelped", language)))
    unknown = (Said(Role.CUSTOMER, "Reset?"), Said(Role.ASSISTANT, wording.said("not_found", language)))
    for history in (asked_back, unknown):
        verdict = guardrails.read(text, history, language=language)
        assert (verdict.reason, verdict.text) == ("failed twice", wording.said("unhelped_twice", language))
    assert guardrails.read(f"{text} {QUESTIONS[language]}", answered, language=language) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_for_help_without_a_subject_is_asked_back_in_its_language(language):
    verdict = guardrails.read(HELP[language], language=language)
    assert (verdict.decision, verdict.text) == (Decision.CLARIFY, wording.said("too_little", language))


@pytest.mark.parametrize(
    ("text", "language"),
    [("Guten Tag", "de"), ("Buen día", "es"), ("Salut", "fr"), ("Ciao", "it"), ("Dag", "nl"), ("Bom dia", "pt")],
)
def test_what_is_said_when_people_meet_is_a_greeting(text, language):
    assert guardrails.read(text, language=language).text == wording.said("greeting", language)


@pytest.mark.parametrize(
    ("text", "other"),
    [("ok", "fr"), ("agent", "fr"), ("problem", "fr"), ("Help me!", "nl"), ("help", "nl"), ("error", "es")],
)
def test_words_that_languages_share_are_answered_in_the_customers(text, other):
    for language in ("en", other):
        answers = [wording.said(key, language) for key in ("understood", "person", "too_little")]
        assert guardrails.read(text, language=language).text in answers


def test_a_long_message_is_read_no_further_than_its_beginning():
    end = "x " * hearing.READ_CHARACTERS
    assert hearing.wish(f"Ich will einen Menschen. {end}", "de")
    assert hearing.wish(f"{end}. Ich will einen Menschen", "de") is None


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
    assert "English" in wording.naming("found_in", "en", "fi")
    assert "tlh" in wording.naming("found_in", "tlh", "en")


def test_short_english_words_are_answered_in_english():
    offer = (Said(Role.ASSISTANT, wording.said("offer")),)
    assert guardrails.read("No.", offer).text == wording.said("go_on")
    assert guardrails.read("agent").text == wording.said("person")
