"""What is said, and what is answered from."""

from typing import ClassVar

from django.db import models
from pgvector.django import HnswIndex, VectorField


class Message(models.Model):
    """What was said."""

    objects: ClassVar[models.Manager["Message"]] = models.Manager()

    conversation = models.UUIDField(db_index=True)
    role = models.CharField(max_length=16)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)


class Passage(models.Model):
    """A chunk of an article."""

    objects: ClassVar[models.Manager["Passage"]] = models.Manager()

    text = models.TextField()
    embedding = VectorField(dimensions=384)

    class Meta:
        indexes = [HnswIndex(name="passage_nearest", fields=["embedding"], opclasses=["vector_cosine_ops"])]
