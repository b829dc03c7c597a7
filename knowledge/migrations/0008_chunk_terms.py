from importlib import import_module

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import pgvector.django.sparsevec
from django.db import migrations, models

from knowledge.indexing.plan import embedded_text
from knowledge.terms import term_id, terms_of

CHUNKS_A_ROUND = 1000

# Terms and weights are moved, not embedded anew; the terms are cut again, as their order was not kept. Until the end
# of the migration chunks can be read and not written, so that none is missed.
BEGIN = "LOCK TABLE knowledge_chunk IN SHARE ROW EXCLUSIVE MODE; SET LOCAL statement_timeout = 0"
INDEXED = """
SELECT chunk.id, chunk.locale, document.title, chunk.heading_path, chunk.text
FROM knowledge_chunk AS chunk JOIN knowledge_document AS document ON document.id = chunk.document_id
WHERE chunk.id > %s ORDER BY chunk.id LIMIT %s
"""
# By way of text, as a wide row's weights are compressed, and one search would unpack thousands of them.
MOVE = """
INSERT INTO knowledge_chunkterms (chunk_id, generation_id, collection_id, published, terms, weights)
SELECT chunk.id, generation_id, collection_id, published, cut.terms::integer[], term_weights::text::sparsevec
FROM unnest(%s::bigint[], %s::text[]) AS cut (id, terms) JOIN knowledge_chunk AS chunk ON chunk.id = cut.id
ORDER BY chunk.id
"""
MOVE_BACK = """
UPDATE knowledge_chunk AS chunk
SET terms = ARRAY(SELECT DISTINCT unnest(held.terms) ORDER BY 1), term_weights = held.weights
FROM knowledge_chunkterms AS held WHERE held.chunk_id = chunk.id AND chunk.terms IS NULL
"""

# Weights stay in the row, as they are, up to the size of a page.
STORAGE = """
ALTER TABLE knowledge_chunkterms SET (toast_tuple_target = 8160), ALTER COLUMN weights SET STORAGE MAIN,
  ADD FOREIGN KEY (chunk_id) REFERENCES knowledge_chunk ON DELETE CASCADE
"""

# The columns stay for a release, empty in new rows: a process of the version before goes on reading and writing them
# while the new one is brought up. What it writes is copied, and what it reads without terms it finds by meaning alone.
WITHOUT_TERMS = """
ALTER TABLE knowledge_chunk ALTER COLUMN terms DROP NOT NULL, ALTER COLUMN term_weights SET DEFAULT '{}/536870912'
"""
WITH_TERMS = """
ALTER TABLE knowledge_chunk ALTER COLUMN terms SET NOT NULL, ALTER COLUMN term_weights DROP DEFAULT
"""
FOLLOWING = """
CREATE FUNCTION knowledge_copy_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO knowledge_chunkterms (chunk_id, generation_id, collection_id, published, terms, weights)
    SELECT id, generation_id, collection_id, published, terms, term_weights FROM changed WHERE terms IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER knowledge_chunks_copied AFTER INSERT ON knowledge_chunk
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION knowledge_copy_terms();

CREATE FUNCTION knowledge_copy_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE knowledge_chunkterms SET published = NEW.published WHERE chunk_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER knowledge_chunk_published AFTER UPDATE OF published ON knowledge_chunk
  FOR EACH ROW WHEN (OLD.published <> NEW.published) EXECUTE FUNCTION knowledge_copy_published();
"""
NOT_FOLLOWING = """
DROP TRIGGER knowledge_chunks_copied ON knowledge_chunk;
DROP TRIGGER knowledge_chunk_published ON knowledge_chunk;
DROP FUNCTION knowledge_copy_terms();
DROP FUNCTION knowledge_copy_published();
"""

# The collection's row is still locked first: a chunk comes before its terms, and when it goes they are counted after it.
COUNTING = """
CREATE FUNCTION knowledge_count_chunks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO knowledge_collectionstatistic AS held (generation_id, collection_id, chunk_count, locales)
      SELECT generation_id, collection_id, count(*), array_agg(DISTINCT locale) FROM changed GROUP BY 1, 2 ORDER BY 1, 2
      ON CONFLICT (generation_id, collection_id) DO UPDATE SET
        chunk_count = held.chunk_count + EXCLUDED.chunk_count,
        locales = ARRAY(SELECT DISTINCT unnest(held.locales || EXCLUDED.locales) ORDER BY 1);
  ELSE
    UPDATE knowledge_collectionstatistic AS held SET chunk_count = held.chunk_count - gone.chunk_count
      FROM (SELECT generation_id, collection_id, count(*) AS chunk_count FROM changed GROUP BY 1, 2) AS gone
      WHERE held.generation_id = gone.generation_id AND held.collection_id = gone.collection_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER knowledge_chunks_added AFTER INSERT ON knowledge_chunk
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION knowledge_count_chunks();
CREATE TRIGGER knowledge_chunks_gone AFTER DELETE ON knowledge_chunk
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION knowledge_count_chunks();

CREATE FUNCTION knowledge_count_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO knowledge_termstatistic AS held (generation_id, collection_id, term, chunk_count)
      SELECT generation_id, collection_id, term, count(DISTINCT chunk_id) FROM changed, unnest(terms) AS term
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
      ON CONFLICT (generation_id, collection_id, term)
      DO UPDATE SET chunk_count = held.chunk_count + EXCLUDED.chunk_count;
  ELSE
    UPDATE knowledge_termstatistic AS held SET chunk_count = held.chunk_count - gone.chunk_count
      FROM (SELECT generation_id, collection_id, term, count(DISTINCT chunk_id) AS chunk_count
            FROM changed, unnest(terms) AS term GROUP BY 1, 2, 3) AS gone
      WHERE held.generation_id = gone.generation_id AND held.collection_id = gone.collection_id
        AND held.term = gone.term;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER knowledge_terms_added AFTER INSERT ON knowledge_chunkterms
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION knowledge_count_terms();
CREATE TRIGGER knowledge_terms_gone AFTER DELETE ON knowledge_chunkterms
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION knowledge_count_terms();
"""
NOT_COUNTING = """
DROP TRIGGER knowledge_terms_added ON knowledge_chunkterms;
DROP TRIGGER knowledge_terms_gone ON knowledge_chunkterms;
DROP FUNCTION knowledge_count_terms();
"""
_before = import_module("knowledge.migrations.0002_retrieval_index")


def move(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        last = 0
        while True:
            cursor.execute(INDEXED, [last, CHUNKS_A_ROUND])
            chunks = cursor.fetchall()
            if not chunks:
                return
            last = chunks[-1][0]
            cursor.execute(MOVE, [[chunk[0] for chunk in chunks], [_cut(*chunk[1:]) for chunk in chunks]])


def _cut(locale, title, heading_path, text):
    """The terms as Postgres reads an array."""
    terms = terms_of(embedded_text(title, heading_path, text), locale)
    return "{%s}" % ",".join(str(term_id(term)) for term in terms)


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0007_words")]

    operations = [
        migrations.CreateModel(
            name="ChunkTerms",
            fields=[
                (
                    "chunk",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="terms",
                        serialize=False,
                        to="knowledge.chunk",
                    ),
                ),
                (
                    "generation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="knowledge.indexgeneration",
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="knowledge.collection",
                    ),
                ),
                ("published", models.BooleanField(default=True)),
                (
                    "terms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(),
                        help_text="Hashed terms (knowledge.terms) in order, repeats kept.",
                        size=None,
                    ),
                ),
                (
                    "weights",
                    pgvector.django.sparsevec.SparseVectorField(
                        dimensions=536870912, help_text="BM25 without its idf, by hashed term."
                    ),
                ),
            ],
        ),
        migrations.RunSQL(migrations.RunSQL.noop, WITH_TERMS),
        migrations.RunSQL(BEGIN, MOVE_BACK),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
        migrations.RunPython(move, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="chunkterms",
            index=django.contrib.postgres.indexes.GinIndex(
                fastupdate=False, fields=["terms"], name="chunkterms_terms"
            ),
        ),
        # Without it the planner would look through all rows until the next autovacuum.
        migrations.RunSQL("ANALYZE knowledge_chunkterms", migrations.RunSQL.noop),
        # Last, as from here on the chunks cannot even be read.
        migrations.RunSQL(_before.DROP_TRIGGERS + COUNTING, NOT_COUNTING + _before.DROP_TRIGGERS + _before.TRIGGERS),
        migrations.RunSQL(FOLLOWING, NOT_FOLLOWING),
        migrations.RunSQL(WITHOUT_TERMS, migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(model_name="chunk", name="chunk_terms"),
                migrations.RemoveField(model_name="chunk", name="term_weights"),
                migrations.RemoveField(model_name="chunk", name="terms"),
            ]
        ),
    ]
