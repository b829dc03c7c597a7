"""How well retrieval does on questions with known articles; runs that are kept, and compared with each other."""

from knowledge.evaluation.files import EvaluationQuery, UnusableInput, read_qrels, read_queries
from knowledge.evaluation.retrieval import CorpusNotIngested, evaluate_retrieval, write_run
from knowledge.evaluation.scratch import scratch_collection

__all__ = [
    "CorpusNotIngested",
    "EvaluationQuery",
    "UnusableInput",
    "evaluate_retrieval",
    "read_qrels",
    "read_queries",
    "scratch_collection",
    "write_run",
]
