"""Build the ONNX graph of EfficientNet-Lite from its PyTorch weights, without PyTorch.

The graph is that of efficientnet/lite of the TensorFlow authors (ReLU6, no squeeze and
excitation, stem and head not scaled). Batch norm is folded into the convolutions in float64
with elementwise operations only, so every machine builds the same bytes.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.networks.pytorch_file import read_state_dict

# The paper's seven stages: how often a block is repeated before depth scaling, the stride of
# its first block. First and last stage keep their depth ("fix_head_stem").
STAGES = ((1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1))
BATCH_NORM_EPSILON = 1e-3
OPSET = 17
IR_VERSION = 8


def build_efficientnet_lite(checkpoint: bytes, *, side: int, depth: float) -> bytes:
    """An ONNX file: image float32[n, 3, side, side] -> logits [n, 1000], features [n, 1280].

    side is the resolution and depth the scaling of the variant: 260 and 1.2 for Lite2.
    The same checkpoint and the same release of onnx give the same bytes.
    Raises CheckpointError if the bytes are no checkpoint, KeyError if an array is missing.
    """
    graph = _Graph(read_state_dict(checkpoint))
    value = graph.add_convolution("image", "_conv_stem", "_bn0", stride=2, clipped=True)
    block = 0
    for stage, (repeats, stride) in enumerate(STAGES):
        fixed = stage in (0, len(STAGES) - 1)
        for repeat in range(repeats if fixed else int(np.ceil(depth * repeats))):
            value = graph.add_block(value, f"_blocks.{block}", stride=1 if repeat else stride)
            block += 1
    value = graph.add_convolution(value, "_conv_head", "_bn1", stride=1, clipped=True)
    graph.add_head(value)
    return graph.serialise(side)


class _Graph:
    """Nodes and weights as they are added; one output name a node."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        from onnx import helper

        self._helper = helper
        self._arrays = arrays
        self._nodes: list[Any] = []
        self._weights: list[Any] = []
        self._add_weight("zero", np.array(0, np.float32))
        self._add_weight("six", np.array(6, np.float32))

    def add_block(self, value: str, name: str, *, stride: int) -> str:
        """An inverted bottleneck: widen, convolve each channel, narrow, add the input."""
        inputs = value
        if f"{name}._expand_conv.weight" in self._arrays:
            value = self.add_convolution(
                value, f"{name}._expand_conv", f"{name}._bn0", stride=1, clipped=True
            )
        value = self.add_convolution(
            value, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride, clipped=True
        )
        first = f"{name}._expand_conv" if inputs != value else name
        value = self.add_convolution(
            value, f"{name}._project_conv", f"{name}._bn2", stride=1, clipped=False
        )
        if stride == 1 and self._input_channels(name) == self._output_channels(name):
            value = self._add_node("Add", [value, inputs], f"{first}.sum")
        return value

    def add_convolution(
        self, value: str, convolution: str, norm: str, *, stride: int, clipped: bool
    ) -> str:
        """A convolution with its batch norm folded in, and ReLU6 if `clipped`."""
        weight, bias = self._fold(convolution, norm)
        channels, group_channels, height, width = weight.shape
        depthwise = group_channels == 1 and "_depthwise" in convolution
        self._add_weight(f"{convolution}.weight", weight)
        self._add_weight(f"{convolution}.bias", bias)
        value = self._add_node(
            "Conv",
            [value, f"{convolution}.weight", f"{convolution}.bias"],
            convolution,
            # TensorFlow's padding: the odd pixel goes to the right and the bottom.
            auto_pad="SAME_UPPER",
            group=channels if depthwise else 1,
            kernel_shape=[height, width],
            strides=[stride, stride],
        )
        return (
            self._add_node("Clip", [value, "zero", "six"], f"{convolution}.relu6")
            if clipped
            else value
        )

    def add_head(self, value: str) -> None:
        """Mean over the picture (the features), then the linear classifier (the logits)."""
        value = self._add_node("GlobalAveragePool", [value], "pool")
        self._add_node("Flatten", [value], "features")
        self._add_weight("_fc.weight", self._arrays["_fc.weight"].astype(np.float32))
        self._add_weight("_fc.bias", self._arrays["_fc.bias"].astype(np.float32))
        self._add_node("Gemm", ["features", "_fc.weight", "_fc.bias"], "logits", transB=1)

    def serialise(self, side: int) -> bytes:
        from onnx import TensorProto, checker

        def floats(name: str, shape: list[int | str]) -> Any:
            return self._helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

        classes, width = self._arrays["_fc.weight"].shape
        graph = self._helper.make_graph(
            self._nodes,
            "efficientnet-lite",
            [floats("image", ["n", 3, side, side])],
            [floats("logits", ["n", classes]), floats("features", ["n", width])],
            self._weights,
        )
        opset = self._helper.make_operatorsetid("", OPSET)
        model = self._helper.make_model(
            graph, producer_name="shiguang", opset_imports=[opset], ir_version=IR_VERSION
        )
        checker.check_model(model)
        serialised: bytes = model.SerializeToString(deterministic=True)
        return serialised

    def _fold(self, convolution: str, norm: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        weight, gamma, beta, mean, variance = (
            self._arrays[name].astype(np.float64)
            for name in (
                f"{convolution}.weight",
                f"{norm}.weight",
                f"{norm}.bias",
                f"{norm}.running_mean",
                f"{norm}.running_var",
            )
        )
        scale = gamma / np.sqrt(variance + BATCH_NORM_EPSILON)
        folded = weight * scale[:, None, None, None]
        return folded.astype(np.float32), (beta - mean * scale).astype(np.float32)

    def _input_channels(self, block: str) -> int:
        expand = self._arrays.get(f"{block}._expand_conv.weight")
        if expand is None:
            return int(self._arrays[f"{block}._depthwise_conv.weight"].shape[0])
        return int(expand.shape[1])

    def _output_channels(self, block: str) -> int:
        return int(self._arrays[f"{block}._project_conv.weight"].shape[0])

    def _add_weight(self, name: str, array: NDArray[np.float32]) -> None:
        from onnx import numpy_helper

        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))

    def _add_node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._nodes.append(self._helper.make_node(operator, inputs, [output], **attributes))
        return output
