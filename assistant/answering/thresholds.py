"""From which confidence on an answer is given: it follows from what a wrong answer costs. Pure.

Let an unneeded handoff (an answerable question that is not answered) cost 1 and a wrong answer N. With a calibrated
confidence c that the articles hold the answer, answering costs N * (1 - c) on average and not answering costs 1 * c.
Answering costs no more from c = N / (N + 1) on.
"""

from dataclasses import replace

from assistant.answering.confidence import DEFAULT_MODEL, Reading, calibration

LEAST_COST, MOST_COST = 0.1, 99.0


def threshold(wrong_answer_cost: float) -> float:
    """The confidence, 0..1, from which an answer costs no more than a handoff."""
    return wrong_answer_cost / (wrong_answer_cost + 1)


def recommended_cost(embedding_model: str = DEFAULT_MODEL) -> float:
    """The cost that the threshold of the model's calibration stands for; the one place is calibration.json."""
    chosen = float(calibration(embedding_model)["threshold"])
    return chosen / (1 - chosen)


def applied(reading: Reading, wrong_answer_cost: float | None) -> Reading:
    """The reading held against what a widget says that a wrong answer costs; None: as recommended."""
    if wrong_answer_cost is None:
        return reading
    return replace(reading, threshold=round(threshold(wrong_answer_cost), 4))


def cost_of(reading: Reading) -> float:
    """The cost that a reading's threshold follows from, in unneeded handoffs."""
    return round(reading.threshold / (1 - reading.threshold), 2)
