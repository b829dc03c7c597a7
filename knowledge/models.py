"""Rows of the knowledge base: collections, their sources, documents, chunks and index generations."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, HashIndex
from django.db import models
from pgvector.django import SparseVectorField, VectorField

# Terms are hashed onto this many dimensions: so many that two terms of a query hardly ever fall together.
LEXICAL_DIMENSIONS = 2**29


class Collection(models.Model):
    """A body of knowledge that a widget, an API key or a command answers from."""

    slug = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    locale = models.CharField(max_length=35, default="en", help_text="Language of articles that name none.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Source(models.Model):
    """Where articles come from: a collection plus a resolved path or URL.

    What an import removes concerns its own source alone.
    """

    class Kind(models.TextChoices):
        FOLDER = "folder", "Folder"
        FILE = "file", "File"
        ARCHIVE = "archive", "Archive"
        BEIR = "beir", "BEIR corpus"
        UPLOAD = "upload", "Upload"
        EDITOR = "editor", "Written here"
        API = "api", "REST API"

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="sources")
    kind = models.CharField(max_length=16, choices=Kind)
    location = models.CharField(max_length=1000, help_text="Resolved path, or a name for uploads.")
    stored_as = models.CharField(max_length=200, blank=True, help_text="File of an upload, relative to MEDIA_ROOT.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["collection", "location"], name="source_once_per_collection")]

    def __str__(self) -> str:
        return self.location


class Document(models.Model):
    """An article as it stands now; `text` is what chunk offsets and quotes index into."""

    class Status(models.TextChoices):
        PUBLISHED = "published", "Published"
        UNPUBLISHED = "unpublished", "Unpublished"
        REMOVED = "removed", "Removed from its source"

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="documents")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="documents")
    article = models.CharField(max_length=500, help_text="Front matter's id, else the path without suffix.")
    path = models.CharField(max_length=1000, blank=True)
    title = models.CharField(max_length=500)
    url = models.CharField(max_length=2000, blank=True, help_text="Public address; empty leads to /help/.")
    locale = models.CharField(max_length=35)
    audience = models.CharField(max_length=100, blank=True)
    position = models.IntegerField(default=0, help_text="Order among its neighbours.")
    status = models.CharField(max_length=16, choices=Status, default=Status.PUBLISHED)
    markup = models.TextField(help_text="The article as it came: Markdown or HTML, front matter included.")
    markup_kind = models.CharField(max_length=8, default="md", help_text="md, mdx, html or txt.")
    text = models.TextField(help_text="Normalised Markdown; chunk offsets are code points of this text.")
    content_hash = models.CharField(max_length=64)
    metadata_hash = models.CharField(max_length=64)
    source_hash = models.CharField(
        max_length=64, blank=True, help_text="Of what its source gave, while it is edited here; else empty."
    )
    revision = models.PositiveIntegerField(default=1)
    written_at = models.DateTimeField(null=True, blank=True, help_text="Date of the article itself.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    answerable_at = models.DateTimeField(null=True, blank=True, help_text="Since when answers may come from it.")
    refusal = models.CharField(
        max_length=500,
        blank=True,
        default="",
        db_default="",
        help_text="Why the search model makes no vectors of it; empty where it does.",
    )
    indexing_attempts = models.SmallIntegerField(
        default=0,
        db_default=0,
        help_text="How often its indexing was begun and neither ended nor failed: 0 once it is indexed.",
    )
    planted = ArrayField(
        models.IntegerField(),
        null=True,
        help_text="Start and end of each stretch that nothing is answered from; null: not kept.",
    )
    planted_of = models.CharField(
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text="By which version, of which text these were found.",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "article"], name="article_once_per_source")]
        verbose_name = "article"
        indexes = [
            models.Index(fields=["collection", "article"]),
            models.Index(fields=["collection", "content_hash"]),
            # Links within an import name paths; a tree would refuse the longest of them.
            HashIndex(fields=["path"], name="document_path"),
        ]

    def __str__(self) -> str:
        return self.title


class Revision(models.Model):
    """What an article said at one time."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=500)
    text = models.TextField()
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="revision_number_once")]


class IndexGeneration(models.Model):
    """One complete index of one embedding recipe and chunker; vectors of two are never compared."""

    class State(models.TextChoices):
        BUILDING = "building", "Building"
        ACTIVE = "active", "Active"
        RETIRED = "retired", "Retired"

    embedding_model = models.CharField(max_length=200, help_text="The EMBEDDING_MODEL that queries are embedded with.")
    recipe = models.CharField(
        max_length=1000, help_text="Model, dimension, prefixes, where served: knowledge.embedding names it."
    )
    dimension = models.PositiveIntegerField()
    chunker = models.CharField(max_length=50)
    average_length = models.FloatField(default=100.0, help_text="BM25's average chunk length in terms, pinned.")
    state = models.CharField(max_length=16, choices=State, default=State.BUILDING)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="active"), name="one_active_generation"),
            models.UniqueConstraint(
                fields=["recipe", "chunker"], condition=~models.Q(state="retired"), name="generation_once"
            ),
        ]


class IndexedDocument(models.Model):
    """What of a document a generation holds; written in one transaction with its chunks."""

    generation = models.ForeignKey(IndexGeneration, on_delete=models.CASCADE, related_name="+", db_index=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="indexed")
    content_hash = models.CharField(max_length=64, help_text="The document's, when it was indexed.")
    locale = models.CharField(max_length=35, help_text="The document's, when it was indexed.")
    title_hash = models.CharField(max_length=64, blank=True, help_text="Of the embedded title: reuses its vector.")
    title_embedding = VectorField(null=True, help_text="None when the title is only how the text begins.")
    words = ArrayField(
        models.CharField(max_length=32),
        default=list,
        help_text="Different words that a misspelt one may mean (knowledge.spelling).",
    )

    terms_of = models.CharField(
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text="How words were cut into terms, of which text (knowledge.indexing.recutting).",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["generation", "document"], name="indexed_once")]


class Chunk(models.Model):
    """A stretch of a document with its vectors; copies of the document's filters save a join."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="chunks", db_index=False)
    generation = models.ForeignKey(IndexGeneration, on_delete=models.CASCADE, related_name="chunks", db_index=False)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="+", db_index=False)
    locale = models.CharField(max_length=35)
    published = models.BooleanField(default=True)
    ordinal = models.PositiveIntegerField()
    heading_path = ArrayField(models.CharField(max_length=500), default=list)
    anchor = models.CharField(max_length=200, blank=True)
    start = models.PositiveIntegerField(help_text="First code point in the document's text.")
    end = models.PositiveIntegerField(help_text="One past the last code point.")
    text = models.TextField()
    revision = models.PositiveIntegerField(help_text="Of the document that it was cut from.")
    content_hash = models.CharField(max_length=64, help_text="Of what was embedded: reuses embeddings.")
    embedding = VectorField()  # dimension by generation; indexes are partial, one a generation

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "generation", "ordinal"], name="chunk_ordinal_once"),
        ]
        indexes = [
            models.Index(fields=["generation", "collection"]),
            models.Index(fields=["collection", "content_hash"]),
        ]


class ChunkTerms(models.Model):
    """What words find a chunk by, apart from its vector and text: one search looks through thousands of these rows.

    The database deletes a row with its chunk, and a trigger on Chunk keeps `published` the same.
    """

    chunk = models.OneToOneField(
        Chunk, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="terms"
    )
    generation = models.ForeignKey(
        IndexGeneration, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    collection = models.ForeignKey(
        Collection, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    published = models.BooleanField(default=True)
    terms = ArrayField(models.IntegerField(), help_text="Hashed terms (knowledge.terms) in order, repeats kept.")
    weights = SparseVectorField(dimensions=LEXICAL_DIMENSIONS, help_text="BM25 without its idf, by hashed term.")

    class Meta:
        indexes = [
            # Without the list of pending entries that each query would have to scan until the next vacuum.
            GinIndex(fields=["terms"], fastupdate=False, name="chunkterms_terms"),
        ]


class CollectionStatistic(models.Model):
    """How many chunks a collection has in a generation; kept by triggers on Chunk, which lock it first."""

    generation = models.ForeignKey(IndexGeneration, on_delete=models.CASCADE, related_name="+", db_index=False)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="+")
    chunk_count = models.IntegerField()
    locales = ArrayField(models.CharField(max_length=35), help_text="In which its chunks are or were.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["generation", "collection"], name="collection_counted_once")]


class TermStatistic(models.Model):
    """In how many chunks of a collection a term occurs, BM25's document frequency; kept by triggers on ChunkTerms."""

    generation = models.ForeignKey(IndexGeneration, on_delete=models.CASCADE, related_name="+", db_index=False)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="+")
    term = models.IntegerField()
    chunk_count = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "collection", "term"], name="term_once_per_collection"),
        ]


class WordStatistic(models.Model):
    """In how many documents of a collection a word occurs as it is written; kept by triggers on IndexedDocument."""

    generation = models.ForeignKey(IndexGeneration, on_delete=models.CASCADE, related_name="+", db_index=False)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="+")
    word = models.CharField(max_length=32, db_collation="C")
    document_count = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "collection", "word"], name="word_once_per_collection"),
        ]


class ImportRun(models.Model):
    """One run of an import, from the command line, the admin or the API, with its progress."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="imports")
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    requested_by = models.CharField(max_length=200, blank=True)
    total = models.PositiveIntegerField(null=True, blank=True, help_text="Articles found; null until known.")
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    chunks = models.PositiveIntegerField(default=0)
    failures = models.JSONField(default=list, help_text='[{"path", "reason"}]')
    skipped_files = models.JSONField(default=list, help_text='[{"path", "reason"}]')
    error = models.TextField(blank=True, help_text="Why the run as a whole failed.")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    renewed_at = models.DateTimeField(null=True, blank=True, help_text="Heartbeat; a stale run is run again.")
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "import"
