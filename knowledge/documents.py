"""Articles as rows: store what changed, publish, take back, remove. Each takes effect on the next question."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils import timezone

from knowledge.article_hashes import content_hash, metadata_hash, source_hash
from knowledge.indexing import unindex_documents
from knowledge.languages import locale_of_article
from knowledge.markdown import slug
from knowledge.models import Chunk, Collection, Document, Revision, Source
from knowledge.sources import front_matter
from knowledge.sources.article import Article
from knowledge.sources.decoding import clean
from knowledge.sources.parsing import MAX_ARTICLE_LENGTH, file_title, read_article
from knowledge.unindexed import index_or_leave


class Outcome(StrEnum):
    """What storing an article did to the knowledge base."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Stored:
    """A stored article; `to_index` when its text is not yet what answers are drawn from."""

    outcome: Outcome
    document: Document
    to_index: bool


@transaction.atomic
def upsert(source: Source, article: Article, by_hand: bool = False) -> Stored:
    """Stores an article of a source; what is already so is left untouched.

    An import (not `by_hand`) leaves an article alone that was edited here, while its source did not change.
    Indexing is the caller's: many documents at once embed faster. A document that a killed process left
    without its index is `unchanged` and still to be indexed.
    """
    existing = Document.objects.select_for_update().filter(source=source, article=article.article).first()
    locale = locale_of_article(article.locale, article.text, source.collection.locale)
    content, metadata = content_hash(article), metadata_hash(article, locale)
    if existing is None:
        return _add(source, article, locale, content, metadata)
    same = (existing.content_hash, existing.metadata_hash) == (content, metadata)
    if not by_hand and existing.source_hash:
        same = existing.source_hash == source_hash(article)
    if same and existing.status != Document.Status.REMOVED:
        return Stored(Outcome.UNCHANGED, existing, existing.answerable_at is None)
    existing.source_hash = (existing.source_hash or source_hash(existing)) if by_hand else ""
    status = _status_by_hand(existing, article) if by_hand else _next_status(existing, article)
    return _change(existing, article, status, locale, content, metadata)


def _add(source: Source, article: Article, locale: str, content: str, metadata: str) -> Stored:
    document = Document(
        source=source, collection=source.collection, article=article.article, status=_first_status(article)
    )
    _fill(document, article, locale, content, metadata)
    document.save()
    _keep_revision(document)
    return Stored(Outcome.ADDED, document, True)


def _change(
    document: Document, article: Article, status: Document.Status, locale: str, content: str, metadata: str
) -> Stored:
    returns = document.status == Document.Status.REMOVED
    rewritten = document.content_hash != content
    document.status = status
    # Terms are stemmed by language, so a document in another one is indexed anew.
    moved = document.locale != locale
    _fill(document, article, locale, content, metadata)
    if rewritten:
        document.revision += 1
    if rewritten or returns or moved:
        document.answerable_at, document.refusal = None, ""
        # Of another text nothing is known yet; but where one has ended a process, a worker tries the next.
        document.indexing_attempts = min(document.indexing_attempts, 1)
    document.save()
    if rewritten:
        _keep_revision(document)
    published = document.status == Document.Status.PUBLISHED
    Chunk.objects.filter(document=document).update(locale=locale, published=published)
    outcome = Outcome.ADDED if returns else Outcome.CHANGED
    return Stored(outcome, document, document.answerable_at is None)


def _fill(document: Document, article: Article, locale: str, content: str, metadata: str) -> None:
    document.path = article.path[:1000]
    document.title = article.title
    document.url = article.url
    document.locale = locale
    document.audience = article.audience
    document.position = article.position
    document.markup = article.markup
    document.markup_kind = article.markup_kind
    document.text = article.text
    document.content_hash = content
    document.metadata_hash = metadata
    document.written_at = article.written_at


def _first_status(article: Article) -> Document.Status:
    return Document.Status.UNPUBLISHED if article.draft else Document.Status.PUBLISHED


def _next_status(document: Document, article: Article) -> Document.Status:
    """A draft is not published; one that stops being a draft is. Otherwise what a person chose holds."""
    was_draft = front_matter.split(document.markup)[0].draft
    if article.draft or was_draft or document.status == Document.Status.REMOVED:
        return _first_status(article)
    return Document.Status(document.status)


def _status_by_hand(document: Document, article: Article) -> Document.Status:
    """Editing publishes nothing by itself: a draft of the source stays one until a person publishes it."""
    keeps = document.status != Document.Status.REMOVED and not article.draft
    return Document.Status(document.status) if keeps else _first_status(article)


def _keep_revision(document: Document) -> None:
    Revision.objects.create(
        document=document,
        number=document.revision,
        title=document.title,
        text=document.text,
        content_hash=document.content_hash,
    )


# What people do to an article


def publish(document: Document) -> None:
    """Answers may come from the article, from the next question on."""
    _set_status(document, Document.Status.PUBLISHED)
    if document.answerable_at is None:
        index_or_leave([document])


def unpublish(document: Document) -> None:
    """No answer comes from the article, from the next question on; it can be published again."""
    _set_status(document, Document.Status.UNPUBLISHED)


@transaction.atomic
def remove(document: Document) -> None:
    """The article is gone from its source; its revisions stay, nothing else is answered from it."""
    unindex_documents([document])
    Document.objects.filter(pk=document.pk).update(
        status=Document.Status.REMOVED, answerable_at=None, updated_at=timezone.now()
    )
    document.refresh_from_db()


@transaction.atomic
def delete(document: Document) -> None:
    """The article and its revisions are gone for good; conversations keep what they quoted."""
    unindex_documents([document])
    document.delete()


@transaction.atomic
def _set_status(document: Document, status: Document.Status) -> None:
    Document.objects.filter(pk=document.pk).update(status=status, updated_at=timezone.now())
    Chunk.objects.filter(document=document).update(published=status == Document.Status.PUBLISHED)
    document.refresh_from_db()


def save_article(
    collection: Collection,
    markup: str,
    *,
    kind: str = "md",
    origin: str = Source.Kind.EDITOR,
    document: Document | None = None,
    article: str = "",
    title: str = "",
    url: str = "",
    locale: str = "",
    audience: str | None = None,
    position: int | None = None,
    written_at: datetime | None = None,
    index: Callable[[Sequence[Document]], object] = index_or_leave,
) -> Document:
    """Writes an article by hand or by API, and indexes it at once; `document` is the one to change.

    `index` is for callers within a transaction, which must not wait for the embedding model.
    Given fields win over the front matter. Where both are silent about audience, position and date, those of
    `document` stay. Raises Unreadable when no text is left of the markup.
    """
    source = document.source if document else _own_source(collection, origin)
    path = document.path if document else f"{article or slug(title) or 'article'}.{kind}"
    read = read_article(path, clean(markup), kind, title)
    read = replace(
        read,
        url=url or read.url,
        locale=locale or read.locale,
        **_about(read, document, audience, position, written_at),
    )
    name = document.article if document else article or _free_name(source, read)
    stored = upsert(source, replace(read, article=name[:MAX_ARTICLE_LENGTH]), by_hand=True)
    if stored.to_index:
        index([stored.document])
    stored.document.refresh_from_db()
    return stored.document


def _about(
    read: Article, document: Document | None, audience: str | None, position: int | None, written_at: datetime | None
) -> dict[str, Any]:
    """Audience, position and date: as given, else as the text says, else as they were."""
    said = front_matter.split(read.markup)[0].position
    was = document or Document()
    return {
        "audience": audience or read.audience or (was.audience if audience is None else ""),
        "position": next((one for one in (position, said) if one is not None), was.position),
        "written_at": written_at or read.written_at or was.written_at,
    }


def _own_source(collection: Collection, origin: str) -> Source:
    source, _ = Source.objects.get_or_create(collection=collection, location=f"{origin}:", defaults={"kind": origin})
    return source


def _free_name(source: Source, article: Article) -> str:
    """The id in the front matter, else one made of the title that no article of the source has."""
    if front_matter.split(article.markup)[0].id:
        return article.article
    base = slug(article.title) or slug(file_title(article.path))
    taken = set(Document.objects.filter(source=source, article__startswith=base).values_list("article", flat=True))
    return next(
        name for number in range(len(taken) + 1) if (name := f"{base}-{number}" if number else base) not in taken
    )
