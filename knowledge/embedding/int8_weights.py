"""A network whose weights are stored as int8 is made to compute with them as int8.

Each table of weights is stored as int8 with float scales, and the graph multiplies the two before it uses them.
onnxruntime does that once, while it loads the graph, and works with floats of four times the size from then on.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto, TensorProto

# So many products are added up as integers, with one scale for the text's values among them. Twice as many take a
# seventh less of a question's time, and put its vector twice as far off.
BLOCK = 32
# onnxruntime's `accuracy_level` of integers by integers.
BY_INTEGERS = 4
# The byte that onnxruntime takes for 0 where it is told no other: its bytes of weights have no sign.
ZERO = 128
# Dimensions that a table has.
TABLE = 2


class _Weights(NamedTuple):
    """A stored table of int8, and the float scales of its columns (1, n), or rows (n, 1) where these are looked up."""

    table: "TensorProto"
    scales: "TensorProto"


def computing_with_int8(model: bytes) -> bytes:
    """The ONNX graph with its products by stored int8 weights, and look-ups in tables of them, done on int8.

    The weights stay what they were; what is multiplied by them is rounded to eight bits, with a scale for each BLOCK of
    it. What is stored or used in another way is left alone.
    """
    from onnx import load_model_from_string
    from onnx.helper import make_opsetid

    read = load_model_from_string(model)
    _rewrite(read.graph)
    read.opset_import.append(make_opsetid("com.microsoft", 1))
    return bytes(read.SerializeToString())


def _rewrite(graph: "GraphProto") -> None:
    stored = {each.name: each for each in graph.initializer}
    made_by = {name: node for node in graph.node for name in node.output}
    nodes: list[NodeProto] = []
    for node in graph.node:
        weights = _weights(node, made_by, stored)
        if weights is not None and node.op_type == "Gather":
            nodes += _look_up(node, weights)
        elif weights is not None and weights.table.dims[0] % BLOCK == 0:
            product, *packed = _product(node, weights)
            nodes.append(product)
            stored |= {each.name: each for each in packed}
        else:
            nodes.append(node)
    nodes, needed = _needed(nodes, {each.name for each in graph.output})
    kept = [each for name, each in stored.items() if name in needed]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)


def _weights(
    node: "NodeProto", made_by: Mapping[str, "NodeProto"], stored: Mapping[str, "TensorProto"]
) -> _Weights | None:
    """The stored weights that a product is by, or a look-up in; None for other nodes."""
    from onnx import TensorProto

    place = {"MatMul": 1, "Gather": 0}.get(node.op_type)
    scaled = made_by.get(node.input[place]) if place is not None else None
    if scaled is None or scaled.op_type != "Mul":
        return None
    cast, scales = made_by.get(scaled.input[0]), stored.get(scaled.input[1])
    table = stored.get(cast.input[0]) if cast is not None and cast.op_type == "Cast" else None
    if table is None or scales is None or len(table.dims) != TABLE:
        return None
    rows, columns = table.dims
    wanted = [1, columns] if node.op_type == "MatMul" else [rows, 1]
    by_rows = all(each.i == 0 for each in node.attribute if each.name == "axis")
    kinds = (table.data_type, scales.data_type) == (TensorProto.INT8, TensorProto.FLOAT)
    return _Weights(table, scales) if kinds and list(scales.dims) == wanted and by_rows else None


def _look_up(node: "NodeProto", weights: _Weights) -> "list[NodeProto]":
    """Rows of the table and their scales, multiplied once they are looked up."""
    from onnx import TensorProto
    from onnx.helper import make_node

    (made,), rows = node.output, node.input[1]
    return [
        make_node("Gather", [weights.table.name, rows], [f"{made}_rows"], axis=0),
        make_node("Gather", [weights.scales.name, rows], [f"{made}_scales"], axis=0),
        make_node("Cast", [f"{made}_rows"], [f"{made}_cast"], to=TensorProto.FLOAT),
        make_node("Mul", [f"{made}_cast", f"{made}_scales"], [made]),
    ]


def _product(node: "NodeProto", weights: _Weights) -> "tuple[NodeProto, TensorProto, TensorProto]":
    """onnxruntime's product by blocks of weights, with the weights and their scales as it wants them."""
    from onnx.helper import make_node
    from onnx.numpy_helper import from_array, to_array

    table, scales = to_array(weights.table), to_array(weights.scales)
    rows, columns = table.shape
    unsigned = (table.T.astype(np.int16) + ZERO).astype(np.uint8).reshape(columns, rows // BLOCK, BLOCK)
    repeated = np.repeat(scales.reshape(columns, 1), rows // BLOCK, axis=1)
    packed = from_array(unsigned, f"{node.output[0]}_weights"), from_array(repeated, f"{node.output[0]}_scales")
    product = make_node(
        "MatMulNBits",
        [node.input[0], *(each.name for each in packed)],
        list(node.output),
        domain="com.microsoft",
        K=rows,
        N=columns,
        bits=8,
        block_size=BLOCK,
        accuracy_level=BY_INTEGERS,
    )
    return product, *packed


def _needed(nodes: "Sequence[NodeProto]", outputs: set[str]) -> "tuple[list[NodeProto], set[str]]":
    """The nodes that the outputs come from, in their order, and the names of all that they read."""
    names, kept = set(outputs), []
    for node in reversed(nodes):
        if names.intersection(node.output):
            kept.append(node)
            names.update(node.input)
    return kept[::-1], names
