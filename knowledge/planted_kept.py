"""Planted stretches kept with an article, so that a question need not look for them.

A mark says of which text and by which patterns they were found: of any other they are not used.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.db.models import QuerySet, Value
from django.db.models.functions import Concat

from knowledge.embedding import EmbeddingUnavailable
from knowledge.embedding.local import MiniLM
from knowledge.models import Document
from knowledge.planted import Planted, planted

# Of a longer article a question reads what stands around the passage, and looks for what is planted there.
WHOLE_ARTICLE_CHARACTERS = 40_000
# All that decides what is planted, besides the model that embeds.
_DECIDED_BY = (
    "planted.py",
    "planted_patterns.py",
    "planted_words.py",
    "planted_words.json",
    "planted_languages.py",
    "planted_languages.json",
    "lookalikes.py",
    "terms.py",
)


@cache
def version() -> str:
    """Names what finds planted stretches: a hash of the code, the patterns and the embedding recipe."""
    code = b"".join(Path(__file__).with_name(name).read_bytes() for name in _DECIDED_BY)
    return sha256(code + MiniLM.recipe.encode()).hexdigest()[:16]


def find(documents: Iterable[Document]) -> list[Document]:
    """Those whose stretches were not kept yet, now with them, unsaved; without the ones that the model was away for.

    Embeds, and asks no database.
    """
    return [document for document in documents if document.planted_of != _mark(document) and _found(document)]


def keep(documents: Sequence[Document]) -> None:
    """Saves what was found; the mark tells if an article has changed meanwhile."""
    Document.objects.bulk_update(documents, ["planted", "planted_of"])


def kept(document: Document) -> tuple[Planted, ...] | None:
    """The planted stretches of the article's text; None when they have to be looked for."""
    if document.planted is None or document.planted_of != _mark(document):
        return None
    return tuple(Planted(start, end) for start, end in zip(document.planted[::2], document.planted[1::2], strict=True))


def keep_missing(most: int) -> int:
    """Looks through up to so many indexed articles that nothing is kept of; returns how many. One query for none."""
    documents = _missing().order_by("pk")[:most]
    done = 0
    for document in documents.iterator(chunk_size=50):
        found = find([document])
        if not found:
            break  # the model is away
        keep(found)
        done += 1
    return done


def _missing() -> QuerySet[Document]:
    """What waits for its index gets its stretches with it."""
    indexed = Document.objects.exclude(status=Document.Status.REMOVED).filter(answerable_at__isnull=False)
    return indexed.exclude(planted_of=Concat(Value(f"{version()}:"), "content_hash")).only(
        "title", "text", "content_hash", "planted_of"
    )


def _found(document: Document) -> bool:
    """Whether the document now has its stretches, or is marked as one too long for them."""
    stretches = None
    if len(document.text) <= WHOLE_ARTICLE_CHARACTERS:
        try:
            found = planted(document.title, document.text, by_words=False)
        except EmbeddingUnavailable:
            return False
        stretches = [place for stretch in found for place in (stretch.start, stretch.end)]
    document.planted, document.planted_of = stretches, _mark(document)
    return True


def _mark(document: Document) -> str:
    return f"{version()}:{document.content_hash}"
