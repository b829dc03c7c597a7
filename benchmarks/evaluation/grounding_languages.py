"""What the check of a model's sentences shows in other languages than English, each over its own texts.

Passages are gnome_help's pages in the languages that it has pages in, else titles of its pages, or questions of xquad,
twelve to a passage. What is changed is written here, and not taken from the product's tables.
"""

import re
import tarfile
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, NamedTuple
from xml.etree import ElementTree

import numpy as np

from benchmarks.evaluation import sets
from benchmarks.evaluation.tables import cell, table

PAGES = ("de", "es", "fr", "pt_BR")
TITLES = ("it", "ja", "pl", "sv", "zh_CN")
QUESTIONS = ("ru", "zh", "th", "tr")
ARCHIVE = "gnome_help/gnome-help-mallard.tar.gz"
TOGETHER = 12
# Sentences of a language, so that each takes seconds.
MOST = 250
SEED = 20_240_502
KINDS = ("number", "negation", "unit")
_MALLARD = "{http://projectmallard.org/1.0/}"
_DIGIT = re.compile(r"\d")
# By language what is replaced by what: a negation added, one taken away, and a time or month for another.
_NEGATIONS = {
    "de": [(r"\b(kann|können|wird|werden|ist|sind)\b", r"\1 nicht"), (r" nicht\b", "")],
    "es": [(r"\b(puede|puedes|es|son|se)\b", r"no \1"), (r"\b[Nn]o ", "")],
    "fr": [(r"\b(peut|peuvent|pouvez|sont)\b", r"ne \1 pas"), (r"\bn(?:e |['’])(\w+) pas\b", r"\1")],
    "it": [(r"\b(può|possono|è|sono|viene)\b", r"non \1"), (r"\b[Nn]on ", "")],
    "pt": [(r"\b(pode|podem|é|são|está)\b", r"não \1"), (r"\b[Nn]ão ", "")],
    "pl": [(r"\b(może|można|jest|są|działa)\b", r"nie \1"), (r"\b[Nn]ie ", "")],
    "sv": [(r"\b(kan|är|ska|har|visas)\b", r"\1 inte"), (r" inte\b", "")],
    "ru": [(r"\b(может|могут|был|была|было|были|является)\b", r"не \1"), (r"\bне ", "")],
    "zh": [(r"(可以|能|是|会)", r"不\1"), (r"不|无法|没有", "")],
    "ja": [(r"する", "しない"), (r"ない", "")],
    "th": [(r"ไม่", "")],
    "tr": [(r"\bdeğil\b", "")],
}
_UNITS = {
    "de": "Sekunden/Minuten Stunden/Tage Minuten/Stunden Wochen/Monate",
    "es": "segundos/minutos horas/días minutos/horas semanas/meses",
    "fr": "secondes/minutes heures/jours minutes/heures semaines/mois",
    "pt": "segundos/minutos horas/dias minutos/horas semanas/meses",
    "zh": "年/月 天/周",
    "ru": "год/месяц году/месяце лет/дней",
}


class Text(NamedTuple):
    """Sentences of one passage."""

    language: str
    sentences: tuple[str, ...]


def rows(part: str = "holdout") -> list[tuple[str, ...]]:
    """A row a language: what is shown of its own sentences, and of those that were changed in each way."""
    held = [form for form in (*PAGES, *TITLES, *QUESTIONS) if (sets.folder() / _file(form)).exists()]
    return [_row(form, list(_texts(form, part))) for form in held]


def _file(form: str) -> str:
    """Where the texts of a language stand; a folder need not have them."""
    if form in PAGES:
        return ARCHIVE
    return f"gnome_help/queries_{form}.jsonl" if form in TITLES else f"xquad_noise/queries_{form}.jsonl"


def section(part: str = "holdout") -> str:
    """Markdown."""
    told = (
        "In other languages: sentences of gnome_help's pages (de, es, fr, pt_BR) or titles (it, ja, pl, sv, zh_CN) and "
        "of xquad's questions (ru, zh, th, tr), as they stand and with a digit, a negation or a unit of time changed; "
        "share that is shown. For th and tr the product has no words: a sentence is shown where it stands in the "
        "passage, but for a number that begins its line as a list's does."
    )
    heads = ("language", "own", "with their halves exchanged", *(f"another {kind}" for kind in KINDS))
    return f"{told}\n\n{table(heads, rows(part))}"


def _row(form: str, texts: Sequence[Text]) -> tuple[str, ...]:
    random = Random(SEED)
    shown: dict[str, list[bool]] = {kind: [] for kind in ("own", "halves", *KINDS)}
    for text in texts:
        if len(shown["own"]) >= MOST:
            break
        evidence = _evidence(text)
        for sentence in text.sentences:
            shown["own"].append(_is_shown(sentence, evidence))
            for kind in ("halves", *KINDS):
                changed = _changed(sentence, kind, text.language, random)
                if changed and _flat(changed) not in map(_flat, text.sentences):
                    shown[kind].append(_is_shown(changed, evidence))
    return form, *(_cell(held) for held in shown.values())


def _cell(held: Sequence[bool]) -> str:
    from knowledge.evaluation.resampling import estimate, mean_of

    if not held:
        return ""
    column = {"held": np.array(held, dtype=float)}
    return f"{cell(estimate(mean_of('held'), column, [str(i) for i in range(len(held))]))} of {len(held)}"


def _changed(sentence: str, kind: str, language: str, random: Random) -> str | None:
    if kind == "halves":
        first, comma, second = sentence.rstrip(".。?？").partition("，" if "，" in sentence else ", ")
        return f"{second[:1].upper()}{second[1:]}{comma}{first[:1].lower()}{first[1:]}." if comma else None
    if kind == "number":
        digits = list(_DIGIT.finditer(sentence))
        if not digits:
            return None
        at = random.choice(digits).start()
        return f"{sentence[:at]}{(int(sentence[at]) + random.randint(1, 8)) % 10}{sentence[at + 1 :]}"
    if kind == "negation":
        changes = [each for each in _NEGATIONS[language] if re.search(each[0], sentence)]
    else:
        pairs = [pair.split("/") for pair in _UNITS.get(language, "").split()]
        # A whole word, or a Russian year would become a form that "month" has not.
        end = "" if language == "zh" else r"(?!\w)"
        changes = [(rf"(?<=\d){one}{end}|(?<=\d ){one}{end}", other) for one, other in pairs]
        changes = [each for each in changes if re.search(each[0], sentence)]
    pattern, other = random.choice(changes) if changes else ("", "")
    return re.sub(pattern, other, sentence, count=1) if pattern else None


def _flat(sentence: str) -> str:
    return " ".join(sentence.lower().split())


def _evidence(text: Text) -> Any:
    from assistant.answering.release import Evidence
    from knowledge.retrieval import Passage

    joined = "\n\n".join(text.sentences)
    place: dict[str, Any] = {"start": 0, "end": len(joined), "locale": text.language, "heading_path": ()}
    scores: dict[str, Any] = {"score": 1.0, "dense": 1.0, "lexical": 1.0}
    named: dict[str, Any] = {"chunk_id": 1, "document_id": 1, "revision": 1, "article": "a"}
    named |= {"title": "", "url": "", "anchor": ""}
    return Evidence("?", [Passage(text=joined, **named, **place, **scores)])


def _is_shown(sentence: str, evidence: Any) -> bool:
    from assistant.answering.grounding import ground

    return bool(ground(f"{sentence} [1]", evidence).text)


def _texts(form: str, part: str) -> Iterator[Text]:
    """The part's texts in one language."""
    language = form.partition("_")[0]
    if form in PAGES:
        yield from (Text(language, found) for key, found in _pages(form) if sets.part_of(key) == part)
        return
    asked = sets.gnome(form) if form in TITLES else sets.xquad(form)
    said = [question.text for question in asked if question.part == part]
    for at in range(0, len(said), TOGETHER):
        yield Text(language, tuple(said[at : at + TOGETHER]))


def _pages(form: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    from assistant.llm.blocks import Span, sentences

    with tarfile.open(sets.folder() / ARCHIVE) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content and f"/{form}/" in member.name and member.name.endswith(".page"):
                page = ElementTree.parse(content).getroot()
                prose = [" ".join("".join(each.itertext()).split()) for each in page.iter(f"{_MALLARD}p")]
                found = [span.of(text) for text in prose for span in sentences(text, Span(0, len(text)))]
                kept = tuple(each.strip() for each in found if 5 <= len(each.split()) <= 40)
                if kept:
                    yield page.get("id", ""), kept
