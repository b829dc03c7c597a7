"""Articles in and out: listed, read, written, deleted. Writing indexes at once, so the next question may use it."""

from typing import Any

from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest
from ninja import Query, Router, Status

from assistant.api.auth import collection_for, key_of
from assistant.api.errors import Refused, not_found
from assistant.api.paging import after_pk, encode, page
from assistant.api.schemas import ArticleFields, ArticleId, ArticleIn, ArticleQuery, CollectionQuery
from knowledge import documents
from knowledge.models import Collection, Document, Source
from knowledge.sources.article import Unreadable

router = Router(tags=["articles"])


@router.get("", summary="List articles, oldest first")
def list_articles(request: HttpRequest, query: Query[ArticleQuery]) -> dict[str, Any]:
    rows = Document.objects.filter(after_pk(query.after), collection=collection_for(key_of(request), query.collection))
    if query.locale:
        rows = rows.filter(locale=query.locale)
    rows = rows.filter(status=query.status) if query.status else rows.exclude(status=Document.Status.REMOVED)
    found, last = page(rows.select_related("collection", "source").order_by("pk"), query.limit)
    items = [summary(document) for document in found]
    return {"items": items, "next": encode(str(last.pk)) if last else None}


@router.post("", summary="Write a new article", response={201: dict})
def create_article(request: HttpRequest, payload: ArticleIn) -> Status[dict[str, Any]]:
    collection = collection_for(key_of(request), payload.collection)
    if current(collection, payload.id):
        raise Refused(409, "exists", f"There is an article {payload.id} already: PUT replaces it.")
    return Status(201, article_json(write(collection, payload.id, None, payload)))


@router.get("/{path:article_id}", summary="Read an article")
def read_article(request: HttpRequest, article_id: ArticleId, query: Query[CollectionQuery]) -> dict[str, Any]:
    return article_json(existing(collection_for(key_of(request), query.collection), article_id))


@router.put(
    "/{path:article_id}", summary="Write an article, new or in place of another", response={200: dict, 201: dict}
)
def put_article(
    request: HttpRequest, article_id: ArticleId, payload: ArticleFields, query: Query[CollectionQuery]
) -> Status[dict[str, Any]]:
    collection = collection_for(key_of(request), query.collection)
    present = current(collection, article_id)
    return Status(200 if present else 201, article_json(write(collection, article_id, present, payload)))


@router.delete("/{path:article_id}", summary="Delete an article with its revisions", response={204: None})
def delete_article(request: HttpRequest, article_id: ArticleId, query: Query[CollectionQuery]) -> Status[None]:
    documents.delete(existing(collection_for(key_of(request), query.collection), article_id))
    return Status(204, None)


def current(collection: Collection, article_id: str) -> Document | None:
    """The article of that id: the published one where two sources hold it, then the one changed last."""
    first = Case(When(status=Document.Status.PUBLISHED, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = Document.objects.filter(collection=collection, article=article_id).exclude(status=Document.Status.REMOVED)
    return rows.select_related("collection", "source").order_by(first, "-updated_at").first()


def existing(collection: Collection, article_id: str) -> Document:
    """The article of that id. Raises 404 when there is none."""
    document = current(collection, article_id)
    if document is None:
        raise not_found("article")
    return document


def write(collection: Collection, article_id: str, present: Document | None, fields: ArticleFields) -> Document:
    """Store and index the article, and set its status. Raises 422 when nothing readable is left of its text."""
    try:
        document = documents.save_article(
            collection,
            fields.text,
            origin=Source.Kind.API,
            document=present,
            article=article_id,
            title=fields.title,
            url=fields.url,
            locale=fields.locale or "",
            audience=fields.audience,
            position=fields.position,
            written_at=fields.written_at,
        )
    except Unreadable as error:
        raise Refused(422, "invalid", f"text: {error}") from error
    if document.status != fields.status:
        set_status = documents.publish if fields.status == "published" else documents.unpublish
        set_status(document)
    return document


def summary(document: Document) -> dict[str, Any]:
    """An article without its text. `answerable_at` is null while no answer comes from this revision."""
    published = document.status == Document.Status.PUBLISHED
    return {
        "id": document.article,
        "title": document.title,
        "collection": document.collection.slug,
        "url": document.url,
        "locale": document.locale,
        "audience": document.audience,
        "position": document.position,
        "status": document.status,
        "revision": document.revision,
        "answerable_at": document.answerable_at if published else None,
        "written_at": document.written_at,
        "created_at": document.created_at,
        "updated_at": document.updated_at,
    }


def article_json(document: Document) -> dict[str, Any]:
    """An article with its text, as Markdown."""
    return {**summary(document), "text": document.text}
