"""What `make run` prints, and what it says when it cannot start."""

import re
from pathlib import Path

import pytest

from tests.product import Product, launch

pytestmark = pytest.mark.services
ALNUM = r"[A-Za-z0-9_-]+"
PRINTED = (
    rf"widget: wk_{ALNUM}",
    rf"admin: admin {ALNUM}",
    rf"agent: agent {ALNUM}",
    rf"api key: ak_{ALNUM}",
)


@pytest.mark.parametrize("line", PRINTED)
def test_a_first_start_prints_each_thing_on_a_line_of_its_own(first_started: Path, line: str) -> None:
    lines = (first_started / "product.log").read_text().splitlines()
    assert len([printed for printed in lines if re.fullmatch(line, printed)]) == 1


def test_a_second_start_prints_the_same_and_todays_addresses(product: Product, first_started: Path) -> None:
    before, now = (first_started / "product.log").read_text(), product.log
    for line in PRINTED:
        assert re.findall(f"^{line}$", now, re.MULTILINE) == re.findall(f"^{line}$", before, re.MULTILINE)
    for line in ("demo: {}/", "desk: {}/desk/", "administration: {}/admin/"):
        assert line.format(product.base_url) in now.splitlines()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"HOST": "0.0.0.0"}, "set SECRET_KEY"),
        ({"HOST": "0.0.0.0", "SECRET_KEY": "short"}, "set SECRET_KEY"),
        ({"HOST": "0.0.0.0", "SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "*"}, "set ALLOWED_HOSTS"),
        ({"PORT": "eighty"}, '"PORT" invalid'),
        ({"RATE_LIMIT_VISITOR": "many"}, '"RATE_LIMIT_VISITOR" invalid'),
    ],
)
def test_a_value_that_cannot_be_served_with_is_refused_in_words(
    tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    refused = launch(tmp_path, **settings)
    assert refused.supervisor.wait(60) == 1
    assert words in refused.log
    assert "Traceback" not in refused.log
    assert refused.processes() == []
