import orjson

from knowledge.sources.beir import read_line


def _title(**row: str) -> str:
    return read_line(orjson.dumps({"_id": "a1", **row}), "corpus.jsonl").title


def test_a_text_without_a_title_is_named_by_its_first_words():
    text = "The Panthers defense gave up just 308 points, ranking sixth in the league, while also leading."
    assert _title(text=text) == "The Panthers defense gave up just 308 points, ranking sixth in the league, while"
    assert _title(text=text, title=" Super  Bowl ") == "Super Bowl"
    assert _title(text="漢字" * 200) == "漢字" * 40
