"""Hashes by which an article is known to be the one that is stored already."""

import hashlib
import json

from knowledge.models import Document
from knowledge.sources.article import Article


def content_hash(article: Article) -> str:
    """Of what is embedded and shown: equal for the same article from two sources."""
    return _hash(article.title, article.text)


def metadata_hash(article: Article, locale: str) -> str:
    """Of all else that is stored; a change of it alone needs no new embeddings."""
    written_at = article.written_at.isoformat() if article.written_at else ""
    return _hash(
        article.path,
        article.markup,
        article.markup_kind,
        locale,
        article.url,
        article.audience,
        str(article.position),
        written_at,
        str(article.draft),
    )


def source_hash(article: Article | Document) -> str:
    """Of an article as its source wrote it, however we read it; the same of the row that it was stored as."""
    written_at = str(article.written_at.timestamp()) if article.written_at else ""
    return _hash(article.title, article.markup, article.url, article.audience, str(article.position), written_at)


def _hash(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
