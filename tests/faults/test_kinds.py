"""Every kind of failure has a proof that exists, and every fault proves something."""

import re

import pytest

from tests.faults.catalogue import FAULTS, LONG_FAULTS
from tests.faults.kinds import KINDS
from tests.product import CHECKOUT

ALL = [*FAULTS, *LONG_FAULTS]
NAMES = {fault.name for fault in ALL}
PROOFS = sorted({proof for kind in KINDS.values() for proof in kind.proofs})


@pytest.mark.parametrize("proof", PROOFS)
def test_a_named_proof_exists(proof: str) -> None:
    file, _, name = proof.partition("::")
    assert proof in NAMES or f"def {name}(" in (CHECKOUT / file).read_text()


def test_no_fault_is_without_a_kind() -> None:
    assert len(NAMES) == len(ALL)
    assert set(PROOFS) >= NAMES


def test_the_page_of_promises_names_tests_that_exist() -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", (CHECKOUT / "docs" / "reliability.md").read_text())
    assert len(named) > 30
    assert [(file, name) for file, name in named if f"def {name}(" not in (CHECKOUT / "tests" / file).read_text()] == []
