"""Several questions in one message: which messages hold them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.answering.several import MOST, questions, standing_alone
from assistant.answers import Said
from assistant.states import Role


def asked(text, language="en"):
    return [part.question for part in questions(text, language)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("How do I reset my board? Can I get a refund?", ["How do I reset my board?", "Can I get a refund?"]),
        ("how do i reset my board and can i get a refund", ["how do i reset my board", "can i get a refund"]),
        ("Where is the reset button, and how long does shipping take?", ["Where is the reset button", None]),
        ("I forgot it all. How do I log on again? Also, can I return an order?", [None, "can I return an order?"]),
        ("1. How do I install drivers?\n2. Where can I buy an Uno?", ["How do I install drivers?", None]),
        ("How to find out which board I have? Is it counterfeit?", [None, "Is it counterfeit?"]),
        ("How do I reset my board btw can i get a refund", ["How do I reset my board", "can i get a refund"]),
        ("How do I reset my board, plus, can I get a refund?", ["How do I reset my board", "can I get a refund?"]),
        ("How do I reset my board? I also want to know how refunds work.", [None, "how refunds work."]),
        ("How do I reset my board and I would also like to know how refunds work", [None, "how refunds work"]),
        ("How do I reset my board? Another question: how refunds work", [None, "how refunds work"]),
        (
            "How do I reset my board, another question: how refunds work",
            ["How do I reset my board,", "how refunds work"],
        ),
        ("How do I reset my board? And I have one more question how refunds work", [None, "how refunds work"]),
        ("How do I reset my board? Second, can I get a refund?", [None, "can I get a refund?"]),
    ],
)
def test_questions_that_stand_for_themselves_are_told_apart(text, parts):
    found = asked(text)
    assert len(found) == len(parts)
    assert all(part in (None, each) for part, each in zip(parts, found, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "1) How do I reset my board? 2) Can I get a refund?",
        "Hello, I have two questions:\n1. how do I reset my board\n2. can I get a refund",
        "I bought an Uno.\n- How do I reset my board?\n- Can I get a refund?",
        "a. How do I reset my board? b. Can I get a refund? Thanks",
        "(1) How do I reset my board (2) Can I get a refund",
        "How do I reset my board?\n\nAlso:\n- how do I reset my board\n- can I get a refund",
    ],
)
def test_the_items_of_a_list_are_questions_where_each_asks(text):
    first, second = (each.lower().rstrip("?") for each in asked(text))
    assert (first, second) == ("how do i reset my board", "can i get a refund")


def test_what_is_announced_as_questions_needs_no_form_of_one():
    listed = "1. resetting my board\n2. the price of shipping\n3. refunds"
    assert asked(f"I have three questions:\n{listed}") == ["resetting my board", "the price of shipping", "refunds"]
    assert asked(f"I tried:\n{listed}") == [f"I tried:\n{listed}"]


@pytest.mark.parametrize(
    "text",
    [
        "1. I opened settings 2. I clicked sync 3. it failed",
        "1. I opened settings\n2. I clicked sync\n3. it failed\nHow do I fix it?",
        "- opened settings\n- did a reset\n- how do I get my photos back?",
        "1. When I open it, it is red. 2. When I close it, it is green.",
        "My upload fails since I moved to my new laptop from work, on wifi and cable. 1. Why is that? 2. Who can help?",
    ],
)
def test_steps_that_a_customer_took_are_no_list_of_questions(text):
    assert asked(text) == [text]


@pytest.mark.parametrize(
    ("language", "text", "second"),
    [
        ("de", "Wie setze ich mein Passwort zurück und wie lange dauert der Versand?", "wie lange dauert der Versand?"),
        ("de", "Wie lösche ich mein Konto? Außerdem möchte ich wissen, was der Versand kostet.", None),
        ("de", "1. Wie lösche ich mein Konto 2. Was kostet der Versand", "Was kostet der Versand"),
        ("de", "Wie lösche ich mein Konto und ich möchte wissen, was der Versand kostet", "was der Versand kostet"),
        ("de", "Wie lösche ich mein Konto? Auch frage ich mich, was der Versand kostet.", "was der Versand kostet."),
        ("de", "Wie lösche ich mein Konto? Und noch eine Frage: Preis für den Versand", "Preis für den Versand"),
        ("es", "¿Cómo cambio mi contraseña y cuánto cuesta el envío?", "cuánto cuesta el envío?"),
        ("es", "¿Cómo cambio mi contraseña? ¿Otra pregunta: precio del envío?", "precio del envío?"),
        ("ru", "Как изменить пароль? Ещё один вопрос: цена доставки", "цена доставки"),
        ("pl", "Jak zmienić hasło, i jeszcze jedno pytanie: cena wysyłki", "cena wysyłki"),
        ("zh", "如何修改密码，另外还有一个问题：运费的价格", "运费的价格"),
        ("fr", "Comment changer mon mot de passe et comment supprimer mon compte ?", "comment supprimer mon compte ?"),
        ("fr", "Comment supprimer mon compte ? Je voudrais aussi savoir combien coûte la livraison.", None),
        ("it", "Come cambio la password e quanto costa la spedizione?", "quanto costa la spedizione?"),
        ("nl", "Hoe wijzig ik mijn wachtwoord en hoe lang duurt de verzending?", "hoe lang duurt de verzending?"),
        ("pl", "Jak zmienić hasło i ile kosztuje wysyłka?", "ile kosztuje wysyłka?"),
        ("pt", "Como altero a minha senha e quanto custa o envio?", "quanto custa o envio?"),
        ("ru", "Как изменить пароль и сколько стоит доставка?", "сколько стоит доставка?"),
        ("sv", "Hur ändrar jag mitt lösenord och hur lång tid tar leveransen?", "hur lång tid tar leveransen?"),
        ("ja", "パスワードの変更方法を教えてください。また、送料はいくらですか", "送料はいくらですか"),
        ("zh", "如何修改密码，另外运费是多少？", "运费是多少？"),
    ],
)
def test_other_languages_join_announce_and_list_questions_too(language, text, second):
    found = asked(text, language)
    assert len(found) == 2
    assert second in (None, found[1])


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Wie finde ich heraus, welche Version ich habe und wie ich sie ändere?"),
        ("de", "1. Ich habe die Einstellungen geöffnet 2. Ich habe auf Sync geklickt 3. Es ging nicht"),
        ("es", "¿Qué hago si cambio de móvil y cuando llego a casa no tengo red?"),
        ("de", "Wo kann ich anrufen und fragen, ob mein Konto gesperrt ist?"),
        ("de", "Wie füge ich meiner Umfrage noch eine Frage hinzu?"),
        ("de", "Wie ändere ich die erste und zweite Frage, wenn meine Umfrage läuft?"),
        ("es", "¿Cómo añado otra pregunta a mi encuesta publicada?"),
        ("fr", "Comment ajouter une autre question à mon sondage publié ?"),
        ("it", "Come aggiungo un'altra domanda al mio sondaggio?"),
        ("ja", "アンケートに別の質問を追加する方法を教えてください"),
        ("nl", "Hoe voeg ik nog een vraag toe aan mijn enquête?"),
        ("pl", "Jak dodać kolejne pytanie do mojej ankiety?"),
        ("pl", "Jak zmienić pierwsze i kolejne pytanie w mojej ankiecie?"),
        ("pt", "Como adiciono outra pergunta ao meu questionário?"),
        ("ru", "Как добавить ещё один вопрос в мою анкету?"),
        ("sv", "Hur lägger jag till en annan fråga i min enkät?"),
        ("zh", "如何在问卷里编辑另一个问题的标题？"),
        ("fr", "Comment supprimer un compte qui ne marche pas et qui n'a plus d'adresse ?"),
        ("nl", "Wie schrieb „St. Nikolaas in de stad“?"),
    ],
)
def test_in_other_languages_what_only_looks_like_another_question_stays(language, text):
    assert asked(text, language) == [text]


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("de", "Wie setze ich mein Passwort zurück? Was kostet der Versand nach Norwegen?", 2),
        ("de", "Wie setze ich mein Passwort zurück? Und auf Android?", 1),
        ("zh", "如何重置我的密码？运费到挪威是多少？", 2),
        ("ar", "كيف أعيد تعيين كلمة المرور الخاصة بي؟ كم تكلفة الشحن إلى النرويج؟", 2),
    ],
)
def test_other_languages_are_divided_at_question_marks(language, text, count):
    assert len(questions(text, language)) == count


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("ja", "2段階認証の設定方法は何ですか？", "請求書の支払い方法はどこで変更できますか？"),
        ("es", "¿Cómo restablezco mi contraseña?", "¿Cuánto cuesta el envío a Noruega?"),
        ("de", "So ein Export der Artikel, wie geht das?", "Wo finde ich alte Rechnungen?"),
        ("en", "2FA codes: where can I find them?", "How long does shipping to Norway take?"),
    ],
)
def test_a_question_is_named_in_all_of_its_words(language, first, second):
    assert asked(f"{first} {second}", language) == [first, second]


@pytest.mark.parametrize(
    "text",
    [
        "How do I reset my password? And on Android?",
        "I bought an Uno last week. It does not show up. What can I do?",
        "My upload fails. What is wrong? How can I fix this?",
        "How do I reset my board? How can I reset the board?",
        "How do I know what version and which board I have?",
        "How do I install and how do I remove the driver?",
        "How do I install the driver? How do I uninstall?",
        "How long does shipping to Italy take and how much to Norway?",
        "I was charged twice? How long does a refund take?",
        "How do I edit another question when my quiz is published?",
        "How do I make the survey jump to the second question when somebody answers no?",
        "How do I swap the first and second question when my quiz is published?",
        "How do I see what people typed if I also want to know how many of them left?",
        "What is the difference between an Uno and a Nano, or is there none?",
        "The light is red, the port is gone, the cable is new, I have drivers. Which port do I pick? Can I use a Mac?",
        "",
    ],
)
def test_where_there_is_doubt_a_message_is_one_question(text):
    assert asked(text) == [text]


def test_a_question_that_leans_is_looked_up_with_the_topic_before_it():
    _, second = standing_alone("How to find out which board I have? Is it counterfeit?")
    assert second.text == "Is it counterfeit? (find out board)"
    _, person = standing_alone("How do I create a user and how do I delete him?")
    assert person.text == "how do I delete him? (user)"
    _, fresh = standing_alone("How do I reset my board? Also, where is the serial monitor?")
    assert fresh.text == "where is the serial monitor?"
    first, _ = standing_alone("Is it free? How do I install drivers?", [Said(Role.CUSTOMER, "Cloud storage plans")])
    assert first.text == "Is it free? (cloud storage plans)"


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("How do I make a backup and how do I restore it?", "how do I restore it? (backup)"),
        ("How do I back up? And how do I restore it?", "how do I restore it? (back up)"),
        ("How do I back up my files? And how do I restore them?", "how do I restore them? (files)"),
        ("how do I take a screenshot and where are they saved?", "where are they saved? (take screenshot)"),
        ("How do I update the firmware? Which version do I need?", "Which version do I need? (update firmware)"),
    ],
)
def test_what_it_stands_for_is_the_thing_that_was_asked_about_and_not_what_was_done_with_it(text, second):
    assert [part.text for part in standing_alone(text)][1:] == [second]


@given(
    st.lists(
        st.sampled_from(
            [
                "How do I reset my board",
                "can I get a refund",
                "and",
                "It is red",
                "Is it free",
                "1) ",
                "2) ",
                "another question:",
                "i also want to know if",
                "Noch eine Frage:",
                "und wie lange",
                "还有一个问题：如何",
                "?",
                ".",
                ", ",
                "\n",
                "？",
            ]
        )
        | st.text(max_size=12),
        max_size=12,
    ).map(" ".join),
    st.sampled_from(["en", "de", "zh", "tr"]),
)
@example("und wie lange Noch eine Frage: Noch eine Frage:", "de")
def test_parts_are_stretches_of_the_message_in_order_and_hold_one_question_each(text, language):
    parts = questions(text, language)
    assert 1 <= len(parts) <= MOST
    at = 0
    for part in parts:
        assert part.question in part.text
        at = text.index(part.text, at) + len(part.text)
    if 1 < len(parts) < MOST:
        assert all(len(questions(part.text, language)) == 1 for part in parts)
