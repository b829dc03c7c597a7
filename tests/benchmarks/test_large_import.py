from benchmarks.large_import import Import, Look, slope, table


def test_growth_is_told_of_the_warm_part_alone():
    counts = {"added": 1000, "changed": 0, "unchanged": 0}
    loading = [Look(0.0, 0, 50.0), Look(1.0, 50, 290.0)]
    warm = [Look(2.0 + step, 100 + 100 * step, 300.0 + step) for step in range(10)]
    ended = [Look(12.0, 0, 0.0)]
    run = Import("new articles", {"documents": counts, "chunks": 2000, "seconds": 12.5}, loading + warm + ended)
    assert table([run]).splitlines()[-1] == "| new articles | 1,000 | 2,000 | 12 | 80 | 300 | 309 | +100.0 |"


def test_what_was_over_at_once_has_no_growth():
    assert slope([Look(1.0, 40, 100.0)]) == 0
