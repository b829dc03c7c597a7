"""What models cost, as settings say it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.llm.entries import entry_of


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens read and written."""

    prompt: float
    completion: float

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """US dollars."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1_000_000


def unpriced(models: Iterable[str], entries: Sequence[str]) -> list[str]:
    """Which of the models, each as a setting names it or empty, LLM_PRICES does not hold, in order of their names."""
    named = {entry_of(each, "", "").name for each in models if each.strip()}
    return sorted(named - prices(entries).keys())


def prices(entries: Sequence[str]) -> dict[str, Price]:
    """LLM_PRICES, each `MODEL=PROMPT/COMPLETION`. Raises ValueError for anything else."""
    found = {}
    for entry in filter(None, map(str.strip, entries)):
        name, _, written = (part.strip() for part in entry.rpartition("="))
        try:
            prompt, completion = map(float, written.split("/"))
        except ValueError:
            name, prompt, completion = "", 0.0, 0.0
        if not name or not (0 <= prompt < float("inf") and 0 <= completion < float("inf")):
            raise ValueError(f"LLM_PRICES holds {entry!r}: write MODEL=PROMPT/COMPLETION, such as gpt-5-mini=0.25/2")
        found[name] = Price(prompt, completion)
    return found
