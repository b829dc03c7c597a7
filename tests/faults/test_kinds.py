"""Every kind of failure has a proof that exists, and every fault proves something."""

import pytest

from tests.faults.catalogue import FAULTS
from tests.faults.kinds import KINDS
from tests.product import CHECKOUT

NAMES = {fault.name for fault in FAULTS}
PROOFS = sorted({proof for kind in KINDS.values() for proof in kind.proofs})


@pytest.mark.parametrize("proof", PROOFS)
def test_a_named_proof_exists(proof: str) -> None:
    file, _, name = proof.partition("::")
    assert proof in NAMES or f"def {name}(" in (CHECKOUT / file).read_text()


def test_no_fault_is_without_a_kind() -> None:
    assert len(NAMES) == len(FAULTS)
    assert set(PROOFS) >= NAMES
