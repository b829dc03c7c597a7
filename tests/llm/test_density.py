import pytest

from assistant.llm.blocks import Span, blocks
from assistant.llm.density import density
from assistant.llm.extracts import Reading, extracts
from assistant.llm.portions import portions
from assistant.llm.wanted import wanted_in

# The same in both, but for how many characters say it.
ENGLISH = "You can move the printed area of each page. " * 6
CHINESE = "您可以移动每一页的打印区域。" * 9


def test_letters_of_alphabets_count_as_they_are():
    assert density("You can move the area.") == density("Вы можете.") == density("") == density("“Café”") == 1


@pytest.mark.parametrize(("text", "least"), [("打印", 3), ("인쇄", 2.5), ("プリント", 1.5), ("打印 A4", 1.7)])
def test_signs_count_for_the_letters_that_they_stand_for(text, least):
    assert density(text) >= least


def test_a_stretch_is_as_long_as_what_it_says():
    lengths = []
    for text, language in ((ENGLISH, "en"), (CHINESE, "zh")):
        reading = Reading(text, 0, len(text), "", 0.0, language)
        (extract,) = extracts([reading], wanted_in("?", [(text, language)], language))
        lengths.append(extract.features["length"])
    assert lengths[1] == pytest.approx(lengths[0], abs=0.4)


def test_a_long_paragraph_of_signs_is_taken_sentence_by_sentence():
    text = CHINESE * 2
    assert len(portions(text, blocks(text), "zh")) == 18
    assert [Span(0, 14).of(text)] == ["您可以移动每一页的打印区域。"]


def test_thai_has_sentences_without_marks():
    text = "กดปุ่มรีเซ็ตค้างไว้ห้าวินาที จากนั้นปล่อยปุ่ม"
    reading = Reading(text, 0, len(text), "", 0.0, "th")
    (extract,) = extracts([reading], wanted_in("รีเซ็ต", [(text, "th")], "th"))
    assert extract.features["no_sentence"] == 0
