"""DATA_DIR as people write it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.project.embedded import places


def test_a_relative_folder_stays_the_same_for_processes_that_work_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", "mine")
    places.make_folders()
    monkeypatch.chdir("/")
    assert places.data_dir() == tmp_path / "mine"
    assert (tmp_path / "mine" / "run").is_dir()


def test_commands_that_start_at_the_same_moment_make_the_folder_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for attempt in range(50):
        monkeypatch.setenv("DATA_DIR", str(tmp_path / str(attempt) / "data"))
        with ThreadPoolExecutor(4) as commands:
            for made in [commands.submit(places.make_folders) for _ in range(4)]:
                made.result()


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").write_text("mine")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    with pytest.raises(places.Problem, match="cannot be written: Not a directory"):
        places.make_folders()
