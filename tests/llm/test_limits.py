"""What limits an answer in the sentence or paragraph behind it is quoted with it, in every language."""

import pytest

from assistant.llm.cues import cues
from assistant.llm.extracts import Reading
from assistant.llm.passages import compose

PADDING = (
    "The booklet tells the story of the two sisters at some length, with pictures of the houses that they painted in "
    "their first years together. "
)
AHEAD, BEHIND = (PADDING * 2).strip(), (PADDING * 8).strip()


def shown(question, text, title, language="en"):
    return compose(question, [Reading(text, 0, len(text), title, 0.0, language)], language=language).text


@pytest.mark.parametrize(
    ("question", "title", "said", "limit"),
    [
        ("Can I use the ladder on stairs?", "Ladder", "You can use the ladder on stairs.",
         "Two people have to hold it there. Nobody over 100 kg may climb it."),
        ("How many tablets do I take?", "Tablets", "Take two tablets.", "Pregnant women must not."),
        ("When is delivery free?", "Shop", "Delivery is free.", "The order has to be above 50 euro for that."),
        ("Can I take ibuprofen with it?", "Tablets", "You can take ibuprofen with it.", "Children should not."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("between", [" ", "\n\n"])
def test_what_limits_the_answer_right_behind_it_goes_with_it(question, title, said, limit, between):
    text = f"{AHEAD}{between}{said}{between}{limit}{between}{BEHIND}"
    answer = shown(question, text, title)
    assert f"{said}{between}{limit}" in answer


def test_further_behind_only_what_is_on_the_same():
    said, limit = "You can share your account with your family.", "Business accounts may never be shared."
    ahead, aside = "The first shop stood in Leeds.", "The press must not be cited."
    text = f"{AHEAD}\n\n{said} {ahead}\n\n{limit}\n\n{BEHIND}"
    assert limit in shown("Can I share my account?", text, "Shop")
    assert "press" not in shown("Can I share my account?", f"{AHEAD} {said} {ahead} {aside} {BEHIND}", "Shop")


def test_of_what_is_on_another_subject_one_sentence_at_most():
    said, others = "Delivery is free of charge.", "Returns must be sent within 14 days. Gift cards cannot be returned."
    answer = shown("Is delivery free of charge?", f"{AHEAD} {said} {others} {BEHIND}", "Shop")
    assert "Gift cards" not in answer


def test_what_leans_on_a_sentence_that_is_left_out_is_left_out():
    said = "You can share your account with your family."
    text = f"{AHEAD} {said} The press has a site. It must not share an account. {BEHIND}"
    assert "must not" not in shown("Can I share my account?", text, "Shop")


def test_a_list_of_those_who_must_not_goes_with_its_introduction():
    text = f"{AHEAD}\n\nYou can use the sauna.\n\nIt must not be used by:\n\n* children\n* pregnant women\n\n{BEHIND}"
    assert "by:\n\n* children\n* pregnant women" in shown("Can I use the sauna?", text, "Spa")


def test_a_warning_behind_the_steps_goes_with_them():
    steps = "1. Hold the key.\n2. Wait for the green light."
    text = f"## Reset the pump\n\n{steps}\n\n{BEHIND}"
    warned = text.replace(BEHIND, f"Never open the lid while it runs.\n\n{BEHIND}")
    assert shown("How do I reset the pump?", warned, "Pump").startswith(f"{steps}\n\nNever open the lid while it runs.")


SAID = {
    "de": ("Sie dürfen sie nicht öffnen.", "Nur für Erwachsene.", "Niemand darf darauf stehen."),
    "en": ("You may not open it.", "Only for adults.", "Nobody may stand on it."),
    "es": ("No debe abrirlo.", "Solo para adultos.", "Nadie puede subirse."),
    "fr": ("Vous ne devez pas l'ouvrir.", "Uniquement pour adultes.", "Personne ne peut monter dessus."),
    "it": ("Non deve aprirlo.", "Solo per adulti.", "Nessuno può salirci."),
    "ja": ("開けないでください。", "大人のみ使えます。", "上に乗ることは禁止です。"),
    "nl": ("U mag het niet openen.", "Alleen voor volwassenen.", "Niemand mag erop staan."),
    "pl": ("Nie wolno go otwierać.", "Tylko dla dorosłych.", "Nikt nie może na nim stać."),
    "pt": ("Não deve abri-lo.", "Apenas para adultos.", "Ninguém pode subir nele."),
    "ru": ("Его нельзя открывать.", "Только для взрослых.", "Никто не должен на нём стоять."),
    "sv": ("Du får inte öppna den.", "Endast för vuxna.", "Ingen får stå på den."),
    "zh": ("请勿打开。", "仅限成人使用。", "不得站在上面。"),
}
SAYS_NOTHING = {
    "de": "Es ist blau.", "en": "It is blue.", "es": "Es azul.", "fr": "Il est bleu.", "it": "È blu.",
    "ja": "青いです。", "nl": "Het is blauw.", "pl": "Jest niebieski.", "pt": "É azul.", "ru": "Он синий.",
    "sv": "Den är blå.", "zh": "是蓝色的。",
}  # fmt: skip


@pytest.mark.parametrize("language", SAID)
def test_what_forbids_or_leaves_a_part_limits_in_every_language(language):
    assert [cues(language).limits(sentence) for sentence in SAID[language]] == [True] * 3
    assert not cues(language).limits(SAYS_NOTHING[language])


def test_a_limit_behind_a_german_answer_goes_with_it():
    ahead = "Das Heft erzählt die Geschichte der beiden Schwestern, mit Bildern der Häuser, die sie strichen. " * 5
    said, limit = "Die Leiter ist für Treppen geeignet.", "Wer mehr als 100 kg wiegt, darf sie dort nicht besteigen."
    answer = shown("Ist die Leiter für Treppen geeignet?", f"{ahead}{said} {limit} {ahead}", "Leiter", "de")
    assert f"{said} {limit}" in answer


def test_a_caution_that_is_all_that_a_heading_stands_over_answers_and_one_beside_an_answer_does_not() -> None:
    caution = "> **Caution:**\n>\n> **Boards are made for 3.3V only.** A 5V device will likely damage the board."
    other = "## Nodes\n\nNodes are compatible with each board, both mechanically and electrically."
    text = f"Boards have a connector.\n\n## Voltage\n\n{caution}\n\n{other}\n"
    start, end = text.index(caution), text.index(other)
    readings = [Reading(text, start, end, "About boards", 0.0), Reading(text, end, len(text), "About boards", -3.0)]
    found = compose("Can I connect a 5V device to a board?", readings)
    assert found is not None
    assert "will likely damage" in found.text
    beside = text.replace(caution, f"The connector takes 5V devices by an adapter.\n\n{caution}")
    whole = [Reading(beside, 0, len(beside), "About boards", 0.0)]
    assert "adapter" in compose("Can I connect a 5V device to a board?", whole).text  # type: ignore[union-attr]
