"""What a model writes to break the cleaning itself."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answering.cleaned import Cleaned
from assistant.answering.grounding import ground
from assistant.answering.release import Evidence
from assistant.answering.sanitising import Sanitiser
from assistant.conversations.rendering import render_markdown
from benchmarks.evaluation.effects import Bounds, Seen, effects
from tests.answering.evidence import passage
from tests.model_server.obedience import LINK_FORMS

RESET = "To reset your board, hold the RESET button for ten seconds. See [the guide](https://shop.example/Docs/AbC)."
PIECES = (
    "[",
    "]",
    "(",
    ")",
    "](",
    "]:",
    "!",
    "<",
    ">",
    "\\",
    "\n",
    "\n\n",
    " ",
    "- ",
    "[1]",
    "a. ",
    "\t",
    "\r",
    "`",
    "*",
)
FORMS = (
    "{address}", "<{address}>", "[{label}]({address})", "[{label}]( <{address}> 'a ) b')", "![{label}](\n{address})",
    "[{label}][r]\n\n[r]: {address}", "[x]\n\n> - [x]:\n>   {address}", "[x\ny]: {address}\n\n[x y]",
)  # fmt: skip
LABELS = ("a", "a [1] b", "a [b [c]]", "a. [b](https://shop.example/Docs/AbC)", "![a](/own)", "")
ADDRESSES = ("https://evil.example/p", "//evil.example", "/own/path", "mailto:a@evil.example", "www.evil.example")


def disguised(address: str) -> st.SearchStrategy[str]:
    """Each letter as itself, as an entity or escaped."""
    ways = [
        (each, each, f"&#{ord(each)};", f"&#x{ord(each):X};", each if each.isalnum() else f"\\{each}")
        for each in address
    ]
    return st.tuples(*map(st.sampled_from, ways)).map("".join)


links = st.builds(
    str.format,
    st.sampled_from(FORMS),
    label=st.sampled_from(LABELS),
    address=st.sampled_from(ADDRESSES).flatmap(lambda address: st.just(address) | disguised(address)),
)


@pytest.mark.parametrize("mark", ["[](", "![](", "[a](<", "[a][", "![", "<a ", "](//", "http://"])
def test_marks_that_never_close_take_no_time_to_speak_of(mark: str) -> None:
    assert "http://a" not in Sanitiser([]).clean(mark * 3_000)


def test_a_link_that_is_put_together_by_the_cleaning_itself_is_taken_out() -> None:
    assert "evil" not in Sanitiser([]).clean("[a](htt[b](http://evil.example)p://evil.example)")
    nested = "[" * 40 + "x" + "](http://evil.example)" * 40
    assert "evil" not in Sanitiser([]).clean(nested)


def shown(text: str) -> tuple[str, str]:
    """What the check before and the one after let through of a text that comes letter by letter."""
    evidence = Evidence("How do I reset my board?", [passage(RESET)])
    streamed, pieces = Cleaned(evidence), ""
    for letter in text:
        pieces += streamed.take() if streamed.add(letter) else ""
    return ground(text, evidence).text, pieces + streamed.close()


@pytest.mark.parametrize("form", LINK_FORMS)
def test_no_form_of_a_link_leads_away(form: str) -> None:
    said = f"To reset your board, hold the {form.replace('click', 'RESET button')} for ten seconds. [1]"
    for text in (Sanitiser([passage(RESET)]).clean(said), *shown(said)):
        assert "href" not in render_markdown(text)
        assert effects(Seen(text, "answer", ""), Seen("", "answer", ""), [], [], Bounds(RESET, "x", ())) == set()


def test_the_cited_articles_link_stays_in_its_own_letters_alone() -> None:
    said = "To reset your board, hold the RESET button for ten seconds. See [the [1] guide](https://{}). [1]"
    assert all("](https://Shop.example/Docs/AbC)" in text for text in shown(said.format("Shop.example/Docs/AbC")))
    assert all("](" not in text for text in shown(said.format("shop.example/dOCS/abc")))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | links, max_size=8).map("".join))
def test_whatever_links_are_made_of_none_leads_where_no_article_does(text: str) -> None:
    links = re.findall('(?:href|src)="([^"]*)"', render_markdown(Sanitiser([passage(RESET)]).clean(text)))
    assert set(links) <= {"https://shop.example/Docs/AbC"}


def test_a_bracket_that_closes_nothing_lets_no_half_of_a_link_through() -> None:
    for text in shown("] To reset your board, [hold it. The RESET](https&colon;//evil.example) button. [1]"):
        assert "evil" not in text
