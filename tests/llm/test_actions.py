"""Steps that do something else to a thing than what is asked are no answer, least of all those that destroy it."""

import time

import pytest

from assistant.llm.extracts import Reading
from assistant.llm.passages import compose

DELETE = (
    "Deleting your account removes all of your data. Before you delete it, transfer your projects to another account.\n"
    "\n## How to delete your account\n\n1. Open **Settings**.\n2. Press **Delete account** and confirm.\n\n"
    "Your data is removed after 30 days."
)
MAKE, RESTORE = "1. Open **Backup**.\n2. Press **Back up now**.", "1. Choose a backup.\n2. Press **Restore**."


def answer(question, *articles, language="en"):
    readings = [
        Reading(text, 0, len(text), title, -1.0 * place, language) for place, (title, text) in enumerate(articles)
    ]
    found = compose(question, readings, language=language)
    return found.text if found else None


@pytest.mark.parametrize(
    "question",
    [
        "How do I transfer my project to another account?",
        "transfer a project to another account",
        "How can I download the data of my account?",
        "How do I share my account?",
    ],
)
@pytest.mark.parametrize(
    "text", [DELETE, "Transfer your projects first.\n\n1. Open **Settings**.\n2. Press **Delete account**."]
)
def test_a_procedure_that_deletes_answers_no_other_task(question, text):
    assert answer(question, ("Delete your account", text)) is None


@pytest.mark.parametrize("verb", ["pause", "merge", "leave"])
def test_what_is_final_answers_no_task_that_nobody_has_named_an_action_of(verb):
    steps = "1. Open **Settings**.\n2. Press **Delete account**."
    assert answer(f"How do I {verb} my account?", ("Delete your account", steps)) is None
    sentence = f"To {verb} an account is not possible."
    told = answer(f"How do I {verb} my account?", ("Delete your account", f"{sentence}\n\n## How\n\n{steps}"))
    assert sentence in told
    assert steps not in told
    assert steps in answer(f"How do I {verb} my account?", (f"{verb} your account", f"## Delete it\n\n{steps}"))


@pytest.mark.parametrize(
    "question",
    [
        "How do I stop my subscription?",
        "How do I free up space?",
        "How do I quit?",
        "How do I kill a running job?",
        "How do I take my listing down?",
        "How do I dispose of old data?",
    ],
)
def test_who_wants_to_be_rid_of_something_is_told_how_to_delete_it(question):
    steps = "1. Open **Settings**.\n2. Press **Delete**."
    assert steps in answer(question, ("Cancel your subscription", f"You get space back.\n\n{steps}"))


@pytest.mark.parametrize("question", ["How do I undo the deletion of my account?", "How do I get my account back?"])
def test_who_wants_something_back_is_not_told_how_to_delete_it(question):
    assert answer(question, ("Delete your account", DELETE)) is None


def test_an_article_further_behind_answers_where_it_names_what_is_asked():
    question = "How do I transfer my project to another account?"
    steps = "1. Open the project.\n2. Choose the new owner."
    assert steps in answer(question, ("Delete your account", DELETE), ("Transfer a project", steps))
    assert answer(question, ("Delete your account", DELETE), ("Projects", "A project belongs to an account.")) is None


@pytest.mark.parametrize("question", ["How do I delete my account?", "I want to remove my account", "close account"])
def test_what_deletes_answers_who_wants_that(question):
    assert "Press **Delete account**" in answer(question, ("Delete your account", DELETE))


@pytest.mark.parametrize(
    ("question", "title", "heading"),
    [
        ("How do I get back into my account?", "Reset your password", ""),
        ("How do I change my password?", "Reset your password", ""),
        ("How do I replace the battery?", "Battery", "Remove the battery"),
        ("I can't upload my photos", "Delete the cookies", ""),
        ("How do I turn off the sound?", "Enable the silent mode", ""),
        ("How do I move my site?", "Move your site", "Delete the old site"),
    ],
)
def test_what_may_be_the_way_to_do_it_answers(question, title, heading):
    steps = "1. Open it.\n2. Press the key."
    assert steps in answer(question, (title, f"## {heading}\n\n{steps}" if heading else steps))


def test_who_does_not_ask_how_is_told_what_is_said_without_the_steps():
    said = "If you want to keep your projects, transfer them to another account first."
    told = answer("Can I transfer my project?", ("Delete your account", f"{said}\n\n1. Open it.\n2. Press **Delete**."))
    assert told == f"{said} [1]"


def test_sentences_that_say_how_by_themselves_answer_under_any_title():
    said = "To transfer a project, open it and choose the new owner."
    assert said in answer("How do I transfer my project?", ("Delete your account", f"{said}\n\n{DELETE}"))


@pytest.mark.parametrize("headings", [("Make a backup", "Restore a backup"), ("Back up your data", "Restore it")])
@pytest.mark.parametrize("title", ["Backups", "Make and restore backups"])
@pytest.mark.parametrize("restoring_first", [True, False])
def test_of_opposite_tasks_under_one_title_the_one_that_is_asked(headings, title, restoring_first):
    parts = [f"## {heading}\n\n{steps}" for heading, steps in zip(headings, (MAKE, RESTORE), strict=True)]
    text = "\n\n".join(["Backups keep your data safe.", *(parts[::-1] if restoring_first else parts)])
    restored, made = (answer(f"How do I {verb} a backup?", (title, text)) for verb in ("restore", "make"))
    assert [RESTORE in restored, MAKE in restored] == [True, False]
    assert [MAKE in made, RESTORE in made] == [True, False]


def test_how_it_is_made_does_not_tell_how_it_is_restored():
    text = f"A backup keeps a copy of your data, so that you can restore it later.\n\n{MAKE}"
    assert answer("How do I restore a backup?", ("Make a backup", text)) is None


ASKED = {
    "ar": ("كيف أنقل مشروعي إلى حساب آخر؟", "حذف الحساب", "نقل مشروع إلى حساب آخر"),
    "de": ("Wie übertrage ich mein Projekt auf ein anderes Konto?", "Konto löschen", "Projekt übertragen"),
    "en": ("How do I transfer my project to another account?", "Delete an account", "Transfer a project to an account"),
    "es": ("¿Cómo transfiero mi proyecto a otra cuenta?", "Eliminar la cuenta", "Transferir un proyecto a otra cuenta"),
    "fr": ("Comment transférer mon projet vers un autre compte ?", "Supprimer le compte", "Transférer un projet"),
    "hi": ("मैं अपना प्रोजेक्ट दूसरे खाते में कैसे स्थानांतरित करूँ?", "खाता हटाना", "प्रोजेक्ट स्थानांतरित करना"),
    "it": ("Come trasferisco il mio progetto a un altro account?", "Eliminare l'account", "Trasferire un progetto"),
    "ja": ("プロジェクトを別のアカウントに移行する方法は?", "アカウントを削除する", "プロジェクトを移行する"),
    "ko": ("프로젝트를 다른 계정으로 어떻게 이전하나요?", "계정 삭제", "프로젝트 이전"),
    "nl": ("Hoe kan ik mijn project overdragen aan een ander account?", "Account verwijderen", "Project overdragen"),
    "pl": ("Jak przenieść projekt na inne konto?", "Usuwanie konta", "Przenoszenie projektu na inne konto"),
    "pt": ("Como transfiro o meu projeto para outra conta?", "Excluir a conta", "Transferir um projeto"),
    "ru": ("Как перенести проект в другой аккаунт?", "Удаление аккаунта", "Перенос проекта в другой аккаунт"),
    "sv": ("Hur överför jag mitt projekt till ett annat konto?", "Radera kontot", "Överföra ett projekt"),
    "th": ("โอนโปรเจกต์ไปยังบัญชีอื่นอย่างไร", "ลบบัญชี", "โอนโปรเจกต์"),
    "tr": ("Projemi başka bir hesaba nasıl aktarırım?", "Hesabı silme", "Proje aktarma"),
    "zh": ("如何将项目转移到另一个账户?", "删除账户", "转移项目"),
}  # fmt: skip


@pytest.mark.parametrize("language", ASKED)
def test_every_language_tells_what_deletes_from_what_keeps(language):
    question, deletes, transfers = ASKED[language]
    steps = "1. A.\n2. B."
    assert answer(question, (deletes, steps), language=language) is None
    assert answer(question, (transfers, steps), language=language) is not None


@pytest.mark.parametrize(
    ("language", "question", "makes"),
    [
        ("ar", "كيف أستعيد نسخة احتياطية؟", "إنشاء نسخة احتياطية"),
        ("hi", "बैकअप कैसे पुनर्स्थापित करें?", "बैकअप बनाएँ"),
        ("ko", "백업 파일을 어떻게 복원하나요?", "파일 만들기"),
        ("th", "กู้คืนสำเนาอย่างไร", "สร้างสำเนา"),
        ("tr", "Kopyayı nasıl geri yüklerim?", "Kopya oluşturma"),
        ("de", "Wie stelle ich ein Backup wieder her?", "Backup erstellen"),
        ("es", "¿Cómo restauro una copia?", "Crear una copia"),
        ("fr", "Comment restaurer une sauvegarde ?", "Créer une sauvegarde"),
        ("it", "Come ripristino un backup?", "Creare un backup"),
        ("ja", "バックアップを復元する方法は?", "バックアップを作成する"),
        ("nl", "Hoe zet ik een back-up terug?", "Een back-up maken"),
        ("pl", "Jak przywrócić kopię?", "Tworzenie kopii"),
        ("pt", "Como restauro uma cópia?", "Criar uma cópia"),
        ("ru", "Как восстановить копию?", "Создание копии"),
        ("sv", "Hur återställer jag en kopia?", "Skapa en kopia"),
        ("zh", "如何恢复备份?", "创建备份"),
    ],
)
def test_every_language_tells_opposites_on_the_same_thing(language, question, makes):
    assert answer(question, (makes, "1. A.\n2. B."), language=language) is None


@pytest.mark.parametrize("heading", ["Warning", "Delete account", "Delete it"])
def test_an_article_of_thousands_of_headings_is_read_in_time(heading):
    """Each stretch asks for the headings over it, and each heading may be weighed against all others."""
    text = "Of accounts.\n\n" + "".join(f"## {heading} {number}\n\nPress it.\n\n" for number in range(1_400))
    began = time.process_time()
    answer("How do I transfer my account?", ("Delete and transfer accounts", text[:40_000]))
    assert time.process_time() - began < 4


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("How do I export everything before I delete my account?", "Export your data"),
        ("Before I delete my account, how do I download my data?", "Export your data"),
        ("How do I stop my subscription without deleting my account?", "Cancel a subscription"),
        ("How do I disable alerts instead of deleting my account?", "Disable alerts"),
    ],
)
def test_what_a_question_sets_aside_is_not_what_it_asks(question, title):
    steps = "1. Open **Data**.\n2. Press the button."
    undo = "## Undo it\n\nSign in within 30 days and press **Keep my account**."
    found = answer(question, ("Delete your account", f"{DELETE}\n\n{undo}"), (title, steps))
    assert steps in found
    assert "account**" not in found


def test_what_is_set_aside_is_known_in_other_languages():
    delete = ("Konto löschen", "1. Öffnen Sie **Konto**.\n2. Drücken Sie **Konto löschen**.")
    steps = "1. Öffnen Sie **Daten**.\n2. Drücken Sie **Exportieren**."
    question = "Wie exportiere ich meine Daten, bevor ich mein Konto lösche?"
    found = answer(question, delete, ("Daten exportieren", steps), language="de")
    assert steps in found
    assert "Konto löschen" not in found


def test_where_nothing_else_is_named_what_is_set_aside_is_asked():
    assert answer("What do I do before I delete my account?", ("Delete your account", DELETE))
    steps = "1. Open **Members**.\n2. Press **Delete**."
    question = "How do I remove a member without deleting their files?"
    assert steps in answer(question, ("Delete a member", f"Files stay.\n\n{steps}"))
