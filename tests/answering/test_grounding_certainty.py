"""How certain it is, who does it, and whether at all: what one word more or less of a sentence may not change."""

from dataclasses import replace

import pytest

from assistant.answering.grounding import ground
from assistant.answering.release import Evidence
from tests.answering.evidence import passage

TEXT = """You may receive a refund of the fee. The export usually takes an hour. You should restart the router first.
Some plans include phone support. The update can delete files. It might rain in Leeds on 3 May 2025.

The premium is refundable. The feature is available on Android. The app is encrypted. The cable is not
compatible with lamps of Leeds.
This port is unused. The offer is unlimited. Calls are not available abroad.

The shop closes at 6 pm. Support is open from 9 am to 5 p.m. on weekdays. Two devices are allowed. Use the 2nd port.

Admins can remove members. The fee is refunded by the bank. Save the file before you close the window. The reset
deletes photos, but keeps contacts. Blue and red lamps blink. Move the data from the phone to the tablet.

The warranty covers water damage. The trial starts in June. You receive a letter. Data is uploaded at night.
"""


def shown(said: str, text: str = TEXT, question: str = "What about it?") -> bool:
    return bool(ground(f"{said} [1]", Evidence(question, [passage(text, title="Info")], lambda: 0.0)).text)


@pytest.mark.parametrize(
    "said",
    [
        "You will receive a refund of the fee.",
        "You receive a refund of the fee.",
        "The export takes an hour.",
        "The export always takes an hour.",
        "You must restart the router first.",
        "Plans include phone support.",
        "It will rain in Leeds on 3 May 2025.",
    ],
)
def test_what_may_be_is_not_what_will_be(said: str) -> None:
    assert not shown(said)


@pytest.mark.parametrize(
    "said",
    [
        "You might receive a refund of the fee.",
        "Usually the export takes an hour.",
        "You should first restart the router.",
        "Restart the router first.",
        "It may rain in Leeds on May 3, 2025.",
    ],
)
def test_what_is_as_uncertain_is_shown(said: str) -> None:
    assert shown(said)


@pytest.mark.parametrize(
    "said",
    [
        "The premium is non-refundable.",
        "The premium is nonrefundable.",
        "The feature is unavailable on Android.",
        "The app is unencrypted.",
        "The cable is compatible with lamps of Leeds.",
        "This port is used.",
        "The offer is limited.",
        "The warranty excludes water damage.",
        "The trial ends in June.",
        "You send a letter.",
        "Data is downloaded at night.",
    ],
)
def test_a_prefix_or_another_verb_may_deny_it(said: str) -> None:
    assert not shown(said)


@pytest.mark.parametrize("said", ["The cable is incompatible with lamps of Leeds.", "Calls are unavailable abroad."])
def test_a_prefix_for_the_passages_not_is_the_same(said: str) -> None:
    assert shown(said)


@pytest.mark.parametrize(
    "said",
    [
        "The shop closes at 6 am.",
        "The shop closes at 6am.",
        "Support is open from 9 pm to 5 a.m. on weekdays.",
        "One device is allowed.",
        "A device is allowed.",
        "Only one device is allowed.",
    ],
)
def test_half_of_the_day_and_how_many_are_part_of_a_number(said: str) -> None:
    assert not shown(said)


@pytest.mark.parametrize("said", ["The shop closes at 6 p.m.", "The shop closes at 6pm.", "2 devices are allowed."])
def test_the_same_time_may_be_written_otherwise(said: str) -> None:
    assert shown(said)


@pytest.mark.parametrize(
    "said",
    [
        "Members can remove admins.",
        "The bank is refunded by the fee.",
        "Close the window before you save the file.",
        "The reset keeps photos.",
        "Move the data from the tablet to the phone.",
    ],
)
def test_words_do_not_change_places(said: str) -> None:
    assert not shown(said)


@pytest.mark.parametrize(
    "said",
    [
        "Members can be removed by admins.",
        "The bank refunds the fee.",
        "Before you close the window, save the file.",
        "Red and blue lamps blink.",
    ],
)
def test_the_same_deed_in_another_order_is_shown(said: str) -> None:
    assert shown(said)


@pytest.mark.parametrize(
    ("language", "text", "changed"),
    [
        ("de", "Sie können eine Erstattung erhalten.", "Sie müssen eine Erstattung erhalten."),
        ("de", "Die Funktion ist auf Android verfügbar.", "Die Funktion ist auf Android unverfügbar."),
        ("de", "Zwei Geräte sind auf jedem Konto erlaubt.", "Ein Geräte sind auf jedem Konto erlaubt."),
        ("es", "Puede pagar la tarifa en línea.", "Debe pagar la tarifa en línea."),
        ("fr", "Vous pouvez payer les frais en ligne.", "Vous devez payer les frais en ligne."),
        ("it", "Puoi pagare la tariffa in linea.", "Devi pagare la tariffa in linea."),
        ("nl", "U kunt de kosten online betalen.", "U moet de kosten online betalen."),
        ("pl", "Możesz zapłacić opłatę przez internet.", "Musisz zapłacić opłatę przez internet."),
        ("pt", "Você pode pagar a taxa na internet.", "Você deve pagar a taxa na internet."),
        ("ru", "Вы можете оплатить сбор через интернет.", "Вы должны оплатить сбор через интернет."),
        ("sv", "Du kan betala avgiften på nätet.", "Du måste betala avgiften på nätet."),
        ("zh", "您可以在网上支付费用。", "您必须在网上支付费用。"),
    ],
)
def test_in_every_language_may_is_not_must(language: str, text: str, changed: str) -> None:
    held = Evidence("?", [replace(passage(text, title="Info"), locale=language)], lambda: 0.0)
    assert ground(f"{text} [1]", held).text
    assert not ground(f"{changed} [1]", held).text
