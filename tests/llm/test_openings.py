"""What leans on what stands before it is quoted with it: steps in prose, and conditions in the twelve languages."""

import pytest

from assistant.llm.extracts import Reading
from assistant.llm.passages import compose

FILLER = " ".join(f"Filler sentence number {n} talks about nothing." for n in range(12))


def shown(question, text, title="Boards", language="en"):
    return compose(question, [Reading(text, 0, len(text), title, 0.0, language)]).text


@pytest.mark.parametrize(
    "steps",
    [
        "To reset the router, open Settings. Next, choose Reset router. After that, confirm. Finally, restart it.",
        "To reset the router, open Settings. Press the arrow. Then choose Reset router. Wait for a minute.",
        "First open the router's settings. Press the arrow. Now reset the router. Enter your password.",
    ],
)
def test_steps_in_prose_are_not_cut(steps):
    assert steps in shown("How do I reset the router?", f"{FILLER} {steps}")


def test_steps_in_paragraphs_are_not_cut():
    steps = "Open the router's settings to reset it.\n\nNext, choose Reset.\n\nEnter a password.\n\nFinally, restart."
    assert steps in shown("How do I reset the router?", f"{FILLER}\n\n{steps}\n\nRouters are blue.")


@pytest.mark.parametrize("between", [" ", "\n\n"])
@pytest.mark.parametrize(
    "condition", ["Unless you paid by bank transfer, which takes ten.", "Except for digital goods, which have none."]
)
def test_an_exception_stays_with_the_rule(condition, between):
    text = f"{FILLER}\n\nRefunds take five days.{between}{condition}{between}{FILLER}"
    assert f"Refunds take five days.{between}{condition}" in shown("How long do refunds take?", text)


@pytest.mark.parametrize(
    ("language", "question", "rule", "condition"),
    [
        ("de", "Konto löschen", "Sie können das Konto löschen.", "Andernfalls können Sie es nur pausieren."),
        ("es", "eliminar cuenta", "Puede eliminar la cuenta.", "De lo contrario, solo puede pausarla."),
        ("fr", "supprimer compte", "Vous pouvez supprimer le compte.", "À moins d’avoir une facture ouverte."),
        ("it", "eliminare account", "Può eliminare l'account.", "Altrimenti può solo sospenderlo."),
        ("nl", "account verwijderen", "U kunt het account verwijderen.", "Tenzij er nog een rekening openstaat."),
        ("pl", "usunąć konto", "Możesz usunąć konto.", "W przeciwnym razie możesz je tylko zawiesić."),
        ("pt", "excluir conta", "Você pode excluir a conta.", "Caso contrário, só pode pausá-la."),
        ("sv", "radera kontot", "Du kan radera kontot.", "Annars kan du bara pausa det."),
        ("ru", "удалить аккаунт", "Вы можете удалить аккаунт.", "В противном случае его можно приостановить."),
        ("ja", "アカウント削除", "アカウントを削除できます。", "ただし、未払いの請求書がある場合は停止のみです。"),
        ("zh", "删除账户", "您可以删除账户。", "否则，您只能暂停它。"),
    ],
)
def test_a_condition_stays_with_its_consequence(language, question, rule, condition):
    space = "" if language in ("ja", "zh") else " "
    text = f"{FILLER} {rule}{space}{condition} {FILLER}"
    assert f"{rule}{space}{condition}" in shown(question, text, "Boards", language)


@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("de", "Schritt "),
        ("fr", "Étape "),
        ("it", "Passaggio "),
        ("pt", "Etapa "),
        ("pl", "Krok "),
        ("ru", "Шаг "),
        ("ja", "ステップ"),
        ("zh", "步骤"),
    ],
)
def test_numbered_steps_stay_together(language, word):
    headed = f"## {word}1: Router\n\nRouter.\n\n## {word}2: Reset\n\nReset.\n\n## Router\n\nBlue."
    written = f"{word}1: Router. {FILLER}\n\n![](a.png)\n\nBlue.\n\n{word}2: Reset. {FILLER}"
    assert f"**{word}2: Reset**\n\nReset." in shown("Router", headed, "Boards", language)
    assert f"{word}2: Reset." in shown("Router", written, "Boards", language)
