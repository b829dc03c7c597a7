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


NO_BOT = {
    "en": (
        "I don't want to talk to a bot",
        "I don't want to talk to a robot",
        "I'd rather not talk to a machine",
        "I really don't want to chat with an AI",
        "we refuse to deal with a chatbot",
        "I hate talking to machines",
        "no bots",
        "No bots please",
        "not a bot",
        "I want someone, not a bot",
        "I want a human not a robot",
        "I don't want a bot",
        "stop sending me to a bot",
        "My card was charged twice and I won't discuss it with a computer",
    ),
    "de": (
        "Ich will nicht mit einem Bot reden",
        "Ich möchte nicht mit einem Roboter sprechen",
        "Ich rede nicht mit Maschinen",
        "Ich will mit keinem Chatbot schreiben",
        "Keine Bots bitte",
        "Ich will jemanden, keinen Bot",
    ),
    "es": (
        "No quiero hablar con un bot",
        "No quiero hablar con una máquina",
        "Prefiero no hablar con un robot",
        "Odio hablar con robots",
        "Nada de bots, por favor",
        "Quiero una persona, no un bot",
    ),
    "fr": (
        "Je ne veux pas parler à un robot",
        "Je n'ai pas envie de parler à une machine",
        "Je préfère ne pas parler à un bot",
        "Pas de robots",
        "Pas un bot s'il vous plaît",
        "Je voudrais quelqu'un, pas un robot",
    ),
    "it": (
        "Non voglio parlare con un bot",
        "Preferisco non parlare con una macchina",
        "Non mi va di parlare con un robot",
        "Niente bot",
        "Voglio una persona, non un bot",
    ),
    "nl": (
        "Ik wil niet met een bot praten",
        "Ik wil niet praten met een robot",
        "Ik praat niet met een machine",
        "Geen bots alsjeblieft",
        "Ik wil iemand, geen bot",
    ),
    "pl": (
        "Nie chcę rozmawiać z botem",
        "Nie mam ochoty rozmawiać z robotem",
        "Wolę nie rozmawiać z maszyną",
        "Żadnych botów",
        "Chcę człowieka, nie bota",
    ),
    "pt": (
        "Não quero falar com um bot",
        "Não quero falar com um robô",
        "Prefiro não falar com uma máquina",
        "Nada de bots",
        "Quero uma pessoa, não um robô",
    ),
    "ru": (
        "Я не хочу разговаривать с ботом",
        "Не хочу общаться с роботом",
        "Не буду говорить с машиной",
        "Никаких ботов",
        "Мне нужен человек, а не бот",
    ),
    "sv": (
        "Jag vill inte prata med en bot",
        "Jag vill inte chatta med en robot",
        "Jag pratar inte med maskiner",
        "Inga bottar tack",
        "Jag vill ha någon, inte en robot",
    ),
    "ja": (
        "ボットと話したくない",
        "ロボットとは話したくありません",
        "AIと話すのは嫌です",
        "ボットは嫌です",
        "ボットではなく人間をお願いします",
    ),
    "zh": (
        "我不想和机器人说话",
        "我不想跟机器人聊",
        "不要机器人",
        "我要真人，不是机器人",
        "别给我机器人客服",
    ),
}
ABOUT_BOTS = {
    "en": (
        "How do I block bots?",
        "I want a bot on my website",
        "I can't talk to the bot in the demo, it does not start",
        "The bot does not answer in German",
        "Is a robot or a machine cheaper?",
        "I'm not a robot box does not appear",
        "Why does the machine not start?",
        "Does it work without a computer?",
        "I don't want the bot to answer at night",
        "I don't want a bot to crawl my site",
    ),
    "de": (
        "Wie stelle ich den Bot ein?",
        "Der Bot antwortet nicht",
        "Kann ich ohne Computer arbeiten?",
        "Ich will nicht, dass der Bot antwortet",
    ),
    "es": ("¿Cómo configuro el bot?", "El bot no responde", "¿Funciona sin ordenador?"),
    "fr": ("Comment régler le bot ?", "Le robot ne démarre pas", "Est-ce que ça marche sans ordinateur ?"),
    "it": ("Come configuro il bot?", "Il bot non risponde", "Funziona senza computer?"),
    "nl": ("Hoe stel ik de bot in?", "De bot antwoordt niet", "Werkt het zonder computer?", "Ik wil een bot"),
    "pl": ("Jak ustawić bota?", "Bot nie odpowiada", "Czy to działa bez komputera?"),
    "pt": ("Como configuro o bot?", "O bot não responde", "Funciona sem computador?"),
    "ru": ("Как настроить бота?", "Бот не отвечает", "Это работает без компьютера?"),
    "sv": ("Hur ställer jag in boten?", "Boten svarar inte", "Fungerar det utan dator?"),
    "ja": ("ボットの設定方法は？", "ボットが答えません", "機械が動きません"),
    "zh": ("怎么设置机器人？", "机器人不回答", "不用电脑可以吗？"),
}


@pytest.mark.parametrize("language", NO_BOT)
def test_who_will_not_talk_to_a_machine_is_brought_a_person(language):
    for text in NO_BOT[language]:
        for taken_for in (language, "en", "de"):
            verdict = guardrails.read(text, language=taken_for)
            assert verdict, (text, taken_for)
            assert (verdict.decision, verdict.reason) == (Decision.ESCALATE, "asked for a person"), (text, taken_for)


@pytest.mark.parametrize("language", ABOUT_BOTS)
def test_a_question_about_bots_and_machines_is_looked_up(language):
    for text in ABOUT_BOTS[language]:
        assert guardrails.read(text, language=language) is None, text


@pytest.mark.parametrize("text", ["I don't want to talk to a person", "Please don't transfer me to an agent"])
def test_who_refuses_a_person_is_left_alone(text):
    assert guardrails.read(text).decision is Decision.ANSWER
