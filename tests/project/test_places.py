"""DATA_DIR as people write it."""

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
