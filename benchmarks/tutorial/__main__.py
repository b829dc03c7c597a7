"""Make the tables, with the product's chunks as passages."""

import django
from django.db import connection

django.setup()

from benchmarks.tutorial.models import Message, Passage

with connection.schema_editor() as editor:
    editor.create_model(Message)
    editor.create_model(Passage)
with connection.cursor() as cursor:
    cursor.execute("INSERT INTO tutorial_passage (text, embedding) SELECT text, embedding FROM knowledge_chunk")
    cursor.execute("ANALYZE tutorial_passage")
