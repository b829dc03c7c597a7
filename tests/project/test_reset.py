"""`make reset` in folders that are the product's own, that are shared with other files, and that are another's."""

from pathlib import Path

import pytest

from assistant.project import reset


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("FORCE", "1")
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_what_the_product_made_goes_and_the_rest_stays(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for made in ("postgres/base", "uploads/articles", "run/metrics", "photos"):
        (folder / made).mkdir(parents=True)
    for file in ("secret-key", "services.json", "first-run.json", "letter.txt"):
        (folder / file).write_text("words")
    reset.main()
    assert names(folder) == ["letter.txt", "photos"]
    assert "letter.txt, photos" in capsys.readouterr().out


def test_a_folder_that_only_looks_alike_is_left_alone(folder: Path) -> None:
    (folder / "run").mkdir()
    (folder / "lib").mkdir()
    with pytest.raises(SystemExit, match="left alone"):
        reset.main()
    assert names(folder) == ["lib", "run"]


def test_without_a_yes_nothing_goes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE")
    monkeypatch.setattr("builtins.input", lambda _: "")
    (folder / "secret-key").write_text("words")
    with pytest.raises(SystemExit, match="Nothing was removed"):
        reset.main()
    assert names(folder) == ["secret-key"]
