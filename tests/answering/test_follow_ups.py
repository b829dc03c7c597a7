"""Follow-ups and questions of their own in the languages of follow_ups.json; there is no history here."""

import pytest

from assistant.answering.context import leaning, standalone
from assistant.answers import Said
from assistant.states import Role

FOLLOW_UPS = {
    "de": [
        "und auf Android?",
        "Und was kostet das?",
        "kostet das etwas?",
        "Danke. Kann ich das rückgängig machen?",
        "und unter Linux Mint?",
    ],
    "es": ["¿y en iPhone?", "¿Cómo puedo cambiarlo?", "¿Y con otra cuenta?", "gracias, ¿y para la tableta Samsung?"],
    "fr": ["et sous Windows ?", "Comment le supprimer ?", "et si ça ne marche pas ?", "Merci. Et avec une tablette ?"],
    "it": ["e su Android?", "come posso annullarlo?", "e per il piano gratuito?", "Grazie, e con la tastiera?"],
    "nl": ["en op Android?", "hoe doe ik dat?", "maar wat kost het?", "Bedankt, en met een tablet?"],
    "pl": ["a na Androidzie?", "jak to cofnąć?", "a co z fakturami?", "Dziękuję, a na tablecie?"],
    "pt": ["e no Android?", "como posso desfazer isso?", "mas quanto custa?", "Obrigado, e no tablet?"],
    "ru": ["а на Android?", "Как это отменить?", "и сколько это стоит?", "Спасибо, а на планшете?"],
    "sv": ["och på Android?", "hur ångrar jag det?", "men vad kostar det?", "Tack, och på surfplattan?"],
    "zh": ["那安卓手机呢？", "它多少钱？", "iPhone上呢？", "那在平板电脑上呢？"],
    "ja": ["では、Androidの場合は？", "それはいくらですか？", "タブレットはどうですか？", "それを元に戻すには？"],
}
OF_THEIR_OWN = {
    "de": [
        "Wie ändere ich das Passwort meines Kontos?",
        "Gibt es eine Garantie?",
        "Wie kündige ich?",
        "Wo ist das Menü?",
    ],
    "es": ["¿Cómo cambio la contraseña?", "¿Hay garantía?", "No funciona el wifi", "¿Qué es lo más barato?"],
    "fr": ["Comment changer le mot de passe ?", "Y a-t-il une garantie ?", "Où est le dossier partagé ?"],
    "it": ["Come cambio la password?", "C'è una garanzia?", "Come posso pagare la fattura?", "Dove trovo lo stato?"],
    "nl": ["Hoe wijzig ik het wachtwoord?", "Is er garantie?", "Hoe annuleer ik het abonnement?"],
    "pl": ["Jak zmienić hasło?", "Czy jest gwarancja?", "Co to jest Bluetooth?", "Nie działa drukarka"],
    "pt": ["Como mudo a senha?", "Há garantia?", "Não funciona o wifi", "Como cancelar a assinatura?"],
    "ru": ["Как изменить пароль?", "Есть ли гарантия?", "Не работает принтер", "Как отменить подписку?"],
    "sv": ["Hur ändrar jag lösenordet?", "Finns det en garanti?", "Hur säger jag upp abonnemanget?"],
    "zh": ["如何更改密码？", "有保修吗？", "打印机不工作怎么办呢？", "怎么取消订阅？"],
    "ja": ["パスワードを変更する方法は？", "保証はありますか？", "請求書はどこで見られますか？"],
}


# They name no thing, but something of one that was named before.
GENERIC = {
    "en": ["which version do I need?", "What type is it for?", "how many steps are there?", "Which model do I have?"],
    "de": ["Welche Version brauche ich?", "Welches Modell habe ich?"],
    "es": ["¿Qué versión necesito?"],
    "fr": ["Quelle version me faut-il ?"],
}


def told(of):
    return [pytest.param(text, id=f"{language}-{n}") for language, texts in of.items() for n, text in enumerate(texts)]


@pytest.mark.parametrize("text", told(FOLLOW_UPS))
def test_a_follow_up_leans_on_the_conversation(text):
    assert leaning(text)


@pytest.mark.parametrize("text", told(GENERIC))
def test_a_question_of_nothing_but_generic_words_leans_on_the_conversation(text):
    history = [Said(Role.CUSTOMER, "How do I update the firmware?")]
    assert standalone(text, history) == f"{text} (update firmware)"
    assert leaning(f"{text} (firmware for the Nano)") != "refers back"


@pytest.mark.parametrize("text", told(OF_THEIR_OWN))
def test_a_question_of_its_own_does_not(text):
    assert leaning(text) is None


@pytest.mark.parametrize(
    ("said", "message", "carried"),
    [
        (
            "Wie installiere ich Arduino IDE unter Windows?",
            "Und unter Linux?",
            {"installiere", "arduino", "ide"},
        ),
        ("¿Cómo descargo mis facturas?", "¿y en la aplicación del iPhone?", {"descargo", "facturas"}),
        ("Как скачать счета?", "а на планшете?", {"скачать", "счета"}),
    ],
)
def test_a_follow_up_carries_the_words_that_mean_something(said, message, carried):
    history = [Said(Role.CUSTOMER, said), Said(Role.ASSISTANT, "[1]"), Said(Role.CUSTOMER, "ok")]
    looked_up = standalone(message, history)
    assert looked_up.startswith(message)
    added = set(looked_up.removeprefix(message).strip(" ()").split())
    assert carried <= added
    assert not added & {"wie", "ich", "unter", "cómo", "mis", "как", "ok"}
