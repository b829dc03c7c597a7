"""all-MiniLM-L6-v2 as onnxruntime computes it quickest: by int8, in few steps, from the weights in its package.

The package's own graph multiplies each table of int8 by its scales before it uses it. onnxruntime does that once, while
it loads the graph, and works with floats of four times the size from then on; and it has 385 small steps where 68 do.
Wang et al., MiniLM (2020), for the network; Reimers and Gurevych, Sentence-BERT (2019), for the mean of its tokens.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from knowledge.embedding.port import EmbeddingUnavailable

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto

LAYERS, HEADS = 6, 12
# So many products are added up as integers, with one scale for the text's values among them. Twice as many take a
# seventh less of a question's time, and put its vector twice as far off.
BLOCK = 32
# onnxruntime's `accuracy_level` of integers by integers.
BY_INTEGERS = 4
# The byte that onnxruntime takes for 0 where it is told no other: its bytes of weights have no sign.
ZERO = 128
FUSED = "com.microsoft"
TOKENS, VECTOR, ALONG_TOKENS = "input_ids", "vector", "along_tokens"

Array = np.ndarray[Any, Any]


def network_of(package: bytes) -> bytes:
    """The ONNX graph from a text's TOKENS (1, n) to its VECTOR (1, 384), with the weights of the package's graph.

    The weights stay what they were; what is multiplied by them is rounded to eight bits, with a scale for each BLOCK.
    Raises EmbeddingUnavailable where the package's graph holds others than this network's.
    """
    from onnx import load_model_from_string

    try:
        return _Network(_Stored(load_model_from_string(package).graph)).written()
    except Exception as error:  # another file is wrong in ways of its own
        raise EmbeddingUnavailable(f"the local model's package holds another network: {error!r}") from error


class _Stored:
    """What the package's graph holds, by the names that its weights have in the model."""

    def __init__(self, graph: "GraphProto") -> None:
        self._graph = graph
        self._arrays = {each.name: each for each in graph.initializer}
        if any(f".layer.{LAYERS}." in name for name in self._arrays):
            raise ValueError(f"it has more than {LAYERS} layers")

    def array(self, name: str) -> Array:
        """A tensor; KeyError where there is none of the name."""
        from onnx.numpy_helper import to_array

        return to_array(self._arrays[name])

    def table(self, name: str) -> tuple[Array, Array]:
        """Rows of int8 that are looked up (n, dimension), and their scales (n, 1)."""
        return _stored_as(name, self.array(f"{name}_q"), self.array(f"{name}_scale"), along=0)

    def dense(self, name: str) -> tuple[Array, Array, Array]:
        """What a dense layer multiplies by, int8 (rows, columns) with scales (1, columns), and its bias: that names it.

        Raises something where it is not stored so.
        """
        bias = f"{name}.bias"
        add = next(node for node in self._graph.node if node.op_type == "Add" and bias in node.input)
        (summed,) = (each for each in add.input if each != bias)
        weights = self._made_by[self._made_by[summed].input[1]]
        stored = self.array(self._made_by[weights.input[0]].input[0]), self.array(weights.input[1])
        return *_stored_as(name, *stored, along=1), self.array(bias)

    @cached_property
    def epsilon(self) -> float:
        """What its normalising divides by at least."""
        node = next(node for node in self._graph.node if node.op_type == "LayerNormalization")
        return next(float(each.f) for each in node.attribute if each.name == "epsilon")

    @cached_property
    def _made_by(self) -> "Mapping[str, NodeProto]":
        return {name: node for node in self._graph.node for name in node.output}


def _stored_as(name: str, table: Array, scales: Array, along: int) -> tuple[Array, Array]:
    """Both as they are: int8, with a float scale for each place `along` an axis. Raises ValueError for others."""
    wanted = [1, 1]
    wanted[along] = table.shape[along]
    if (table.dtype, scales.dtype, list(scales.shape)) != (np.int8, np.float32, wanted):
        raise ValueError(f"{name} is stored as {table.dtype} with scales of {scales.dtype} {scales.shape}")
    return table, scales


class _Network:
    """The graph as it is written: each method adds to it, and returns the name of what comes out."""

    def __init__(self, stored: _Stored) -> None:
        from onnx.helper import make_graph, make_model, make_opsetid

        self._stored = stored
        opsets = [make_opsetid("", 20), make_opsetid(FUSED, 1)]
        self._model = make_model(make_graph([], "minilm", [], []), opset_imports=opsets, ir_version=10)

    def written(self) -> bytes:
        """The whole graph."""
        from onnx import TensorProto
        from onnx.helper import make_tensor_value_info

        of_tokens = self._embeddings()
        for number in range(LAYERS):
            of_tokens = self._layer(of_tokens, f"inner.encoder.layer.{number}")
        self._add("ReduceMean", [of_tokens, ALONG_TOKENS], VECTOR, keepdims=0)
        self._model.graph.input.append(make_tensor_value_info(TOKENS, TensorProto.INT64, [1, "tokens"]))
        self._model.graph.output.append(make_tensor_value_info(VECTOR, TensorProto.FLOAT, [1, "dimensions"]))
        del self._stored  # as large as what is written
        return bytes(self._model.SerializeToString())

    def _embeddings(self) -> str:
        """Words where they stand; a text has no second part, and its place and its part are one table."""
        from onnx import TensorProto

        of = "inner.embeddings"
        words, scales_of_words = self._stored.table(f"{of}.word_embeddings.weight")
        places, scales_of_places = self._stored.table(f"{of}.position_embeddings.weight")
        of_places = places * scales_of_places + self._stored.array(f"{of}.token_type_embeddings.weight")[0]
        first, along_tokens = self._keep("first", np.array([0])), self._keep(ALONG_TOKENS, np.array([1]))
        length = self._add("Shape", [TOKENS], "length", start=1, end=2)
        stand = self._add("Slice", [self._keep("places", of_places[None]), first, length, along_tokens], "stand")
        rows = self._add("Gather", [self._keep("words", words), TOKENS], "rows")
        scales = self._add("Gather", [self._keep("scales", scales_of_words), TOKENS], "scaled_by")
        unscaled = self._add("Cast", [rows], "unscaled", to=TensorProto.FLOAT)
        return self._normalised(self._add("Mul", [unscaled, scales], "scaled"), stand, of)

    def _layer(self, of_tokens: str, of: str) -> str:
        """Attention, then two dense layers with a GELU between them, each added to what came in."""
        asked = [self._dense(of_tokens, f"{of}.attention.self.{name}") for name in ("query", "key", "value")]
        attended = self._add("MultiHeadAttention", asked, f"{of}.attended", FUSED, num_heads=HEADS)
        output = f"{of}.attention.output"
        between = self._normalised(self._dense(attended, f"{output}.dense"), of_tokens, output)
        active = self._add("Gelu", [self._dense(between, f"{of}.intermediate.dense")], f"{of}.active", FUSED)
        return self._normalised(self._dense(active, f"{of}.output.dense"), between, f"{of}.output")

    def _normalised(self, one: str, other: str, of: str) -> str:
        """The sum of both, each token's with the mean 0 and the variance 1, stretched and moved."""
        norm, epsilon = f"{of}.LayerNorm", self._stored.epsilon
        by = [self._keep(f"{norm}.{name}", self._stored.array(f"{norm}.{name}")) for name in ("weight", "bias")]
        return self._add("SkipLayerNormalization", [one, other, *by], f"{of}.normalised", FUSED, epsilon=epsilon)

    def _dense(self, of_tokens: str, of: str) -> str:
        """Times the layer's weights, plus its bias."""
        table, scales, bias = self._stored.dense(of)
        rows, columns = table.shape
        unsigned = (table.T.astype(np.int16) + ZERO).astype(np.uint8).reshape(columns, rows // BLOCK, BLOCK)
        repeated = np.repeat(scales.reshape(columns, 1), rows // BLOCK, axis=1)
        by = [self._keep(f"{of}.weights", unsigned), self._keep(f"{of}.scales", repeated)]
        read = [of_tokens, *by, "", "", self._keep(f"{of}.bias", bias)]
        sizes = {"K": rows, "N": columns, "bits": 8, "block_size": BLOCK, "accuracy_level": BY_INTEGERS}
        return self._add("MatMulNBits", read, f"{of}.made", FUSED, **sizes)

    def _keep(self, name: str, array: Array) -> str:
        from onnx.numpy_helper import from_array

        self._model.graph.initializer.append(from_array(np.ascontiguousarray(array), name))
        return name

    def _add(self, kind: str, read: Iterable[str], made: str, domain: str = "", **how: Any) -> str:
        from onnx.helper import make_node

        self._model.graph.node.append(make_node(kind, list(read), [made], domain=domain, **how))
        return made
