from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import clarifying, guardrails
from assistant.answers import Said
from assistant.states import Decision, Role
from knowledge.indexing import index_documents
from tests.answering.evidence import passage
from tests.knowledge.library import article


def titled(title, score):
    return replace(passage("Press the button."), article=title, title=title, score=score)


NANO, UNO = titled("Reset the Nano board", 0.8), titled("Reset the Uno board", 0.78)
QUESTION = "How do I reset my board?"
ASKED = (Said(Role.CUSTOMER, QUESTION), Said(Role.ASSISTANT, clarifying.question_back(NANO, UNO, "en")))


def test_two_articles_that_fit_equally_are_both_named():
    assert clarifying.two_meanings(QUESTION, [UNO, NANO], ()) == (NANO, UNO)
    assert clarifying.question_back(NANO, UNO, "en").endswith("1. Reset the Nano board\n2. Reset the Uno board")


@pytest.mark.parametrize(
    ("language", "question", "one", "other"),
    [
        ("de", "Wie kann ich meine Boards zurücksetzen?", "Das Nano-Board zurücksetzen", "Das Uno-Board zurücksetzen"),
        ("es", "¿Cómo puedo reiniciar mi placa?", "Reiniciar la placa Nano", "Reiniciar la placa Mega"),
    ],
)
def test_articles_in_other_languages_are_told_apart_by_words_of_theirs(language, question, one, other):
    both = [replace(titled(title, score), locale=language) for title, score in ((one, 0.8), (other, 0.78))]
    assert clarifying.two_meanings(question, both, ()) == tuple(both)


@pytest.mark.parametrize(
    ("question", "passages"),
    [
        ("How do I reset my Nano board?", [NANO, UNO]),
        (QUESTION, [NANO, replace(UNO, score=0.5)]),
        ("How do I reset my blinking board?", [NANO, UNO]),
        (QUESTION, [NANO]),
        (QUESTION, [NANO, replace(NANO, score=0.79)]),
        (QUESTION, [NANO, titled("Reset the board", 0.79)]),
        (QUESTION, [NANO, titled("Delivery to Norway", 0.79)]),
        (QUESTION, [NANO, titled('"reset": the board [Uno](there)', 0.79)]),
        (QUESTION, []),
    ],
)
def test_otherwise_nothing_is_asked_back(question, passages):
    assert clarifying.two_meanings(question, passages, ()) is None


def test_neither_choice_may_lack_what_is_asked():
    question = "How do I reset my board over Bluetooth?"
    uno = replace(UNO, text="Press the button, or send it by bluetooth.")
    assert clarifying.two_meanings(question, [NANO, uno], ()) is None
    assert clarifying.two_meanings(question, [replace(uno, title=NANO.title), UNO], ()) is None
    elsewhere = replace(uno, article=NANO.article, title=NANO.title, score=0.1)
    assert clarifying.two_meanings(question, [NANO, uno, elsewhere], ()) == (NANO, uno)


def test_where_both_titles_say_all_that_is_asked_the_second_may_be_further_behind():
    behind = replace(UNO, score=0.6)
    assert clarifying.two_meanings(QUESTION, [NANO, behind], ()) == (NANO, behind)


def test_it_is_never_asked_twice_in_a_row():
    assert clarifying.two_meanings(QUESTION, [NANO, UNO], ASKED) is None


THE_FIRST, THE_SECOND = f"{QUESTION} (Reset the Nano board)", f"{QUESTION} (Reset the Uno board)"


@pytest.mark.parametrize(
    "text",
    [
        *("2", "the second one", "Second", "Uno", "the uno board please", "2.", "das zweite", "第二个", "La deuxième"),
        *("option 2", "number two", "nr 2", "No. 2", "#2", "the second one, please", "2 thanks", "I mean the second"),
        *("second one, thank you!", "ok the 2nd", "I'll take the latter", "the other one", "the last option please"),
        *("uno cable", "I mean with Uno", "my Uno board thanks", "It's an Uno", "for the uno please"),
        *("Option 2 bitte", "Nummer zwei", "Nr. 2", "ich meine das zweite", "die andere"),
        *("opción 2", "la segunda, gracias", "número dos", "numéro 2", "la deuxième, merci", "l'option 2"),
        *("opzione 2", "la seconda, grazie", "optie 2", "nummer twee graag", "opcja 2", "ten drugi, dziękuję"),
        *("opção 2", "a segunda, obrigado", "вариант 2", "второй, спасибо", "alternativ 2", "den andra, tack"),
        *("2番でお願いします", "オプション2", "选项2", "第二个，谢谢"),
    ],
)
def test_a_choice_is_looked_up_with_the_question(text):
    assert clarifying.chosen(text, ASKED) == (THE_SECOND,)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1",
            "the first",
            "nano!",
            "el primero",
            "первый",
            "最初の方です",
            "first one, thanks",
            "option 1",
            "number one",
        ),
        *(
            "das erste bitte",
            "le premier, merci",
            "il primo",
            "de eerste",
            "pierwszy",
            "o primeiro",
            "den första",
            "选1",
        ),
    ],
)
def test_the_first_can_be_chosen(text):
    assert clarifying.chosen(text, ASKED) == (THE_FIRST,)


@pytest.mark.parametrize(
    "text",
    [
        *("both", "both please", "Both of them, thanks", "1 and 2", "the first and the second", "either"),
        *("beide", "ambos, por favor", "les deux", "tous les deux", "entrambi", "allebei", "oba", "as duas", "оба"),
        *("båda två", "両方お願いします", "两个都要"),
    ],
)
def test_both_can_be_chosen(text):
    assert clarifying.chosen(text, ASKED) == (THE_FIRST, THE_SECOND)
    assert [part.question for part in clarifying.parts_of((THE_FIRST, THE_SECOND))] == [NANO.title, UNO.title]


NEITHER = (
    *("neither", "Neither of them.", "none of these", "no", "something else", "keins von beiden", "weder noch"),
    *("ninguno", "aucun des deux", "nessuno dei due", "geen van beide", "żaden", "nenhum dos dois", "ни то ни другое"),
    *("inget av dem", "どちらでもない", "都不是"),
)


@pytest.mark.parametrize("text", NEITHER)
def test_neither_did_not_help(text):
    assert clarifying.chosen(text, ASKED) == ()
    verdict = guardrails.read(text, ASKED)
    assert (verdict.decision, verdict.reason) == (Decision.CLARIFY, "did not help")


@pytest.mark.parametrize(
    "text",
    [
        *("reset the board", "Does the Uno have Bluetooth?", "", "3", "yes", "How do I update the Uno firmware"),
        *("Where can I buy the Uno?", "my uno arrived broken and the parcel was wet inside", "the uno or the nano"),
        *("I need two boards", "one more question", "option 3", "no idea", "12"),
    ],
)
def test_anything_else_is_no_choice(text):
    assert clarifying.chosen(text, ASKED) == ()


@given(st.text(max_size=60), st.lists(st.sampled_from(["reset", "board", "nano", "uno"]), max_size=4))
def test_nothing_is_chosen_that_was_not_offered(noise, some):
    text = f"{noise} {' '.join(some)}"
    assert clarifying.chosen(text, ()) == ()
    assert clarifying.chosen(text, ASKED) in {(), (THE_FIRST,), (THE_SECOND,), (THE_FIRST, THE_SECOND)}


def test_asked_back_once_then_answered_from_the_article_that_was_chosen(ask):
    index_documents(
        [
            article(
                f"calibrate-{name.lower()}",
                f"To calibrate the sensor, hold the {colour} key for five seconds.",
                title=f"Calibrate the {name} sensor",
            )
            for name, colour in (("Alpha", "red"), ("Beta", "blue"))
        ]
    )
    question = "How do I calibrate my sensor?"
    first, _ = ask(question)
    assert (first.decision, first.reason, first.sources) == (Decision.CLARIFY, "two articles fit", ())
    assert "Calibrate the Alpha sensor" in first.text
    assert "Calibrate the Beta sensor" in first.text
    assert first.explanation["basis"]["value"] >= clarifying.EQUALLY
    history = (Said(Role.CUSTOMER, question), Said(Role.ASSISTANT, first.text))
    second, _ = ask("the beta one", history)
    assert second.decision == Decision.ANSWER
    assert second.sources[0].article == "calibrate-beta"
    assert "blue key" in second.text
    assert {each["article"] for each in second.explanation["passages"]} == {"calibrate-beta"}
    both, _ = ask("both, please", history)
    assert both.decision == Decision.ANSWER
    assert {source.article for source in both.sources} == {"calibrate-alpha", "calibrate-beta"}
    assert "### Calibrate the Alpha sensor" in both.text
    assert ask("I don't know, the sensor of my device", history)[0].decision != Decision.CLARIFY


@pytest.mark.parametrize("language", ["de", "fr", "ja", "en"])
def test_the_question_back_is_known_again_in_every_language(language):
    asked = (Said(Role.CUSTOMER, QUESTION), Said(Role.ASSISTANT, clarifying.question_back(NANO, UNO, language)))
    assert clarifying.chosen("2", asked) == (THE_SECOND,)
    assert clarifying.two_meanings(QUESTION, [NANO, UNO], asked) is None


def test_a_title_with_brackets_heads_its_part() -> None:
    choices = ("How do I reset it? (Reset the board (Uno))", "How do I reset it? (Reset the board (Mega))")
    titles = [part.question for part in clarifying.parts_of(choices)]
    assert titles == ["Reset the board (Uno)", "Reset the board (Mega)"]
