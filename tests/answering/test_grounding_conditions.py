"""A sentence of a model keeps the condition, the limit and the exception that its passage's sentence has."""

from dataclasses import replace

import pytest

from assistant.answering.grounding import ground
from assistant.answering.provisos import provisos
from assistant.answering.release import Evidence, Verified
from tests.answering.evidence import passage

REFUNDS = "You can get a refund if you cancel within 14 days."
RULES = f"""{REFUNDS} If the parcel was damaged, we send another one. Returns are possible, but not for digital goods.

The charger may be used in the bathroom, provided that it is plugged into a shaver socket. Delivery is free for orders
above 50 euro. Members can export data only when the owner allows it. The voucher can be used until Friday.

Items can be sent back within 30 days when the seal is intact. Click Save, and the page closes. Wait until the light is
off. Restart the router if necessary. You can export the report, and if you are the owner, you can delete it. Open the
menu (the three lines) and choose a colour, such as blue. See if the lamp blinks. Please keep the receipt.
"""


def shown(said: str, question: str = "What are the rules?", text: str = RULES, language: str = "en") -> bool:
    held = replace(passage(text, title="Info"), locale=language)
    return bool(ground(said, Evidence(question, [held], lambda: 0.0)).text)


@pytest.mark.parametrize(
    "said",
    [
        "You can get a refund [1].",
        "You can get a refund if you cancel [1].",
        "We send another one [1].",
        "Returns are possible [1].",
        "The charger may be used in the bathroom [1].",
        "Delivery is free for orders [1].",
        "Members can export data [1].",
        "The voucher can be used [1].",
        "Items can be sent back within 30 days [1].",
        "Items can be sent back when the seal is intact [1].",
    ],
)
def test_what_holds_under_a_condition_is_not_shown_without_it(said: str) -> None:
    assert not shown(said)


@pytest.mark.parametrize(
    "said",
    [
        "If you cancel within 14 days, you can get a refund [1].",
        "A refund can be got if you cancel within 14 days [1].",
        "We send another one if the parcel was damaged [1].",
        "Click Save [1].",
        "Restart the router [1].",
        "You can export the report [1].",
        "Open the menu and choose a colour [1].",
        "Keep the receipt [1].",
        "See if the lamp blinks [1].",
    ],
)
def test_an_honest_shortening_and_another_order_are_shown(said: str) -> None:
    assert shown(said)


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ("I cancelled within 14 days. Can I get a refund?", True),
        ("Can I get a refund if I cancel within 14 days?", True),
        ("Can I get a refund?", False),
        ("I cancelled. Can I get a refund?", False),
        ("I cancelled after 20 days. Can I get a refund?", False),
        ("I did not cancel within 14 days. Can I get a refund?", False),
    ],
)
def test_a_premise_of_the_customer_need_not_come_again(asked: str, granted: bool) -> None:
    assert shown("You can get a refund [1].", asked) is granted


def test_an_exception_is_never_the_customers_premise() -> None:
    assert not shown("Returns are possible [1].", "Are returns possible for digital goods?")


@pytest.mark.parametrize(
    "said",
    [
        "You have to cancel within 14 days. You can get a refund [1].",
        "If you cancel within 14 days, we write a letter [1]. You can get a refund [1].",
        "You can get a refund. That is so if you cancel within 14 days [1].",
        "You can get a refund [1]. You have to cancel within 14 days [1].",
    ],
)
def test_a_neighbouring_sentence_may_tell_the_condition(said: str) -> None:
    text = f"{REFUNDS} We write a letter if you cancel within 14 days. You have to cancel within 14 days."
    held = Evidence("What are the rules?", [passage(text)], lambda: 0.0)
    assert "You can get a refund" in ground(said, held).text


def test_a_sentence_waits_for_the_one_that_may_tell_its_condition() -> None:
    held = Evidence("Can I get a refund?", [passage(f"{REFUNDS} The bank needs two weeks for it.")], lambda: 0.0)
    release = Verified(held)
    release.add("You can get a refund [1].\n\n")
    assert release.take() == ""
    release.add("It is given if you cancel within 14 days [1].\n\n")
    assert release.take() == "You can get a refund [1].\n\nIt is given if you cancel within 14 days [1].\n\n"
    release = Verified(held)
    release.add("You can get a refund [1].\n\nThe bank needs two weeks for it [1].\n\n")
    assert "refund" not in release.take()
    assert release.incomplete


@pytest.mark.parametrize(
    ("language", "text", "dropped", "kept"),
    [
        ("de", "Sie erhalten eine Erstattung, wenn Sie den Vertrag kündigen.", "Sie erhalten eine Erstattung.",
         "Wenn Sie den Vertrag kündigen, erhalten Sie eine Erstattung."),
        ("de", "Die Ware kann umgetauscht werden, außer bei Unterwäsche.", "Die Ware kann umgetauscht werden.",
         "Außer bei Unterwäsche kann die Ware umgetauscht werden."),
        ("de", "Sie können die Ware innerhalb von 14 Tagen zurückgeben.", "Sie können die Ware zurückgeben.",
         "Innerhalb von 14 Tagen können Sie die Ware zurückgeben."),
        ("es", "Puede obtener un reembolso si cancela el contrato.", "Puede obtener un reembolso.",
         "Si cancela el contrato, puede obtener un reembolso."),
        ("fr", "Vous pouvez obtenir un remboursement si vous annulez le contrat.",
         "Vous pouvez obtenir un remboursement.",
         "Si vous annulez le contrat, vous pouvez obtenir un remboursement."),
        ("it", "Puoi ottenere un rimborso se annulli il contratto.", "Puoi ottenere un rimborso.",
         "Se annulli il contratto, puoi ottenere un rimborso."),
        ("nl", "U krijgt een terugbetaling als u het contract opzegt.", "U krijgt een terugbetaling.",
         "Als u het contract opzegt, krijgt u een terugbetaling."),
        ("pl", "Możesz otrzymać zwrot pieniędzy, jeśli anulujesz umowę.", "Możesz otrzymać zwrot pieniędzy.",
         "Jeśli anulujesz umowę, możesz otrzymać zwrot pieniędzy."),
        ("pt", "Você pode obter um reembolso se cancelar o contrato.", "Você pode obter um reembolso.",
         "Se cancelar o contrato, você pode obter um reembolso."),
        ("ru", "Вы можете получить возврат денег, если отмените договор.", "Вы можете получить возврат денег.",
         "Если отмените договор, вы можете получить возврат денег."),
        ("sv", "Du kan få pengarna tillbaka om du avbryter avtalet.", "Du kan få pengarna tillbaka.",
         "Om du avbryter avtalet kan du få pengarna tillbaka."),
        ("zh", "如果您取消合同，可以获得退款。", "可以获得退款。", "可以获得退款，如果您取消合同。"),
        ("ja", "契約をキャンセルした場合、返金を受けられます。", "返金を受けられます。",
         "返金を受けられます、契約をキャンセルした場合。"),
    ],
)  # fmt: skip
def test_in_every_language_a_condition_belongs_to_what_holds_under_it(
    language: str, text: str, dropped: str, kept: str
) -> None:
    assert provisos(text.lower(), language)
    assert not shown(f"{dropped} [1]", "?", text, language)
    assert shown(f"{kept} [1]", "?", text, language)
