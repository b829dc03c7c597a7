"""What the product takes on the disk and in a browser, as the report counts it."""

from django.test import Client

from benchmarks.evaluation import footprint

GOAL_BYTES = 30_000


def packed(address: str) -> bytes:
    response = Client().get(address, headers={"Accept-Encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    return b"".join(response)  # type: ignore[call-overload,no-any-return]


def test_a_file_counts_with_all_that_it_imports_and_once() -> None:
    words, widget = "/static/widget/words.js", "/static/widget/widget.js"
    alone, twice = footprint.gzipped([words], packed), footprint.gzipped([words, words], packed)
    assert alone == twice < footprint.gzipped([widget], packed)


def test_the_widget_with_all_that_it_loads_stays_light() -> None:
    assert footprint.gzipped(footprint.WIDGET, packed) < GOAL_BYTES


def test_packages_that_a_lock_names_twice_for_other_pythons_count_once() -> None:
    assert footprint.installed_bytes() > 100e6
