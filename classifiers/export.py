"""The trained layers as an ONNX graph, for the runtime that reads mail. Used by training only.

Matrices are kept in 8 bits with one scale an output. Three of the four in a layer are also multiplied in 8 bits;
the last, whose inputs vary most in size, is spread out to full precision when the graph is loaded.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from classifiers.encoder import ATTENTION_HEADS, EPSILON, WIDTH, Array, Layer

_FUSED = "com.microsoft"
"""The runtime's own operators: attention, normalisation after a residual, and the activation in one step each."""
_OPSET, _FORMAT = 18, 9


def graph(layers: Sequence[Layer]) -> bytes:
    """A graph from `x` (1, tokens, WIDTH) to the output of the last of `layers`."""
    made = _Graph()
    state = "x"
    for number, layer in enumerate(layers):
        state = made.layer(f"l{number}.", layer.weights, state)
    shape: list[str | int | None] = [1, "tokens", WIDTH]
    model = helper.make_model(
        helper.make_graph(
            made.nodes,
            "encoder",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info(state, TensorProto.FLOAT, shape)],
            made.values,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_FUSED, 1)],
        ir_version=_FORMAT,
    )
    stored: bytes = model.SerializeToString(deterministic=True)
    return stored


class _Graph:
    """Nodes and constants as they are added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.values: list[onnx.TensorProto] = []

    def layer(self, own: str, w: dict[str, Array], x: str) -> str:
        projected = self._product8(own + "qkv", w, "qkv", x)
        parts = self._add("Split", [projected], own + "part", 3, axis=2, num_outputs=3)
        attended = self._add("MultiHeadAttention", parts, own + "c", fused=True, num_heads=ATTENTION_HEADS)
        y = self._normalised(own + "aln", w, "aln", x, self._product8(own + "ao", w, "ao", attended[0]))
        inner = self._add("FastGelu", [self._product8(own + "fi", w, "fi", y)], own + "g", fused=True)
        return self._normalised(own + "oln", w, "oln", y, self._product(own + "fo", w, "fo", inner[0]))

    def _normalised(self, own: str, w: dict[str, Array], name: str, x: str, change: str) -> str:
        weights = [self._value(f"{own}.{part}", w[f"{name}.{part}"]) for part in "wb"]
        given = [x, change, *weights]
        return self._add("SkipLayerNormalization", given, own + ".out", fused=True, epsilon=float(EPSILON))[0]

    def _product8(self, own: str, w: dict[str, Array], name: str, x: str) -> str:
        codes, scales = _in_8_bits(w[name])
        given = [x, self._value(own, codes), self._value(own + ".scale", scales), ""]
        given.append(self._value(own + ".b", w[name + "b"]))
        return self._add("DynamicQuantizeMatMul", given, own + ".out", fused=True)[0]

    def _product(self, own: str, w: dict[str, Array], name: str, x: str) -> str:
        codes, scales = _in_8_bits(w[name])
        spread = self._add("Cast", [self._value(own, codes)], own + ".wide", to=TensorProto.FLOAT)
        matrix = self._add("Mul", [spread[0], self._value(own + ".scale", scales)], own + ".matrix")
        product = self._add("MatMul", [x, matrix[0]], own + ".product")
        return self._add("Add", [product[0], self._value(own + ".b", w[name + "b"])], own + ".out")[0]

    def _value(self, name: str, array: np.ndarray) -> str:
        self.values.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _add(
        self,
        operator: str,
        given: Sequence[str],
        out: str,
        count: int = 1,
        fused: bool = False,
        **settings: Any,
    ) -> list[str]:
        names = [out] if count == 1 else [f"{out}{number}" for number in range(count)]
        domain = _FUSED if fused else None
        self.nodes.append(helper.make_node(operator, list(given), names, name=out, domain=domain, **settings))
        return names


def _in_8_bits(matrix: Array) -> tuple[np.ndarray, Array]:
    """(in, out) whole numbers and the scale of each output, of an (out, in) matrix."""
    scales = (np.abs(matrix).max(1) / 127).astype(np.float32)
    return np.round(matrix / scales[:, None]).astype(np.int8).T, scales
