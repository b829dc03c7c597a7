"""Articles in other languages than English: told apart, cut, stemmed, found and quoted word for word."""

import pytest

from assistant.llm.passages import Reading, compose
from knowledge.chunking import BUDGET_TOKENS, chunk, estimate_tokens
from knowledge.documents import upsert
from knowledge.indexing import index_documents
from knowledge.models import Source
from knowledge.retrieval import Query, retrieve
from knowledge.sources.article import Article
from knowledge.terms import terms_of
from tests.knowledge.library import collection

# By language: an article of two sections, a question in other forms of its words, and what answers it.
ARTICLES = {
    "de": (
        "# Konto\n\nAlles über Ihr Konto.\n\n## Passwörter ändern\n\nSie ändern Ihr Passwort in den Einstellungen. "
        "Klicken Sie dort auf „Sicherheit“, z. B. am Rechner."
        "\n\n## Rechnungen\n\nWir verschicken Rechnungen am Anfang des Monats.",
        "Ich habe die Änderung meines Passworts nicht gefunden, wo geht das?",
        "Sie ändern Ihr Passwort in den Einstellungen.",
    ),
    "es": (
        "# Cuenta\n\nTodo sobre su cuenta.\n\n## Contraseñas\n\nLa contraseña se cambia en los ajustes. "
        "¿No la recuerda? Pida otra por correo.\n\n## Facturas\n\nEnviamos las facturas al principio de cada mes.",
        "¿Dónde puedo cambiar mis contraseñas?",
        "La contraseña se cambia en los ajustes.",
    ),
    "fr": (
        "# Compte\n\nTout sur votre compte.\n\n## Mots de passe\n\nLe mot de passe se change dans les réglages. "
        "Élargissez la fenêtre si besoin.\n\n## Factures\n\nNous envoyons les factures au début de chaque mois.",
        "Comment changer mes mots de passe ?",
        "Le mot de passe se change dans les réglages.",
    ),
    "pt": (
        "# Conta\n\nTudo sobre a sua conta.\n\n## Senhas\n\nA senha é alterada nas configurações. É preciso entrar "
        "antes.\n\n## Faturas\n\nEnviamos as faturas no início de cada mês.",
        "Onde posso alterar as minhas senhas?",
        "A senha é alterada nas configurações.",
    ),
    "it": (
        "# Account\n\nTutto sul suo account.\n\n## Password\n\nLa password si cambia nelle impostazioni. È necessario "
        "accedere prima, ad es. dal sito."
        "\n\n## Fatture\n\nInviamo le fatture all'inizio di ogni mese.",
        "Dove trovo l'impostazione per le mie password?",
        "La password si cambia nelle impostazioni.",
    ),
    "nl": (
        "# Account\n\nAlles over uw account.\n\n## Wachtwoorden\n\nU wijzigt uw wachtwoord in de instellingen. Log "
        "daarna opnieuw in, bijv. op uw telefoon."
        "\n\n## Facturen\n\nWe versturen de facturen aan het begin van elke maand.",
        "Waar kan ik mijn wachtwoorden wijzigen?",
        "U wijzigt uw wachtwoord in de instellingen.",
    ),
    "pl": (
        "# Konto\n\nWszystko o Twoim koncie.\n\n## Hasła\n\nHasło zmienia się w ustawieniach. Łatwiej zrobić to na "
        "komputerze, np. w przeglądarce."
        "\n\n## Faktury\n\nFaktury wysyłamy na początku każdego miesiąca.",
        "Gdzie jest ustawienie hasła?",
        "Hasło zmienia się w ustawieniach.",
    ),
    "sv": (
        "# Konto\n\nAllt om ditt konto.\n\n## Lösenord\n\nLösenordet ändras i inställningarna. Är du utloggad, logga "
        "in först, t.ex. i appen."
        "\n\n## Fakturor\n\nVi skickar fakturorna i början av varje månad.",
        "Var hittar jag inställningen för mina lösenord?",
        "Lösenordet ändras i inställningarna.",
    ),
    "ru": (
        "# Учётная запись\n\nВсё о вашей учётной записи.\n\n## Пароли\n\nПароль меняется в настройках. Затем войдите "
        "заново.\n\n## Счета\n\nМы отправляем счета в начале каждого месяца.",
        "Где поменять пароли в настройке?",
        "Пароль меняется в настройках.",
    ),
    "ja": (
        "# アカウント\n\nアカウントについて説明します。\n\n## パスワードの変更\n\nパスワードは設定画面で変更します。"
        "変更後は再度ログインしてください。"
        "\n\n## 請求書\n\n請求書は毎月の初めにお送りします。",
        "パスワードを変更したいのですが、どこでできますか？",
        "パスワードは設定画面で変更します。",
    ),
    "zh": (
        "# 账户\n\n这里介绍您的账户。\n\n## 修改密码\n\n您可以在设置中修改密码。"
        "修改后请重新登录。\n\n## 发票\n\n我们在每个月初发送发票。",
        "我想修改我的密码，在哪里修改？",
        "您可以在设置中修改密码。",
    ),
}  # fmt: skip
LONG_ENOUGH_TO_TELL = 8


@pytest.mark.parametrize("language", ARTICLES)
def test_the_sentence_that_answers_is_quoted_with_its_offsets(language):
    text, question, answer = ARTICLES[language]
    composition = compose(question, [Reading(text, 0, len(text), "", 0.0, language)])
    quotation = composition.quotations[0]
    assert text[quotation.start :].startswith(quotation.quote)
    assert quotation.quote.startswith(answer)
    assert answer in composition.text


@pytest.mark.parametrize("language", ARTICLES)
def test_a_long_article_is_cut_at_the_ends_of_sentences(language):
    answer = ARTICLES[language][2]
    long = f"# {language}\n\n" + ("" if language in ("ja", "zh") else " ").join([answer] * 90)
    chunks = chunk(long, "")
    assert len(chunks) > 1
    for draft in chunks:
        assert long[draft.start : draft.end] == draft.text
        assert draft.text.endswith(answer[-1])
        assert estimate_tokens(draft.text) <= BUDGET_TOKENS


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("de", ["Änderung", "Änderungen"]),
        ("es", ["contraseña", "contraseñas"]),
        ("fr", ["factures", "facture"]),
        ("pt", ["configurações", "configuração"]),
        ("ru", ["настройках", "настройки"]),
        ("it", ["impostazione", "impostazioni"]),
        ("nl", ["instellingen", "instelling"]),
        ("sv", ["inställningar", "inställningarna"]),
        ("pl", ["ustawienia", "ustawieniach"]),
    ],
)
def test_forms_of_a_word_are_one_term(language, forms):
    assert len({tuple(terms_of(form, language)) for form in forms}) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("language", ARTICLES)
def test_an_article_that_names_no_language_is_told_by_its_text_and_found(language, settings):
    settings.EMBEDDING_MODEL = "local-multilingual"
    text, question, answer = ARTICLES[language]
    shop = collection("shop")
    source = Source.objects.create(collection=shop, kind=Source.Kind.FOLDER, location=f"/{language}")
    long = text + "\n\n" + "\n\n".join([text.split("\n\n")[-1]] * LONG_ENOUGH_TO_TELL)
    document = upsert(source, Article("account", "account.md", "", long, "md", long)).document
    assert document.locale == language
    index_documents([document])
    found = retrieve(Query(question, "shop")).passages[0]
    assert (found.locale, long[found.start : found.end]) == (language, found.text)
    assert answer in found.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "usual", "kept"), [("fr-CA", "en", "fr-CA"), ("", "de-AT", "de-AT"), ("", "en", "de")]
)
def test_what_an_article_says_and_what_is_usual_in_its_collection_count_too(said, usual, kept):
    shop = collection("shop")
    shop.locale = usual
    source = Source.objects.create(collection=shop, kind=Source.Kind.FOLDER, location="/articles")
    text = ARTICLES["de"][0]
    assert upsert(source, Article("konto", "konto.md", "Konto", text, "md", text, locale=said)).document.locale == kept
