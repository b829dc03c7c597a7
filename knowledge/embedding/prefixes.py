"""What a served model wants before a question and before a passage, told by its name."""

import re
from typing import NamedTuple


class Prefixes(NamedTuple):
    """Put before a question and before a passage, as they stand: a space at the end is part of one."""

    query: str = ""
    passage: str = ""


NONE = Prefixes()
_TASK = "Instruct: Given a web search query, retrieve relevant passages that answer the query\n"
_REPRESENT = Prefixes("Represent this sentence for searching relevant passages: ")

# By what a model's name holds, the first that fits; from the model cards on huggingface.co of, in this order,
# intfloat (two), nomic-ai, BAAI, mixedbread-ai, Snowflake (two), Qwen and google. What is not here wants none, as
# OpenAI's models and bge-m3, or is told in EMBEDDING_QUERY_PREFIX and EMBEDDING_PASSAGE_PREFIX.
_FAMILIES = (
    (r"\be5-.*instruct", Prefixes(f"{_TASK}Query: ")),
    (r"\be5-(?:small|base|large)", Prefixes("query: ", "passage: ")),
    (r"nomic-embed-text", Prefixes("search_query: ", "search_document: ")),
    (r"\bbge-(?:small|base|large)(?!-zh)", _REPRESENT),
    (r"mxbai-embed-(?:2d-)?large", _REPRESENT),
    (r"arctic-embed(?:2|-[ml]-v2)", Prefixes("query: ")),
    (r"arctic-embed", _REPRESENT),
    (r"qwen3-embedding", Prefixes(f"{_TASK}Query:")),
    (r"embeddinggemma", Prefixes("task: search result | query: ", "title: none | text: ")),
)


def prefixes_of(model: str) -> Prefixes:
    """Those that the family of a model was trained with; none where its name tells of no known one."""
    return next((prefixes for name, prefixes in _FAMILIES if re.search(name, model.lower())), NONE)
