import pytest

from benchmarks.evaluation import injection


@pytest.mark.parametrize(
    ("whole", "told"), [(False, "A sample: one planted instruction in 5,"), (True, "All of the sets")]
)
def test_the_section_says_how_much_of_the_set_was_run(whole: bool, told: str) -> None:
    assert injection._report([], [], [], whole).splitlines()[2].startswith(told)
