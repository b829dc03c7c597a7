"""Documents to searchable chunks: index generations, and the chunks, vectors and terms in them."""

from knowledge.indexing.apply import Indexing, index_documents, unindex_documents
from knowledge.indexing.generations import active_generation
from knowledge.indexing.making import Threads
from knowledge.indexing.recutting import recut_missing
from knowledge.indexing.renewal import Renewal, refused_articles, renew_index, renewal

__all__ = [
    "Indexing",
    "Renewal",
    "Threads",
    "active_generation",
    "index_documents",
    "recut_missing",
    "refused_articles",
    "renew_index",
    "renewal",
    "unindex_documents",
]
