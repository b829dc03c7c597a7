import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.llm.blocks import Span, blocks, sentences

MARKDOWN = st.lists(
    st.sampled_from(
        ["# Title", "Words here. And more.", "1. One", "2. Two", "   indented", "- item", "| a | b |", "|---|---|",
         "| 1 | 2 |", "```", "    code", "> said", "", "ANSWER", "é ü 漢字", "***", "<b>x</b>", "[a](b)",
         "e.g. this. That"]
    ),
    max_size=25,
).map("\n".join)  # fmt: skip


@given(MARKDOWN | st.text(max_size=200).map(lambda text: text.replace("\r", "\n")))
def test_blocks_are_in_order_and_inside_the_text(text):
    end = 0
    for block in blocks(text):
        assert end <= block.start < block.end <= len(text)
        assert all(block.start <= part.start <= part.end <= block.end for part in block.parts)
        end = block.end


@given(st.text(alphabet="aB .!?\n:*1-", max_size=120))
def test_sentences_cover_all_but_white_space(text):
    found = sentences(text, Span(0, len(text)))
    assert "".join("".join(span.of(text) for span in found).split()) == "".join(text.split())


def test_kinds_and_parts():
    text = "# Pins\n\nDo this:\n\n3. One\n   more\n4. Two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n    run()\n"
    heading, introduction, steps, table, code = blocks(text)
    assert [b.kind for b in (heading, introduction, steps, table, code)] == [
        "heading",
        "paragraph",
        "steps",
        "table",
        "code",
    ]
    assert (steps.number, [part.of(text) for part in steps.parts]) == (3, ["3. One\n   more", "4. Two"])
    assert table.head.of(text) == "| a | b |\n|---|---|"
    assert [part.of(text) for part in table.parts] == ["| 1 | 2 |"]
    assert code.of(text) == "    run()"


@pytest.mark.parametrize("capitals", ["CAUSE", "LÖSUNG", "РЕШЕНИЕ"])
def test_a_line_of_capitals_heads_the_paragraph_below_it(capitals):
    text = f"{capitals}\n The disk is full.\n\nUSB is a bus."
    assert [(b.kind, b.of(text)) for b in blocks(text)] == [
        ("heading", capitals),
        ("paragraph", "The disk is full."),
        ("paragraph", "USB is a bus."),
    ]


def test_abbreviations_and_versions_end_no_sentence():
    text = "Use e.g. version 2.1. If it fails, see Fig. 3. Then stop."
    assert [s.of(text) for s in sentences(text, Span(0, len(text)))] == [
        "Use e.g. version 2.1.",
        "If it fails, see Fig. 3.",
        "Then stop.",
    ]


@pytest.mark.parametrize(
    "expected",
    [
        ["Es geht, z. B. am 3. Mai, bzw. später.", "„Öffnen“ wählen!", "Übrigens: bis zu ca. 5 GB."],
        ["Abra el menú.", "¿No aparece?", "Úselo así, p. ej. Ajustes."],
        ["Ouvrez le menu.", "« Élargir » s’affiche.", "À la fin, validez !"],
        ["Откройте меню, напр. Файл.", "Затем нажмите «Сохранить».", "Готово?"],
        ["設定を開きます。", "「保存」を押す！", "終わりですか？"],
        ["打开设置。", "点击“保存”。", "完成了吗？"],
        ["मेनू खोलें।", "फिर सहेजें।"],
        ["افتح القائمة؟", "ثم احفظ."],
        ["مینو کھولیں۔", "پھر محفوظ کریں۔"],
    ],
)
def test_sentences_end_in_every_script_as_it_ends_them(expected):
    spaced = not any("぀" <= char <= "鿿" for char in expected[0])
    text = (" " if spaced else "").join(expected)
    assert [span.of(text) for span in sentences(text, Span(0, len(text)))] == expected


@given(st.text(alphabet="aБ漢あ .。！？।؟\n「」", max_size=120))
def test_sentences_of_other_scripts_cover_all_but_white_space(text):
    found = sentences(text, Span(0, len(text)))
    assert "".join("".join(span.of(text) for span in found).split()) == "".join(text.split())
    assert all(span.start < span.end for span in found)
