"""Our Celery application, for a process alone: a search model that kills its process at a certain word.

As a fault in native code does, or a system that has run out of memory: no exception is left behind.
"""

import os
import signal
from collections.abc import Sequence

from assistant.project.celery import app
from knowledge.embedding import Vectors
from knowledge.embedding.served import ServedEmbedder

WORD = "belladonna"
embed_passages = ServedEmbedder.embed_passages
app.conf.worker_lost_wait = 0.5  # until a child that is gone is believed to be


def embed_or_die(embedder: ServedEmbedder, texts: Sequence[str]) -> Vectors:
    if any(WORD in text for text in texts):
        os.kill(os.getpid(), signal.SIGKILL)
    return embed_passages(embedder, texts)


ServedEmbedder.embed_passages = embed_or_die  # type: ignore[method-assign]
