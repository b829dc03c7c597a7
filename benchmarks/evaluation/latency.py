"""How fast the product finds, and how much it adds to a model's first words: a section of the evaluation's report."""

import os
from pathlib import Path

from benchmarks import first_token, retrieval_latency


def section(data: Path) -> str:
    """Markdown of both tables. Wants Django set up with its services running; `data` is the folder of evaluation sets.

    Takes about a quarter of an hour, most of it for making the large collection, which is removed at the end.
    """
    os.environ["EVALUATION_DATA"] = str(data)
    return "\n".join(
        [
            "## Latency",
            "",
            f"Hybrid retrieval in {retrieval_latency.CHUNKS:,} chunks recombined from the sentences of the sets, one "
            "question at a time, warm; the search is what it takes beyond the question's embedding, and words are "
            "looked up meanwhile.",
            "",
            retrieval_latency.table(_searches()),
            "",
            "Added to the time until a model's first words, with the local embedding and everything stored, the server "
            "on one core: what the customer waited for, less a direct call of a client that keeps its connection, and "
            "the time in which the model wrote more than its first token of what was shown first. Then from when that "
            "was written until the customer has it. In turns with both: the chat that tutorials write "
            "(benchmarks/tutorial), on the same core, with the same database and search model.",
            "",
            first_token.table(first_token.measure(tutorial=True)),
            "",
        ]
    )


def _searches() -> list[tuple[str, retrieval_latency.Timings]]:
    from knowledge.evaluation.scratch import remove_collection

    try:
        retrieval_latency.prepare()
        return retrieval_latency.measure()
    finally:
        remove_collection(retrieval_latency.SLUG)
