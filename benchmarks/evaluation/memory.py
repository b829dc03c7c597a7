"""What the whole product weighs: a section of the evaluation's report."""

from pathlib import Path

from benchmarks import memory


def section(data: Path) -> str:
    """Markdown. Starts a product of its own."""
    told = (
        "Megabytes of PSS (memory that processes share is divided among them) of the product with its demo, in quoted "
        "passages, with the local embedding. Goal, idle: 600."
    )
    return f"## Memory\n\n{told}\n\n{memory.table(memory.measure())}"
