"""Turn layers of a network into 8-bit ones, with ranges that were measured beforehand.

Every activation that such a layer reads or writes gets a scale and a zero point from its
range, every weight a scale a channel. onnxruntime then runs the layer on integers. The ranges
are data of this repository (benchmarks/measure_ranges.py writes them), so every machine builds
the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# What has an 8-bit form: weights that are constants, and no more than one other input.
LAYERS = ("Conv", "Gemm", "MatMul")

_COLUMNS = ("layer", "input low", "input high", "output low", "output high")


@dataclass(frozen=True, kw_only=True)
class LayerRanges:
    """Lowest and highest value of what a layer reads and writes.

    Of a matrix product only the input is rounded: what it writes is exact.
    """

    input: tuple[float, float]
    output: tuple[float, float]


Ranges = Mapping[str, LayerRanges]  # by the name of what the layer writes


def read_ranges(path: Path) -> dict[str, LayerRanges]:
    """Raises ValueError for a file that write_ranges has not written."""
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    if head != "\t".join(_COLUMNS):
        raise ValueError(f"{path} does not hold ranges")
    ranges = {}
    for line in lines:
        name, *numbers = line.split("\t")
        low, high, output_low, output_high = map(float, numbers)
        ranges[name] = LayerRanges(input=(low, high), output=(output_low, output_high))
    return ranges


def write_ranges(path: Path, ranges: Ranges) -> None:
    """Four digits: more would only tell which machine measured."""
    lines = ["\t".join(_COLUMNS)]
    for name, layer in ranges.items():
        numbers = (f"{value:.4g}" for value in (*layer.input, *layer.output))
        lines.append("\t".join([name, *numbers]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def quantise(model: Any, ranges: Ranges) -> None:
    """Change the model in place: the layers that have ranges are 8-bit.

    Activations unsigned with a zero point, weights signed without one and by output channel,
    biases 32-bit. A value that several layers read is rounded once, by the first one's range.
    Raises ValueError if the model has no layer of a name, or none with constant weights.
    """
    _Quantiser(model.graph, ranges).run()


class _Quantiser:
    def __init__(self, graph: Any, ranges: Ranges) -> None:
        from onnx import numpy_helper

        self._graph = graph
        self._ranges = ranges
        self._weights = {weight.name: numpy_helper.to_array(weight) for weight in graph.initializer}
        self._scales: dict[str, np.float32] = {}
        self._nodes: list[Any] = []
        self._rounded: dict[str, str] = {}
        self._done: set[str] = set()

    def run(self) -> None:
        outputs = {output.name for output in self._graph.output}
        missing = set(self._ranges)
        for node in list(self._graph.node):
            layer = self._ranges.get(node.output[0])
            if layer is None:
                self._nodes.append(node)
                continue
            name = node.output[0]
            missing.discard(name)
            if node.op_type not in LAYERS or node.input[1] not in self._weights:
                raise ValueError(f"{name} is no layer with weights of its own")
            node.input[0] = self._rounded_input(node.input[0], layer.input)
            self._quantise_weights(node)
            if node.op_type == "Conv" and name not in outputs:
                # The value under its old name is the one that went through eight bits.
                node.output[0] = f"{name}_exact"
                self._nodes.append(node)
                self._pass_through(node.output[0], name, layer.output)
                self._rounded[name] = name
            else:
                self._nodes.append(node)
        if missing:
            raise ValueError(f"the model has no layer {sorted(missing)[0]}")
        del self._graph.node[:]
        self._graph.node.extend(self._nodes)
        self._drop_unused()

    def _rounded_input(self, name: str, values: tuple[float, float]) -> str:
        """The name under which the value is to be had after a way through eight bits."""
        if name not in self._rounded:
            self._rounded[name] = f"{name}_rounded"
            self._pass_through(name, self._rounded[name], values)
        return self._rounded[name]

    def _pass_through(self, source: str, target: str, values: tuple[float, float]) -> None:
        from onnx import helper

        scale, zero = _scale_and_zero(*values)
        self._scales[target] = scale
        self._add_constant(f"{target}_scale", np.array(scale))
        self._add_constant(f"{target}_zero", np.array(zero))
        names = [f"{target}_scale", f"{target}_zero"]
        self._nodes.append(helper.make_node("QuantizeLinear", [source, *names], [f"{target}_8bit"]))
        self._nodes.append(
            helper.make_node("DequantizeLinear", [f"{target}_8bit", *names], [target])
        )

    def _quantise_weights(self, node: Any) -> None:
        from onnx import helper

        weight_name = node.input[1]
        weight = self._weights[weight_name].astype(np.float64)
        # One row an output channel, in either order of a matrix product.
        axis = 0
        if node.op_type == "MatMul" or (node.op_type == "Gemm" and not _attribute(node, "transB")):
            axis = weight.ndim - 1
        others = tuple(place for place in range(weight.ndim) if place != axis)
        scales = np.maximum(np.abs(weight).max(axis=others) / 127, self._least_scales(node))
        shape = [-1 if place == axis else 1 for place in range(weight.ndim)]
        scales = scales.astype(np.float32)
        rounded = np.rint(weight / scales.astype(np.float64).reshape(shape))
        if weight_name not in self._done:
            self._done.add(weight_name)
            self._add_constant(f"{weight_name}_8bit", np.clip(rounded, -127, 127).astype(np.int8))
            self._add_constant(f"{weight_name}_scale", scales)
            self._add_constant(f"{weight_name}_zero", np.zeros(len(scales), np.int8))
            self._nodes.append(
                helper.make_node(
                    "DequantizeLinear",
                    [f"{weight_name}_8bit", f"{weight_name}_scale", f"{weight_name}_zero"],
                    [f"{weight_name}_rounded"],
                    axis=axis,
                )
            )
        node.input[1] = f"{weight_name}_rounded"
        if len(node.input) > 2 and node.input[2]:
            node.input[2] = self._quantise_bias(node.input[2], self._scales[node.input[0]] * scales)

    def _least_scales(self, node: Any) -> NDArray[np.float64]:
        """By channel: below this its bias, in the product of both scales, is above 32 bits.

        A channel of nothing but zeros needs a scale as well.
        """
        if len(node.input) < 3 or not node.input[2]:
            return np.array(1e-12)
        bias = np.abs(self._weights[node.input[2]].astype(np.float64).reshape(-1))
        least = bias / (float(self._scales[node.input[0]]) * 2**30)
        return np.asarray(np.maximum(least, 1e-12))

    def _quantise_bias(self, name: str, scales: NDArray[np.float32]) -> str:
        from onnx import helper

        bias = self._weights[name].astype(np.float64).reshape(-1)
        target = f"{name}_rounded"
        rounded = np.clip(np.rint(bias / scales), -(2**31) + 1, 2**31 - 1).astype(np.int32)
        self._add_constant(f"{name}_32bit", rounded)
        self._add_constant(f"{name}_scale", scales)
        self._add_constant(f"{name}_zero", np.zeros(len(scales), np.int32))
        names = [f"{name}_32bit", f"{name}_scale", f"{name}_zero"]
        self._nodes.append(helper.make_node("DequantizeLinear", names, [target], axis=0))
        return target

    def _add_constant(self, name: str, value: NDArray[Any]) -> None:
        from onnx import numpy_helper

        self._graph.initializer.append(numpy_helper.from_array(value, name))

    def _drop_unused(self) -> None:
        used = {name for node in self._graph.node for name in node.input}
        kept = [weight for weight in self._graph.initializer if weight.name in used]
        del self._graph.initializer[:]
        self._graph.initializer.extend(kept)


def _scale_and_zero(low: float, high: float) -> tuple[np.float32, np.uint8]:
    """Zero itself has to be one of the 256 values: padding is zero."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = np.float32(max((high - low) / 255, 1e-12))
    return scale, np.uint8(np.clip(np.rint(-low / float(scale)), 0, 255))


def _attribute(node: Any, name: str) -> int:
    return next((int(item.i) for item in node.attribute if item.name == name), 0)


def layers_of(model: Any) -> list[Any]:
    """The nodes that quantise() could turn into 8-bit ones, in the graph's order."""
    weights = {weight.name for weight in model.graph.initializer}
    return [
        node
        for node in model.graph.node
        if node.op_type in LAYERS and node.input[1] in weights and node.input[0] not in weights
    ]
