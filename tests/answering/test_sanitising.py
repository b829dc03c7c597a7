"""What a model writes to break the cleaning itself."""

import pytest

from assistant.answering.sanitising import Sanitiser


@pytest.mark.parametrize("mark", ["[](", "![](", "[a](<", "[a][", "![", "<a ", "](//", "http://"])
def test_marks_that_never_close_take_no_time_to_speak_of(mark: str) -> None:
    assert "http://a" not in Sanitiser([]).clean(mark * 3_000)


def test_a_link_that_is_put_together_by_the_cleaning_itself_is_taken_out() -> None:
    assert "evil" not in Sanitiser([]).clean("[a](htt[b](http://evil.example)p://evil.example)")
    nested = "[" * 40 + "x" + "](http://evil.example)" * 40
    assert "evil" not in Sanitiser([]).clean(nested)
