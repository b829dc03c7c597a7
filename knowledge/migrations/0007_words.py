import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# What was indexed before has no words: it counts as not indexed, so the index is brought up to date with the vectors
# that are there. Until then no spelling is put right.
FORGET = "DELETE FROM knowledge_indexeddocument"

# Words come in order, so that writers wait for each other instead of deadlocking; a deletion only updates, as it may
# come after that of the collection's statistics.
TRIGGERS = """
CREATE FUNCTION knowledge_count_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP IN ('DELETE', 'UPDATE') THEN
    UPDATE knowledge_wordstatistic AS held SET document_count = held.document_count - gone.document_count
      FROM (SELECT before.generation_id, document.collection_id, word, count(*) AS document_count
            FROM before JOIN knowledge_document AS document ON document.id = before.document_id,
              unnest(before.words) AS word GROUP BY 1, 2, 3) AS gone
      WHERE held.generation_id = gone.generation_id AND held.collection_id = gone.collection_id
        AND held.word = gone.word COLLATE "C";
  END IF;
  IF TG_OP IN ('INSERT', 'UPDATE') THEN
    INSERT INTO knowledge_wordstatistic AS held (generation_id, collection_id, word, document_count)
      SELECT after.generation_id, document.collection_id, word, count(*)
      FROM after JOIN knowledge_document AS document ON document.id = after.document_id,
        unnest(after.words) AS word GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
      ON CONFLICT (generation_id, collection_id, word)
      DO UPDATE SET document_count = held.document_count + EXCLUDED.document_count;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER knowledge_words_added AFTER INSERT ON knowledge_indexeddocument
  REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION knowledge_count_words();
CREATE TRIGGER knowledge_words_changed AFTER UPDATE ON knowledge_indexeddocument
  REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION knowledge_count_words();
CREATE TRIGGER knowledge_words_gone AFTER DELETE ON knowledge_indexeddocument
  REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION knowledge_count_words();
"""
DROP_TRIGGERS = """
DROP TRIGGER knowledge_words_added ON knowledge_indexeddocument;
DROP TRIGGER knowledge_words_changed ON knowledge_indexeddocument;
DROP TRIGGER knowledge_words_gone ON knowledge_indexeddocument;
DROP FUNCTION knowledge_count_words();
"""


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0006_source_hash_and_skipped_files")]

    operations = [
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="indexeddocument",
            name="words",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=32),
                default=list,
                help_text="Different words that a misspelt one may mean (knowledge.spelling).",
                size=None,
            ),
        ),
        migrations.CreateModel(
            name="WordStatistic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(db_collation="C", max_length=32)),
                ("document_count", models.IntegerField()),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="knowledge.collection"
                    ),
                ),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="knowledge.indexgeneration"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="wordstatistic",
            constraint=models.UniqueConstraint(
                fields=("generation", "collection", "word"), name="word_once_per_collection"
            ),
        ),
        migrations.RunSQL(TRIGGERS, DROP_TRIGGERS),
    ]
