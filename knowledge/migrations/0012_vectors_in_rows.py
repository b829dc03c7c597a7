from django.db import migrations

# Every vector of a small collection is compared with a question's, and those of candidates and their titles in any.
# Beside the row, as pgvector has it, each is found by an index of its own; within it, it is at hand. What moves aside
# instead is the text, which is read for the best alone. A vector longer than a page still stands beside. Rows that are
# there stay as they are until they are next written.
IN_ROWS = """
ALTER TABLE knowledge_chunk ALTER COLUMN embedding SET STORAGE MAIN;
ALTER TABLE knowledge_indexeddocument ALTER COLUMN title_embedding SET STORAGE MAIN;
"""
BESIDE = IN_ROWS.replace("MAIN", "EXTERNAL")


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0011_address_in_recipe")]

    operations = [migrations.RunSQL(IN_ROWS, BESIDE)]
