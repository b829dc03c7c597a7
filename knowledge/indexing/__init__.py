"""Documents to searchable chunks: index generations, and the chunks, vectors and terms in them."""

from knowledge.indexing.apply import index_documents, unindex_documents
from knowledge.indexing.generations import active_generation
from knowledge.indexing.renewal import renew_index

__all__ = ["active_generation", "index_documents", "renew_index", "unindex_documents"]
