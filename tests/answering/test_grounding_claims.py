"""Whatever passages say: another name, more certainty, a condition or a negation more or less is never shown."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assistant.answering.grounding import ground
from assistant.answering.release import Evidence
from assistant.terms import terms
from tests.answering.evidence import passage

SUBJECTS = ["parcel", "refund", "invoice", "label", "account", "licence", "printer", "battery", "ticket", "router"]
VERBS = ["sent", "returned", "printed", "renewed", "deleted", "charged", "opened", "moved", "tested", "scanned"]
MODALS = ["can", "may", "will", "must", "should", "could"]
NEGATIONS = ["not", "never"]
RAISED = {
    "may": ["will", "must"], "could": ["will", "must"], "should": ["will", "must"], "can": ["must"],
}  # fmt: skip
# As people and companies choose them: any letters, with a capital.
names = st.from_regex(r"[A-Y][a-z]{3,9}", fullmatch=True).filter(lambda name: name.lower() not in KNOWN)
KNOWN = {*SUBJECTS, *VERBS, *MODALS, *NEGATIONS}
# No word is also a name.
details = st.lists(st.from_regex(r"z[a-z]{3,8}", fullmatch=True), max_size=3).map(" ".join)


@st.composite
def said(draw: st.DrawFn) -> list[dict[str, str]]:
    """The parts of two to five sentences, each about a subject of its own."""
    subjects = draw(st.lists(st.sampled_from(SUBJECTS), min_size=2, max_size=5, unique=True))
    return [
        {
            "subject": draw(st.sampled_from(["The", "Your", "Each", "A new"])) + " " + subject,
            "modal": draw(st.sampled_from(MODALS)),
            "denied": draw(st.sampled_from(["", "", *NEGATIONS])),
            "verb": draw(st.sampled_from(VERBS)),
            "name": draw(names),
            "more": draw(details),
        }
        for subject in subjects
    ]


def sentence(parts: dict[str, str]) -> str:
    words = (parts["subject"], parts["modal"], parts["denied"], "be", parts["verb"], "by", parts["name"], parts["more"])
    return f"{' '.join(filter(None, words))}."


def shown(answer: str, sentences: list[dict[str, str]]) -> bool:
    """Whether it is, citing both passages; with no time to compare meanings, which no fault is excused by."""
    half = len(sentences) // 2 or 1
    texts = [" ".join(map(sentence, part)) for part in (sentences[:half], sentences[half:])]
    held = Evidence("What is it?", [passage(text, number) for number, text in enumerate(texts, start=1)], lambda: 0.0)
    return bool(ground(f"{answer[:-1]} [1][2].", held).text)


@settings(max_examples=100, deadline=None)
@given(said(), st.data())
def test_a_verbatim_sentence_is_always_shown(sentences: list[dict[str, str]], data: st.DataObject) -> None:
    assert shown(sentence(data.draw(st.sampled_from(sentences))), sentences)


@settings(max_examples=150, deadline=None)
@given(said(), st.data())
def test_another_name_is_never_shown(sentences: list[dict[str, str]], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(sentences))
    other = data.draw(st.one_of(st.sampled_from([each["name"] for each in sentences]), names))
    assume(terms(other) != terms(chosen["name"]))
    assert not shown(sentence({**chosen, "name": other}), sentences)


@settings(max_examples=150, deadline=None)
@given(said(), st.data())
def test_a_negation_more_or_less_is_never_shown(sentences: list[dict[str, str]], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(sentences))
    other = "" if chosen["denied"] else data.draw(st.sampled_from(NEGATIONS))
    assert not shown(sentence({**chosen, "denied": other}), sentences)


@settings(max_examples=150, deadline=None)
@given(said(), st.data())
def test_more_certainty_is_never_shown(sentences: list[dict[str, str]], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from([each for each in sentences if each["modal"] in RAISED] or [{}]))
    assume(chosen)
    modal = data.draw(st.sampled_from(RAISED[chosen["modal"]]))
    assert not shown(sentence({**chosen, "modal": modal}), sentences)


@settings(max_examples=150, deadline=None)
@given(said(), st.data())
def test_a_prefix_that_denies_is_never_shown(sentences: list[dict[str, str]], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(sentences))
    prefix = data.draw(st.sampled_from(["un", "non-", "not "]))
    assert not shown(sentence({**chosen, "verb": f"{prefix}{chosen['verb']}"}), sentences)


@settings(max_examples=100, deadline=None)
@given(said(), st.data())
def test_a_condition_less_is_never_shown(sentences: list[dict[str, str]], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(sentences))
    cue = data.draw(st.sampled_from(["if", "unless", "as long as", ", but", "until", "provided that"]))
    condition = data.draw(st.from_regex(r"y[a-z]{3,8} y[a-z]{3,8}", fullmatch=True))
    conditional = [
        {**each, "more": f"{each['more']} {cue} {condition}" if each is chosen else each["more"]} for each in sentences
    ]
    assert shown(sentence(conditional[sentences.index(chosen)]), conditional)
    assert not shown(sentence(chosen), conditional)


def test_a_sentence_between_two_equally_near_ones_is_shown_where_it_says_what_one_of_them_says() -> None:
    plans = "Members of the {} plan can export up to 500 rows {} day"
    text = f"{plans.format('Team', 'a')}. {plans.format('Solo', 'per')}."
    held = Evidence("What is it?", [passage(text)], lambda: 0.0)
    assert ground(f"{plans.format('Team', 'per')} [1].", held).text
    assert not ground(f"{plans.format('Pro', 'per')} [1].", held).text
