"""Which lists of an article the report counts as its steps."""

from benchmarks.evaluation.procedures import lists_of_steps

ARTICLE = """To reset it, do this:

1. Open the settings.
2. Press reset.

## On a phone

1. Hold the key.
2. Let it go.

## Related articles

1. [Settings](#settings)
2. Support
"""


def test_what_stands_beside_the_procedures_is_none_of_their_lists():
    assert [block.of(ARTICLE)[:7] for block in lists_of_steps(ARTICLE)] == ["1. Open", "1. Hold"]
