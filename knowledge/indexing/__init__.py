"""Documents to searchable chunks: index generations, and the chunks, vectors and terms in them."""

from knowledge.indexing.apply import Indexing, index_documents, unindex_documents
from knowledge.indexing.attempts import LEFT_OUT, MAX_ATTEMPTS, is_left_out, left_out_articles
from knowledge.indexing.generations import active_generation
from knowledge.indexing.making import Threads
from knowledge.indexing.recutting import recut_missing
from knowledge.indexing.renewal import Renewal, refused_articles, renew_index, renewal

__all__ = [
    "LEFT_OUT",
    "MAX_ATTEMPTS",
    "Indexing",
    "Renewal",
    "Threads",
    "active_generation",
    "index_documents",
    "is_left_out",
    "left_out_articles",
    "recut_missing",
    "refused_articles",
    "renew_index",
    "renewal",
    "unindex_documents",
]
