"""Articles for tests: rows as an import would store them."""

from hashlib import sha256

from knowledge.ingestion import IngestReport
from knowledge.models import Collection, Document, Source

RETURNS = "# Returns\n\nSend a parcel back within 30 days.\n\n## Refunds\n\nThe money comes after five days."


def collection(slug: str = "shop", locale: str = "en") -> Collection:
    found, _ = Collection.objects.get_or_create(slug=slug, defaults={"name": slug.title(), "locale": locale})
    return found


def article(
    name: str, text: str, *, title: str = "", slug: str = "shop", location: str = "/articles", **fields: object
) -> Document:
    """A stored, published article that nothing is answered from yet."""
    kept_in = collection(slug)
    source, _ = Source.objects.get_or_create(collection=kept_in, location=location, defaults={"kind": "folder"})
    title = title or name.replace("-", " ").capitalize()
    values: dict[str, object] = {
        "path": f"{name}.md",
        "title": title,
        "locale": kept_in.locale,
        "markup": text,
        "text": text,
        "content_hash": content_hash(title, text),
        "metadata_hash": "",
    }
    return Document.objects.create(collection=kept_in, source=source, article=name, **(values | fields))


def rewrite(document: Document, text: str) -> Document:
    """The article with another text and the next revision."""
    document.text = text
    document.content_hash = content_hash(document.title, text)
    document.revision += 1
    document.save()
    return document


def content_hash(title: str, text: str) -> str:
    return sha256(f"{title}\0{text}".encode()).hexdigest()


def counts(report: IngestReport) -> dict[str, int]:
    """What an import did, without what it did not."""
    return {name: number for name, number in vars(report.documents).items() if number}


def articles(status: str = "published") -> set[str]:
    """The ids of all articles of this status."""
    return set(Document.objects.filter(status=status).values_list("article", flat=True))
