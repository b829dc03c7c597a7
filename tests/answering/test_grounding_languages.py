"""Which sentences of a model are shown in other languages than English: facts of the passage, and no others."""

from dataclasses import replace

import pytest

from assistant.answering import vocabulary
from assistant.answering.claims import read
from assistant.answering.grounding import ground
from assistant.answering.release import Evidence
from assistant.answering.wording import tables
from tests.answering.evidence import passage

PASSAGES = {
    "de": "Sie können die Ware innerhalb von zwei Wochen zurückgeben. Der Versand wird nicht erstattet. Die Aktion "
    "beginnt am 3. März. Nur Administratoren können das Konto löschen. Die Sicherung läuft täglich um Mitternacht.",
    "es": "Puede devolver el artículo en dos semanas. El envío no se reembolsa. La promoción empieza el 3 de marzo.",
    "fr": "Vous pouvez retourner l'article sous deux semaines. Les frais ne sont pas remboursés. La promotion commence "
    "le 3 mars. L'essai dure 14 jours.",
    "it": "È possibile restituire l'articolo entro due settimane. La spedizione non viene rimborsata. La promozione "
    "comincia il 3 marzo.",
    "ja": "商品は30日以内に返品できます。送料は返金されません。"
    "キャンペーンは3月に始まります。返金には二週間かかります。",
    "nl": "U kunt het artikel binnen twee weken terugsturen. De verzending wordt niet vergoed. De actie "
    "begint op 3 maart.",
    "pl": "Możesz zwrócić towar w ciągu dwóch tygodni. Wysyłka nie podlega zwrotowi. Możesz zmienić adres. Promocja "
    "zaczyna się 3 marca.",
    "pt": "Você pode devolver o artigo em duas semanas. O envio não é reembolsado. A promoção começa em 3 de março.",
    "ru": "Вы можете вернуть товар в течение двух недель. Доставка не возвращается. Вы можете изменить адрес. Акция "
    "начинается 3 марта.",
    "sv": "Du kan returnera varan inom två veckor. Frakten återbetalas inte. Du kan ändra adressen. Kampanjen börjar "
    "den 3 mars. Endast administratörer kan radera kontot.",
    "th": "คุณสามารถคืนสินค้าได้ภายใน 30 วัน ค่าส่งไม่คืน",
    "tr": "Ürünü 30 gün içinde iade edebilirsiniz. Kargo ücreti iade edilmez.",
    "zh": "您可以在30天内退货。运费不退。促销从3月开始。退款需要两周。管理员可以删除账户。",
}


def shown(language: str, said: str, text: str = "") -> bool:
    held = passage(text or PASSAGES[language], title="Info")
    return bool(ground(f"{said} [1]", Evidence("?", [replace(held, locale=language)])).text)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Sie können die Ware innerhalb von drei Wochen zurückgeben."),
        ("de", "Sie können die Ware innerhalb von zwei Tagen zurückgeben."),
        ("de", "Sie können die Ware nicht innerhalb von zwei Wochen zurückgeben."),
        ("de", "Der Versand wird erstattet."),
        ("de", "Die Aktion beginnt am 3. April."),
        ("de", "Alle können das Konto löschen."),
        ("de", "Die Sicherung läuft wöchentlich um Mitternacht."),
        ("es", "Puede devolver el artículo en tres semanas."),
        ("es", "No puede devolver el artículo en dos semanas."),
        ("es", "El envío se reembolsa."),
        ("es", "La promoción empieza el 3 de abril."),
        ("fr", "Vous pouvez retourner l'article sous trois semaines."),
        ("fr", "Vous ne pouvez pas retourner l'article sous deux semaines."),
        ("fr", "Les frais sont remboursés."),
        ("fr", "La promotion commence le 3 avril."),
        ("fr", "L'essai dure 14 mois."),
        ("it", "È possibile restituire l'articolo entro tre settimane."),
        ("it", "La spedizione viene rimborsata."),
        ("it", "La promozione comincia il 3 aprile."),
        ("ja", "商品は60日以内に返品できます。"),
        ("ja", "商品は30日以内に返品できません。"),
        ("ja", "送料は返金されます。"),
        ("ja", "キャンペーンは5月に始まります。"),
        ("ja", "返金には三週間かかります。"),
        ("nl", "U kunt het artikel binnen drie weken terugsturen."),
        ("nl", "De verzending wordt vergoed."),
        ("nl", "De actie begint op 3 april."),
        ("pl", "Możesz zwrócić towar w ciągu trzech tygodni."),
        ("pl", "Wysyłka podlega zwrotowi."),
        ("pl", "Nie możesz zmienić adresu."),
        ("pl", "Promocja zaczyna się 3 kwietnia."),
        ("pt", "Você pode devolver o artigo em três semanas."),
        ("pt", "O envio é reembolsado."),
        ("pt", "A promoção começa em 3 de abril."),
        ("ru", "Вы можете вернуть товар в течение трёх недель."),
        ("ru", "Вы можете вернуть товар в течение двух дней."),
        ("ru", "Доставка возвращается."),
        ("ru", "Вы не можете изменить адрес."),
        ("ru", "Акция начинается 3 апреля."),
        ("sv", "Du kan returnera varan inom tre veckor."),
        ("sv", "Du kan returnera varan inom två dagar."),
        ("sv", "Frakten återbetalas."),
        ("sv", "Du kan inte ändra adressen."),
        ("sv", "Kampanjen börjar den 3 april."),
        ("sv", "Alla kan radera kontot."),
        ("zh", "您可以在60天内退货。"),
        ("zh", "您可以在30周内退货。"),
        ("zh", "您不可以在30天内退货。"),
        ("zh", "运费退。"),
        ("zh", "促销从5月开始。"),
        ("zh", "退款需要三周。"),
        ("zh", "管理员不可以删除账户。"),
    ],
)
def test_another_fact_is_dropped(language: str, said: str) -> None:
    assert not shown(language, said)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Innerhalb von 2 Wochen können Sie die Ware zurückgeben."),
        ("es", "En 2 semanas puede devolver el artículo."),
        ("fr", "Sous 2 semaines vous pouvez retourner l'article."),
        ("it", "Entro 2 settimane è possibile restituire l'articolo."),
        ("ja", "30日以内に商品は返品できます。"),
        ("nl", "Binnen 2 weken kunt u het artikel terugsturen."),
        ("pl", "W ciągu 2 tygodni możesz zwrócić towar."),
        ("pt", "Em 2 semanas você pode devolver o artigo."),
        ("ru", "В течение 2 недель вы можете вернуть товар."),
        ("sv", "Inom 2 veckor kan du returnera varan."),
        ("zh", "促销从三月开始。"),
    ],
)
def test_the_same_facts_in_other_words_are_shown(language: str, said: str) -> None:
    assert shown(language, said)


@pytest.mark.parametrize("language", ["th", "tr"])
def test_without_a_table_of_the_language_only_what_stands_there_is_shown(language: str) -> None:
    text = PASSAGES[language]
    verbatim, altered = (text, text.replace("ไม่", "")) if language == "th" else (
        "Kargo ücreti iade edilmez.",
        "Kargo ücreti iade edilir.",
    )  # fmt: skip
    assert shown(language, verbatim)
    assert not shown(language, altered)


def test_a_translation_is_left_to_quotation() -> None:
    """Whatever names and numbers it shares with its passage: nothing can tell that it says the same."""
    text = "Slack Enterprise Grid 4.2 and Zendesk Suite 11 are supported by the Acme connector for 30 days."
    said = "Slack Enterprise Grid 4.2 und Zendesk Suite 11 werden vom Acme Connector nicht unterstützt, 30 Tage lang."
    assert not shown("en", said, text)


@pytest.mark.parametrize("language", sorted(tables()))
def test_facts_have_the_same_names_in_every_language(language: str) -> None:
    words = vocabulary.vocabulary(language)
    assert set(words.rates.values()) <= {"hour", "day", "week", "month", "quarter", "year"}
    spaced = language not in ("zh", "ja")
    assert set(words.calendar.values()) >= set(vocabulary.WEEKDAYS + (vocabulary.MONTHS if spaced else []))
    assert {"second", "minute", "hour", "day", "week", "month", "year"} <= set(words.units.values())
    assert {str(value) for value in range(2, 21)} <= set(words.numbers.values())
    assert not words.negations & words.restrictions
    assert words.opposites


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "30 days"), ("de", "dreißig Tage"), ("fr", "trente jours"), ("pl", "trzydzieści dni"), ("zh", "三十天")],
)
def test_amounts_are_the_same_in_every_language(language: str, said: str) -> None:
    (number,) = read(said, language=language).numbers
    assert (number.value, number.unit) == ("30", "day")
