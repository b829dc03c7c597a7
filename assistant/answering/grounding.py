"""The text of a model as it may be shown, with the stretches of the passages that its citations rest on."""

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.answering.release import Checked, Evidence, Verified
from assistant.llm.blocks import Span


@dataclass(frozen=True)
class Grounded:
    """What is left of a text, "" when nothing that answers is.

    Its [n] leads to passage `cited[n - 1]` of the prompt, both counted from 1; `windows` are stretches of the
    passages' texts by the passages' own numbers. `incomplete`: what was dropped belongs to what is left.
    """

    text: str
    cited: tuple[int, ...]
    windows: Mapping[int, Span]
    checks: tuple[Checked, ...]
    incomplete: bool = False


def ground(text: str, evidence: Evidence) -> Grounded:
    """Holds a whole text against the passages it cites. Synchronous; may embed: not for an event loop."""
    release = Verified(evidence)
    release.add(text)
    # Joined, the sentences may make what none of them was.
    shown = evidence.sanitiser.clean(release.close()).strip()
    text = shown if release.cited else ""
    return Grounded(text, release.cited, release.quotes, tuple(release.checks), release.incomplete)
