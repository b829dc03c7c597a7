import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import context, prompts
from assistant.answering.courtesies import without_courtesies
from assistant.answers import Said
from assistant.states import Role
from assistant.terms import content_words

HISTORIES = st.lists(
    st.builds(Said, st.sampled_from([Role.CUSTOMER, Role.ASSISTANT]), st.text(max_size=3000)), max_size=30
)


def customer(*texts):
    return tuple(Said(Role.CUSTOMER, text) for text in texts)


@given(HISTORIES)
def test_the_bounded_history_is_the_newest_part_and_fits(history):
    kept = context.bounded(history)
    assert len(kept) <= context.HISTORY_MESSAGES
    assert sum(len(said.text) for said in kept) <= 4 * context.HISTORY_TOKENS
    assert not kept or kept[0].role == Role.CUSTOMER
    newest = history[len(history) - len(kept) :]
    assert all(
        whole.text.startswith(said.text) and whole.role == said.role for whole, said in zip(newest, kept, strict=True)
    )


def test_a_prompt_does_not_grow_with_what_is_written_and_keeps_the_newest():
    history = [Said(role, "n" * 8000) for role in (Role.CUSTOMER, Role.ASSISTANT)] * 200
    joined = "\n".join(["o" * 8000] * 30 + ["And how do I pair it?"])
    prompt = prompts.answer_prompt(joined, context.bounded(history), [])
    assert sum(len(message.content) for message in prompt.messages) < 18_000
    assert "And how do I pair it?" in prompt.messages[-1].content
    whole = prompts.answer_prompt("o" * 8000, (), [])
    assert "o" * 8000 in whole.messages[-1].content


@given(st.text(min_size=1, max_size=5000), HISTORIES)
def test_a_question_is_never_lost(text, history):
    assert context.standalone(text, history).startswith(without_courtesies(text[: context.QUESTION_CHARACTERS]))


def test_a_question_that_stands_alone_is_left_alone():
    history = customer("How do I install the desktop application on Linux?")
    question = "Which operating systems does the cloud editor support for wireless uploads today?"
    assert context.standalone(question, history) == question
    assert context.standalone("How do I reset my board?") == "How do I reset my board?"


def test_a_short_question_on_something_else_carries_nothing():
    history = customer("How do I rate an answer?", "The lamp of my kettle is broken")
    alone = [
        "how do i back up?",
        "what is the warranty?",
        "how do i resolve a conversation",
        "one more thing, how do i rate?",
    ]
    for question in alone:
        assert context.standalone(question, history) == question


def test_a_follow_up_carries_the_topic():
    history = customer("How do I install Arduino IDE on Windows?")
    for follow_up in ("And on Linux?", "What about Linux?", "can I undo it?", "why?"):
        carried = context.standalone(follow_up, history)
        assert carried.startswith(follow_up)
        assert {"install", "arduino", "ide"} <= set(content_words(carried))


def test_the_topic_is_carried_over_follow_ups_and_thanks():
    history = customer("How do I install Arduino IDE on Windows?", "And on Linux?", "ok thanks")
    assert {"install", "ide", "linux"} <= set(content_words(context.standalone("why does it fail?", history)))


def test_the_assistants_words_are_no_topic():
    history = (*customer("How do I reset my board?"), Said(Role.ASSISTANT, "Press the bootloader button twice."))
    assert "bootloader" not in context.standalone("and then?", history)


def test_what_the_message_itself_has_named_is_no_follow_up():
    history = customer("I get 'avrdude: ser_open(): can't open device' when uploading")
    for question in ("sketch too big, how can I make it smaller", "My board is hot. Is that normal?"):
        assert context.standalone(question, history) == question
    assert context.standalone("ok, how do I fix it", history) != "ok, how do I fix it"


@pytest.mark.parametrize(
    "question", ["如何更改我的密码？", "パスワードを変更するにはどうすればいいですか？", "ฉันจะเปลี่ยนรหัสผ่านได้อย่างไร"]
)
def test_a_question_in_a_script_without_spaces_says_what_it_is_about(question):
    assert not context.leans_on_history(question)
    assert context.leans_on_history("为什么")


def test_courtesies_of_earlier_messages_are_no_topic():
    history = customer("Good morning dear support team. How do I export invoices as PDF? Kind regards")
    carried = context.standalone("and on the phone?", history)
    assert "invoices" in carried
    assert not {"morning", "dear", "regards"} & set(content_words(carried))


@pytest.mark.parametrize(
    ("earlier", "follow_up", "left", "kept"),
    [
        ("Where is the log folder on Windows?", "and on Mac?", "windows", {"log", "folder"}),
        ("Where is the log folder on Windows?", "Mac?", "windows", {"log", "folder"}),
        ("How do I reset the clock on the Uno?", "and on the Nano?", "uno", {"reset", "clock"}),
        ("Wo ist der Ordner unter Windows?", "und unter Mac?", "windows", {"ordner"}),
        ("How do I switch from Chrome to Firefox?", "and to Safari?", "firefox", {"switch", "chrome"}),
        ("iPhone app crashes on start", "and Android?", "iphone", {"app", "crashes"}),
        ("Windows log folder?", "and Mac?", "windows", {"log", "folder"}),
    ],
)
def test_what_a_follow_up_puts_another_in_place_of_is_not_carried(earlier, follow_up, left, kept):
    carried = set(content_words(context.standalone(follow_up, customer(earlier))))
    assert kept <= carried
    assert left not in carried


@pytest.mark.parametrize(
    ("earlier", "follow_up", "kept"),
    [
        ("How much is the shipping of the Nano?", "and the tax?", {"shipping", "nano"}),
        ("How do I return the shoes?", "and the costs?", {"return", "shoes"}),
        ("How do I cancel my order?", "and my money?", {"cancel", "order"}),
        ("How do I install Linux?", "and on a Mac?", {"install", "linux"}),
        ("How do I update iOS?", "and on my iPad?", {"update", "ios"}),
    ],
)
def test_what_a_follow_up_adds_to_replaces_nothing(earlier, follow_up, kept):
    assert kept <= set(content_words(context.standalone(follow_up, customer(earlier))))


def test_what_was_replaced_in_between_is_not_carried():
    history = customer("Where is the log folder on Windows?", "and on Linux?")
    assert "windows" not in context.standalone("why is it hidden?", history)
