import pytest
from django.db import connection

# Those of which there are many, written with each message or each chunk.
LARGE = [
    *("assistant_conversation", "assistant_event", "assistant_message", "assistant_citation"),
    *("assistant_turn", "assistant_completion"),
    *("knowledge_chunk", "knowledge_chunkterms", "knowledge_indexeddocument"),
    *("knowledge_collectionstatistic", "knowledge_termstatistic", "knowledge_wordstatistic"),
]
# Plain indexes whose columns another index of the same kind begins with.
BEGUN_BY_OTHERS = """
SELECT shorter.indexrelid::regclass::text
FROM pg_index AS shorter JOIN pg_index AS longer USING (indrelid)
JOIN pg_class AS one ON one.oid = shorter.indexrelid JOIN pg_class AS other ON other.oid = longer.indexrelid
WHERE indrelid = ANY(%s::regclass[]) AND one.oid <> other.oid AND one.relam = other.relam AND NOT shorter.indisunique
  AND shorter.indpred IS NULL AND longer.indpred IS NULL AND shorter.indexprs IS NULL AND longer.indexprs IS NULL
  AND longer.indkey::text LIKE shorter.indkey::text || ' %%'
"""


@pytest.mark.django_db
def test_no_index_of_a_large_table_is_the_beginning_of_another():
    with connection.cursor() as cursor:
        cursor.execute(BEGUN_BY_OTHERS, [LARGE])
        assert cursor.fetchall() == []
