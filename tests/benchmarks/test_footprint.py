"""What the product takes on the disk and in a browser, as the report counts it."""

from benchmarks.evaluation import footprint


def test_a_file_counts_with_all_that_it_imports_and_once():
    alone, both = footprint.gzipped(["widget/words.js"]), footprint.gzipped(["widget/words.js", "widget/words.js"])
    assert alone == both < footprint.gzipped(["widget/widget.js"])


def test_packages_that_a_lock_names_twice_for_other_pythons_count_once():
    assert footprint.installed_bytes() > 100e6
