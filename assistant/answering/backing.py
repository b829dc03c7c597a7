"""Whether passages say what a sentence says, read in one language, and where.

A sentence is held against its best window of the cited passages: it must share enough of its terms, weighed by rarity,
or mean nearly the same; and no number, name or negation of it may be missing there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from heapq import nlargest
from typing import Literal, NamedTuple

import numpy as np

from assistant.answering.additions import adds, is_scattered
from assistant.answering.claims import PER, Claims, read
from assistant.answering.faults import NEARLY_VERBATIM, Fault, exchanged, fault, following
from assistant.answering.opposites import says_the_opposite
from assistant.answering.provisos import Proviso, left_out, qualifies
from assistant.answering.windows import LONGEST_RUN, Cited, Window, rarity
from assistant.answering.wording import ENGLISH
from assistant.llm.blocks import Span
from assistant.terms import WORD, terms
from knowledge.embedding import EmbeddingUnavailable, embedder_named
from knowledge.retrieval import Passage

# Chosen on the tuning part of techqa by benchmarks/grounding.py.
ENOUGH_SHARED = 0.65
LEAST_SHARED = 0.25
ENOUGH_ALIKE = 0.72
# A window of more sentences must share this much more of the sentence than the best single one.
LONGER_SHARES = 0.08
NEARLY_BEST = 0.1
# Weight of a term that the sentence took from the question, where the passage does not hold it; but a sentence that
# has fewer terms of the window than these may not be the customer's words at all.
ECHOED = 0.5
ECHO_SHARES = 3
# Weight of a term that only the title or the headings hold.
FRAMED = 0.5
# How much the order of the words counts beside the words, when windows are compared.
ORDER = 0.3
# Windows that are judged, of those that are compared word by word.
CANDIDATES = 4
COMPARED = 12
# Windows that are embedded for one sentence: those that share most of its terms.
EMBEDDED = 40
# With less time left for the answer nothing is embedded.
EMBEDDING_SECONDS = 1.0
# What a model adds to anything.
FILLERS = frozenset(terms("according note important simply help centre center article passage"))

Why = Literal["verbatim", "words", "meaning", "no support", "model"] | Fault
# A model's word on a sentence; "" where none was asked.
Opinion = Literal["", "supported", "not supported", "no reply"]


@dataclass(frozen=True)
class Judgement:
    """Whether a sentence may be shown, and why; `windows` are what supports it, by the passage's number.

    `nearest` are what is nearest to one that may not, if anything is; and `qualified` whether that or the sentence
    denies, restricts or makes conditions. `left_out` is what the passage's sentence holds under and this one does not
    say: it may be shown only beside sentences that tell it.
    """

    shown: bool
    why: Why
    score: float
    windows: dict[int, Span] = field(default_factory=dict)
    opinion: Opinion = ""
    nearest: dict[int, Span] = field(default_factory=dict)
    qualified: bool = False
    left_out: tuple[Proviso, ...] = ()

    def unconditional(self) -> "Judgement":
        """Of a sentence beside which nothing tells what it leaves out."""
        return replace(self, shown=False, why="condition", windows={}, nearest=self.windows, qualified=True)

    @property
    def open(self) -> bool:
        """Whether it is shown for its words or meaning, and no model was asked about it."""
        return self.shown and self.why != "verbatim" and not self.opinion


class Near(NamedTuple):
    """A single sentence of a passage: the share of another's terms that it has, and of its words in order, 0..1."""

    share: float
    followed: float
    window: Window


class Backing:
    """The passages of one prompt, read in a language. Synchronous; may embed: not for an event loop."""

    def __init__(
        self, question: str, passages: Sequence[Passage], language: str, seconds_left: Callable[[], float]
    ) -> None:
        self._language = language
        self._seconds_left = seconds_left
        self.cited = [Cited(number, passage, language) for number, passage in enumerate(passages, start=1)]
        self._asked = read(question, language=language)
        self._rarity = rarity(self.cited)
        self._rarest = max(self._rarity.values(), default=1.0)
        self._vectors: dict[str, np.ndarray] = {}
        self._names = self._known_names()

    def judge(self, sentence: str, numbers: Sequence[int], by_meaning: bool = True) -> Judgement:
        """Whether the passages with these numbers, counted from 1, support the sentence."""
        cited = [self.cited[number - 1] for number in numbers]
        if not cited:
            return Judgement(False, "no support", 0.0)
        claims = self._stated(sentence)
        scored = [(self._share(claims, [window], [passage]), window) for passage in cited for window in passage.windows]
        ranked = self._ranked(claims, scored, cited)
        if not ranked:
            return Judgement(False, "no support", 0.0)
        shared = ranked[0][0]
        near = _near(claims, scored) if shared >= LEAST_SHARED else []
        if shared >= ENOUGH_SHARED:
            judgement = self._first_faultless(claims, ranked, cited, near, "words")
        else:
            likely = by_meaning and self._language == ENGLISH and shared >= LEAST_SHARED
            alike = self._alike(sentence, claims, scored, cited, near) if likely else None
            judgement = alike or self._refused("no support", claims, ranked[0])
        return replace(judgement, left_out=self._left_out(claims, near)) if judgement.shown else judgement

    def _left_out(self, claims: Claims, near: Sequence[Near]) -> tuple[Proviso, ...]:
        """What the sentence that it is from holds under; nothing, where one that is as near holds anyhow."""
        ordered = [(each.share + ORDER * each.followed, each.window) for each in near]
        least = max((share for share, _ in ordered), default=0.0) - NEARLY_BEST / 2
        missing = [left_out(claims, window.claims, self._asked) for share, window in ordered if share >= least]
        return () if () in missing or not missing else missing[0]

    def _stated(self, sentence: str) -> Claims:
        """The claims; a bare "yes" or "no" states what was asked."""
        claims = read(sentence, language=self._language)
        if claims.terms or claims.numbers or not claims.words & {"yes", "no"}:
            return claims
        denies = "no" in claims.words
        return Claims(
            self._asked.terms,
            self._asked.numbers,
            [0] if denies else [],
            words=self._asked.words,
            language=self._language,
        )

    def _ranked(
        self, claims: Claims, scored: Sequence[tuple[float, Window]], cited: Sequence[Cited]
    ) -> list[tuple[float, list[Window]]]:
        """The windows that share most of the sentence, best first, with the share 0..1."""
        single = max((share for share, window in scored if window.parts == 1), default=0.0)
        useful = [(share, [each]) for share, each in scored if each.parts == 1 or share >= single + LONGER_SHARES]
        useful.sort(key=lambda each: (-round(each[0], 6), each[1][0].parts))
        useful = self._by_order(claims, useful[:COMPARED])
        if len(cited) > 1:
            joined = [self._best(claims, passage) for passage in cited]
            share = self._share(claims, joined, cited)
            if not useful or share >= useful[0][0] + LONGER_SHARES:
                useful.insert(0, (share, joined))
        if useful and following(claims, useful[0][1][0].claims) >= NEARLY_VERBATIM:
            return useful[:1]  # that is where the sentence is from
        best = useful[0][0] if useful else 0.0
        return [each for each in useful[:CANDIDATES] if each[0] >= best - NEARLY_BEST]

    def _best(self, claims: Claims, passage: Cited, longest: int = LONGEST_RUN) -> Window:
        windows = (window for window in passage.windows if window.parts <= longest)
        return max(windows, key=lambda window: (self._share(claims, [window], [passage]), -window.parts))

    def _by_order(self, claims: Claims, scored: list[tuple[float, list[Window]]]) -> list[tuple[float, list[Window]]]:
        ordered = [(share + ORDER * following(claims, each[0].claims), share, each) for share, each in scored]
        return [(share, each) for _, share, each in sorted(ordered, key=lambda each: -each[0])]

    def _share(self, claims: Claims, windows: Sequence[Window], cited: Sequence[Cited]) -> float:
        own = frozenset().union(*(w.claims.held | w.claims.implied for w in windows))
        framed = frozenset().union(*(p.frame.held for p in cited)) - own
        wanted = claims.held - (FILLERS - own)
        if not wanted:
            return 1.0 if claims.numbers or claims.codes else 0.0
        if not wanted & own:
            return 0.0  # a title alone supports nothing
        excused = len(wanted & own) >= ECHO_SHARES
        weight = {term: self._weight(term, not excused or term in own or term in framed) for term in wanted}
        shared = sum(weight[term] for term in wanted & own) + FRAMED * sum(weight[term] for term in wanted & framed)
        return shared / sum(weight.values())

    def _weight(self, term: str, held: bool) -> float:
        weight = self._rarity.get(term, self._rarest)
        return weight * ECHOED if not held and term in self._asked.held else weight

    def _first_faultless(
        self,
        claims: Claims,
        ranked: Sequence[tuple[float, list[Window]]],
        cited: Sequence[Cited],
        near: Sequence[Near],
        why: Why,
    ) -> Judgement:
        """By the first window without a fault; dropped for the fault of the best window when none is."""
        faults = []
        altered = self._altered(claims, near)
        for share, windows in ranked:
            found = altered or self._fault(claims, windows, cited)
            if found is None:
                return Judgement(True, why, round(share, 3), {window.number: window.span for window in windows})
            faults.append((share, found))
            if why == "words" and share < ENOUGH_SHARED:
                break
        return self._refused(faults[0][1], claims, ranked[0])

    def _refused(self, why: Why, claims: Claims, nearest: tuple[float, list[Window]]) -> Judgement:
        """A sentence that may add what nothing denies: then only what the passage qualifies is left out with it."""
        share, windows = nearest
        near = windows if share >= LEAST_SHARED else []
        qualified = any(qualifies(window.claims) for window in near) or (why != "negation" and qualifies(claims))
        spans = {window.number: window.span for window in near}
        return Judgement(False, why, round(share, 3), nearest=spans, qualified=qualified)

    def _fault(self, claims: Claims, windows: Sequence[Window], cited: Sequence[Cited]) -> Fault | None:
        frames = [p.frame for p in cited if p.number in {window.number for window in windows}]
        elsewhere = frozenset().union(*(passage.held for passage in cited))
        excused = self._asked.held - elsewhere
        if any(window.parts > 1 for window in windows):
            # Further sentences must not lend the word that the nearest one denies.
            nearest = [self._best(claims, p, longest=1).claims for p in cited if p.frame in frames]
            if says_the_opposite(claims, nearest, frames):
                return "negation"
        read_windows = [window.claims for window in windows]
        scattered = len(windows) > 1 and is_scattered(claims, read_windows)
        if scattered or adds(claims, [*read_windows, *frames], FILLERS):
            return "addition"
        return fault(claims, read_windows, frames, excused, self._names, self._asked.held, elsewhere)

    def _altered(self, claims: Claims, near: Sequence[Near]) -> Fault | None:
        """What was exchanged in the sentence that this one is nearly a copy of, whatever others lend of their words.

        Nothing, where one of several that are equally near says the same and lacks no word of content.
        """
        most = max((each.followed for each in near), default=0.0)
        copied = [each.window for each in near if each.followed == most]
        content = claims.held - FILLERS - PER
        found = [(exchanged(claims, window.claims), content <= window.claims.held) for window in copied]
        if any(whole and not altered for altered, whole in found):
            return None
        return next((altered for altered, _ in found if altered), None)

    def _alike(
        self,
        sentence: str,
        claims: Claims,
        scored: Sequence[tuple[float, Window]],
        cited: Sequence[Cited],
        near: Sequence[Near],
    ) -> Judgement | None:
        """Support by meaning, for a sentence that shares few words; None when nothing is alike, or time is short."""
        if self._seconds_left() < EMBEDDING_SECONDS:
            return None
        windows = [window for _, window in sorted(scored, key=lambda each: -each[0])[:EMBEDDED]]
        try:
            vector = embedder_named("local").embed_query(sentence)
            likeness = self._embedded(windows) @ vector
        except EmbeddingUnavailable:
            return None
        order = np.argsort(-likeness)[:CANDIDATES]
        best = float(likeness[order[0]])
        ranked = [(float(likeness[i]), [windows[i]]) for i in order if likeness[i] >= best - NEARLY_BEST / 2]
        if best < ENOUGH_ALIKE:
            return None
        return self._first_faultless(
            claims, [each for each in ranked if each[0] >= ENOUGH_ALIKE], cited, near, "meaning"
        )

    def _embedded(self, windows: Sequence[Window]) -> np.ndarray:
        """Vectors of the windows, one a row; those of a text are made once."""
        missing = list(dict.fromkeys(window.text for window in windows if window.text not in self._vectors))
        if missing:
            self._vectors |= zip(missing, embedder_named("local").embed_passages(missing), strict=True)
        return np.stack([self._vectors[window.text] for window in windows])

    def _known_names(self) -> frozenset[str]:
        """Stems that the passages write with a capital within sentences or in tables, and never without."""
        named = {
            word: stem for cited in self.cited for window in cited.singles for stem, word in window.claims.names.items()
        }
        written = {word for cited in self.cited for word in WORD.findall(cited.passage.text)}
        return frozenset(stem for word, stem in named.items() if word.lower() not in written)


def _near(claims: Claims, scored: Sequence[tuple[float, Window]]) -> list[Near]:
    """The single sentences that share most of it."""
    singles = (each for each in scored if each[1].parts == 1)
    found = nlargest(CANDIDATES, singles, key=lambda each: each[0])
    return [Near(share, following(claims, window.claims), window) for share, window in found]
