"""In how many of a collection's chunks a question's terms occur."""

from collections.abc import Iterable

from django.db import connection

from knowledge.retrieval.access import Scope

_HELD = """
SELECT term, chunk_count FROM knowledge_termstatistic
WHERE generation_id = %s AND collection_id = %s AND term = ANY(%s)
"""


class Frequencies:
    """The terms' document frequencies in a scope; none is looked up twice, for spelling and for search."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._found: dict[int, int] = {}

    def of(self, terms: Iterable[int]) -> dict[int, int]:
        """By term how many chunks hold it, 0 where none does."""
        wanted = list(terms)
        missing = [term for term in wanted if term not in self._found]
        if missing:
            self._found |= dict.fromkeys(missing, 0) | self._looked_up(missing)
        return {term: self._found[term] for term in wanted}

    def _looked_up(self, terms: list[int]) -> dict[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(_HELD, [self._scope.generation_id, self._scope.collection_id, terms])
            return dict(cursor.fetchall())
