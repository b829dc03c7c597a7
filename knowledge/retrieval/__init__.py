"""The one door to the knowledge base: a question in, passages that may be shown out."""

from knowledge.retrieval.access import UnknownCollection, find_collection
from knowledge.retrieval.query import Candidate, Passage, Place, Query, Retrieval, Understood
from knowledge.retrieval.search import begin, retrieve

__all__ = [
    "Candidate",
    "Passage",
    "Place",
    "Query",
    "Retrieval",
    "Understood",
    "UnknownCollection",
    "begin",
    "find_collection",
    "retrieve",
]
