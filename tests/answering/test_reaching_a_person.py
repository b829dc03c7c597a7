"""Who one talks to and how to reach a person, asked in each language and taken for some other."""

import pytest

from assistant.answering import guardrails
from assistant.states import Decision

WHO_ARE_YOU = [
    "Wer sind Sie?",
    "Wer bist du?",
    "¿Quién eres?",
    "Qui êtes-vous ?",
    "Chi sei?",
    "あなたは誰ですか？",
    "Wie ben je?",
    "Kim jesteś?",
    "Quem é você?",
    "Кто вы?",
    "Vem är du?",
    "你是谁？",
]
HOW_TO_REACH_A_PERSON = [
    "How do I talk to a person?",
    "Can I talk to a person?",
    "How can I speak to a human?",
    "I want to speak to sales about pricing",
    "Wie spreche ich mit einer Person?",
    "Wie erreiche ich einen Menschen?",
    "¿Cómo hablo con una persona?",
    "Comment parler à une personne ?",
    "Comment joindre un conseiller ?",
    "Come parlo con una persona?",
    "人と話すにはどうすればいいですか？",
    "Hoe spreek ik met een persoon?",
    "Hoe praat ik met iemand?",
    "Jak porozmawiać z człowiekiem?",
    "Como falo com uma pessoa?",
    "Как поговорить с человеком?",
    "Hur pratar jag med en person?",
    "怎么和真人说话？",
    "Ich möchte mit dem Vertrieb über Preise sprechen",
    "Kann ich bitte mit dem Vertrieb sprechen?",
    "Können Sie mich mit dem Vertrieb verbinden?",
    "Verbinden Sie mich mit dem Vertrieb",
    "Bitte mit dem Vertrieb verbinden",
    "Dürfte ich mit dem Vertrieb sprechen?",
    "Ich möchte heute noch mit dem Vertrieb sprechen",
    "Kan ik met sales praten?",
    "Ik zou graag met de verkoopafdeling spreken",
    "Zou ik met de verkoop kunnen praten?",
    "Graag met sales spreken",
    "Quiero hablar con ventas sobre precios",
    "Je voudrais parler au service commercial",
    "Vorrei parlare con l'ufficio vendite",
    "Ik wil met de verkoopafdeling over prijzen praten",
    "Chcę porozmawiać z działem sprzedaży o cenach",
    "Quero falar com vendas sobre preços",
    "Хочу поговорить с отделом продаж о ценах",
    "Jag vill prata med säljavdelningen om priser",
    "営業担当と話したい",
    "我想和销售谈谈价格",
]


@pytest.mark.parametrize("taken_for", ["en", "de", "ja"])
def test_who_are_you_is_small_talk_in_every_language(taken_for):
    for text in WHO_ARE_YOU:
        verdict = guardrails.read(text, language=taken_for)
        assert verdict, text
        assert (verdict.decision, verdict.reason) == (Decision.ANSWER, "small talk"), text


@pytest.mark.parametrize("taken_for", ["en", "de", "ja"])
def test_how_to_reach_a_person_and_a_wish_for_sales_bring_one(taken_for):
    for text in HOW_TO_REACH_A_PERSON:
        verdict = guardrails.read(text, language=taken_for)
        assert verdict, text
        assert verdict.decision is Decision.ESCALATE, text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wie richte ich ein, dass Besucher mit dem Vertrieb chatten?", "de"),
        ("Ich möchte dass Besucher mit dem Vertrieb chatten", "de"),
        ("Kunnen bezoekers praten met sales via de widget?", "nl"),
    ],
)
def test_how_visitors_reach_sales_is_a_question(text, language):
    assert guardrails.read(text, language=language) is None
