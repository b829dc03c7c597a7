"""Documents to searchable chunks: index generations, and the chunks, vectors and terms in them."""

from knowledge.indexing.apply import index_documents, unindex_documents
from knowledge.indexing.generations import active_generation
from knowledge.indexing.recutting import recut_missing
from knowledge.indexing.renewal import Renewal, refused_articles, renew_index, renewal

__all__ = [
    "Renewal",
    "active_generation",
    "index_documents",
    "recut_missing",
    "refused_articles",
    "renew_index",
    "renewal",
    "unindex_documents",
]
