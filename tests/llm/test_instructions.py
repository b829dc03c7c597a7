"""Who asks how is not told about the thing where its article says what to do."""

import pytest

from assistant.llm.cues import cues
from assistant.llm.extracts import Reading
from assistant.llm.passages import compose
from assistant.llm.wanted import wanted_in

INVITED = (
    "Team members can be invited by any admin of the workspace. Invited members get an e-mail that is valid for 7 days."
)
STEPS = "1. Open **Team**.\n2. Press **Invite**.\n3. Enter the address."


def answer(question, text, title):
    return compose(question, [Reading(text, 0, len(text), title, 0.0)])


@pytest.mark.parametrize("question", ["How do I invite a team member?", "invite team members"])
@pytest.mark.parametrize("heading", ["Adding people", "Send an invitation"])
def test_the_steps_of_another_section_before_what_is_told_of_it(question, heading):
    found = answer(question, f"{INVITED}\n\n## Roles\n\nMembers have roles.\n\n## {heading}\n\n{STEPS}", "Team members")
    assert f"{STEPS} [1]" in found.text
    assert [quotation.more for quotation in found.quotations] == [None] * len(found.quotations)


def test_what_to_do_in_prose_stands_with_what_is_told_of_it_in_its_section():
    told = "A report can be scheduled daily or weekly. Scheduled reports count towards your plan."
    steps = "Go to **Reports** and open the one you want. Click **Schedule**, pick a time and press **Save**."
    text = f"Scheduled reports arrive by e-mail.\n\n## Schedule\n\n{told}\n\n{steps}\n\n## Limits\n\nYou can have ten."
    assert steps in answer("How do I schedule a report?", text, "Scheduled reports").text


def test_two_clauses_of_one_sentence_are_more_than_an_aside():
    steps = "Open **Company**, edit the address and press **Save**."
    text = f"Your billing address is printed on every invoice.\n\n## Cards\n\n1. Add one.\n\n## Company\n\n{steps}"
    assert steps in answer("How do I update my billing address?", text, "Billing").text


@pytest.mark.parametrize(
    ("question", "text", "title", "other"),
    [
        ("Who can invite a team member?", f"{INVITED}\n\n## Adding people\n\n{STEPS}", "Team members", "Press"),
        ("How do I enable dark mode?",
         "Dark mode is enabled by pressing Ctrl+D.\n\n## Light mode\n\n1. Open it.\n2. Press the bin.",
         "Dark mode", "Press"),
        ("How do I empty the tank?",
         "## Empty the tank\n\nThe tank empties itself at night.\n\n## Clean it\n\n1. Open it.\n2. Press the bin.",
         "Tank", "Press"),
        ("How do I delete an alarm?", "Alarms wake neighbours.\n\n## Wipe the server\n\n1. Open it.\n2. Press it.",
         "Delete an alarm", "Press"),
    ],
)  # fmt: skip
def test_what_is_asked_otherwise_or_answered_already_stays(question, text, title, other):
    assert other not in answer(question, text, title).text


@pytest.mark.parametrize(
    ("question", "task"),
    [
        ("How do I change the plan?", True),
        ("I want to see the invoice", True),
        ("invite someone", True),
        ("Which plan do I need?", False),
        ("my son is 15", False),
        ("The update fails, how do I go on?", False),
        ("Error E_NOT_FOUND when uploading", False),
        (f"How do I change the plan? {'We have tried it. ' * 20}", False),
    ],
)
def test_whether_a_task_is_asked(question, task):
    assert wanted_in(question, [("Text.", "en")]).task is task


INSTRUCT = {
    "de": ("Klicken Sie auf Speichern.", "Die Datei wird gespeichert.", "Wie ändere ich den Plan?"),
    "en": ("To save it, click **Save**.", "The file is saved.", "How do I change the plan?"),
    "es": ("Haga clic en Guardar.", "El archivo se guarda.", "¿Cómo cambio el plan?"),
    "fr": ("Cliquez sur Enregistrer.", "Le fichier est enregistré.", "Comment changer de forfait ?"),
    "it": ("Fai clic su Salva.", "Il file viene salvato.", "Come cambio il piano?"),
    "ja": ("「保存」をクリックします。", "ファイルは保存されています。", "プランを変更する方法は?"),
    "nl": ("Klik op Opslaan.", "Het bestand wordt bewaard.", "Hoe wijzig ik het abonnement?"),
    "pl": ("Kliknij Zapisz.", "Plik jest zapisany.", "Jak zmienić plan?"),
    "pt": ("Clique em Salvar.", "O arquivo é salvo.", "Como mudo o plano?"),
    "ru": ("Нажмите «Сохранить».", "Файл сохранён.", "Как изменить тариф?"),
    "sv": ("Klicka på Spara.", "Filen sparas.", "Hur ändrar jag planen?"),
    "zh": ("点击“保存”。", "文件已存好。", "如何更改套餐?"),
}


@pytest.mark.parametrize("language", INSTRUCT)
def test_every_language_tells_what_to_do_from_what_is_so(language):
    told, so, question = INSTRUCT[language]
    assert [cues(language).instructs(told), cues(language).instructs(so)] == [True, False]
    assert cues(language).asks_for_a_task(question)
