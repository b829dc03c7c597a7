"""A model served at OPENAI_BASE_URL, asked through the OpenAI SDK."""

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
import orjson
import stamina

from knowledge.embedding.port import EmbeddingUnavailable, InvalidEmbedding, Vectors, normalised
from knowledge.embedding.prefixes import NONE, Prefixes

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types import Embedding

BATCH = 64
REMEMBERED_QUERIES = 1024
OTHER_PREFIXES = 4  # of indexes that answer until the configured ones' is made
CONNECT_TIMEOUT_SECONDS = 3.0
QUERY_TIMEOUT_SECONDS = 3.0
PASSAGES_TIMEOUT_SECONDS = 60.0
PASSAGES_ATTEMPTS = 4
OPENAI = "https://api.openai.com/v1"
_WRITTEN_PREFIXES = re.compile(r'/\d+/(\[".*"\])/served@')


class _Interrupted(EmbeddingUnavailable):
    """The server was away, slow, overloaded or failing: the same request may succeed in a moment."""


class ServedEmbedder:
    """Any OpenAI-compatible server's embeddings; passages are retried here and nowhere else, queries never."""

    def __init__(self, name: str, base_url: str, api_key: str, prefixes: Prefixes = NONE) -> None:
        self.name = name
        self._base_url = base_url
        self._api_key = api_key
        self._prefixes = prefixes
        self.embed_query = lru_cache(REMEMBERED_QUERIES)(self._embed_query)
        self._with_others = lru_cache(OTHER_PREFIXES)(partial(ServedEmbedder, name, base_url, api_key))

    def with_prefixes(self, prefixes: Prefixes) -> "ServedEmbedder":
        """The same model, which is sent these instead."""
        return self if prefixes == self._prefixes else self._with_others(prefixes)

    @property
    def recipe(self) -> str:
        return f"{self.name}/{self.dimension}/{self._how}"

    def makes(self, recipe: str) -> bool:
        made = re.fullmatch(rf"{re.escape(self.name)}/\d+/(.+)", recipe)
        return made is not None and made[1] == self._how

    @property
    def _how(self) -> str:
        """With the prefixes, if there are any, and the address: one name may mean two models on two servers."""
        written = f"{orjson.dumps(list(self._prefixes)).decode()}/" if any(self._prefixes) else ""
        return f"{written}served@{address_of(self._base_url)}"

    @cached_property
    def dimension(self) -> int:
        """Found by asking for one vector, as no server tells."""
        return len(self._request(["dimension"], QUERY_TIMEOUT_SECONDS)[0])

    def knows_word(self, word: str) -> bool:
        return False  # no server tells its vocabulary

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for first in range(0, len(texts), BATCH):
            batch = [self._prefixes.passage + text for text in texts[first : first + BATCH]]
            vectors[first : first + len(batch)] = self._embed_patiently(batch)
        return vectors

    def _embed_patiently(self, batch: Sequence[str]) -> Vectors:
        for attempt in stamina.retry_context(on=_Interrupted, attempts=PASSAGES_ATTEMPTS, timeout=120.0):
            with attempt:
                return self._embed(batch, PASSAGES_TIMEOUT_SECONDS)
        raise EmbeddingUnavailable("the embedding server was not asked")  # pragma: no cover - stamina raises

    def _embed_query(self, text: str) -> Vectors:
        vector: Vectors = self._embed([self._prefixes.query + text], QUERY_TIMEOUT_SECONDS)[0]
        vector.flags.writeable = False
        return vector

    def _embed(self, texts: Sequence[str], timeout_seconds: float) -> Vectors:
        rows = self._request(texts, timeout_seconds)
        try:
            vectors = np.array(rows, dtype=np.float32)
        except (TypeError, ValueError) as error:
            raise InvalidEmbedding("the vectors of one answer differ in length or hold no numbers") from error
        return normalised(vectors, len(texts), self.dimension)

    def _request(self, texts: Sequence[str], timeout_seconds: float) -> list[list[float]]:
        import openai

        timeout = openai.Timeout(timeout_seconds, connect=CONNECT_TIMEOUT_SECONDS)
        try:
            answer = self._client.with_options(timeout=timeout).embeddings.create(
                model=self.name,
                input=list(texts),
                encoding_format="float",  # the SDK's own default, base64, is unknown to some servers
            )
        except (openai.APIConnectionError, openai.InternalServerError, openai.RateLimitError) as error:
            raise _Interrupted(f"the embedding server failed: {error}") from error
        except openai.BadRequestError as error:
            raise InvalidEmbedding(f"the embedding server does not take this text: {error}") from error
        except (openai.OpenAIError, ValueError) as error:
            raise EmbeddingUnavailable(f"the embedding server refused: {error}") from error
        return _in_order(answer.data, len(texts))

    @cached_property
    def _client(self) -> "OpenAI":
        from openai import DefaultHttpxClient, OpenAI

        # A redirect would take the key, or at least the articles, to a server that nobody configured.
        http_client = DefaultHttpxClient(follow_redirects=False)
        key, address = self._api_key or "none", self._base_url or None
        return OpenAI(api_key=key, base_url=address, max_retries=0, http_client=http_client)


def address_of(base_url: str) -> str:
    """Scheme, host, port and path of a server; never a name, password or key that stands in its address."""
    parts = urlsplit(base_url or OPENAI)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}{parts.path.rstrip('/')}"


def prefixes_in(recipe: str) -> Prefixes:
    """The prefixes that a served model's recipe names."""
    written = _WRITTEN_PREFIXES.search(recipe)
    return Prefixes(*orjson.loads(written[1])) if written else NONE


def _in_order(data: "list[Embedding] | None", count: int) -> list[list[float]]:
    """The rows by their index: a server may answer in any order, and must answer for every text."""
    rows = sorted(data or [], key=lambda row: row.index)
    if [row.index for row in rows] != list(range(count)):
        raise InvalidEmbedding(f"the server answered with {len(rows)} vectors for {count} texts")
    return [row.embedding for row in rows]
