import json
from pathlib import Path

from benchmarks import train_fusion
from knowledge.retrieval import fusion


def test_the_ranking_uses_what_the_command_writes(tmp_path: Path) -> None:
    shipped = Path(fusion.__file__).with_name("fusion.json")
    constants = {name: getattr(fusion, name) for name in train_fusion.VALUES}
    assert constants == json.loads(shipped.read_text(encoding="utf-8"))
    train_fusion.write(constants, tmp_path / "fusion.json")
    assert (tmp_path / "fusion.json").read_bytes() == shipped.read_bytes()
