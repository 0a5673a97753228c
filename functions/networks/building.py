"""Turn the bytes that a source delivers into the file that is opened."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from functions.networks.efficientnet_lite import build_efficientnet_lite
from functions.networks.quantising import quantise, read_ranges
from functions.networks.simplifying import simplify

RANGES = Path(__file__).with_name("ranges")


def copy(source: bytes) -> bytes:
    return source


def build_yunet(source: bytes) -> bytes:
    """YuNet for any picture whose sides are multiples of 32.

    The published file says 640x640, but nothing in its graph depends on it: naming the two
    dimensions and dropping the shapes written down for the values in between frees it.
    """
    model = _parse(source)
    dimensions = model.graph.input[0].type.tensor_type.shape.dim
    dimensions[2].dim_param = "height"
    dimensions[3].dim_param = "width"
    for output in model.graph.output:
        output.type.tensor_type.shape.dim[1].dim_param = f"cells_{output.name}"
    del model.graph.value_info[:]
    return _serialise(model)


def build_sface(source: bytes) -> bytes:
    """SFace, its pointwise convolutions in 8 bits: 16 ms, now 4."""
    model = simplify_sface(source)
    quantise(model, read_ranges(RANGES / "sface.tsv"))
    return _serialise(model)


def simplify_sface(source: bytes) -> Any:
    """SFace, giving the same embeddings in less than half the time (16 ms, now 7).

    Its weights become constants rather than inputs, so that batch norm can be folded. Each
    PRelu, which onnxruntime computes number by number with a branch that faces make it guess
    wrong, becomes four operations on whole arrays: slope * x + (1 - slope) * max(x, 0).
    """
    from onnx import helper, numpy_helper

    model = _parse(source)
    graph = model.graph
    weights = {weight.name: weight for weight in graph.initializer}
    inputs = [value for value in graph.input if value.name not in weights]
    del graph.input[:]
    graph.input.extend(inputs)
    nodes: list[Any] = []
    for node in graph.node:
        if node.op_type != "PRelu":
            nodes.append(node)
            continue
        (value, slope), output = node.input, node.output[0]
        slopes = numpy_helper.to_array(weights[slope]).astype(np.float64)
        rest = numpy_helper.from_array((1 - slopes).astype(np.float32), f"{slope}_rest")
        graph.initializer.append(rest)
        nodes += [
            helper.make_node("Relu", [value], [f"{output}_positive"]),
            helper.make_node("Mul", [value, slope], [f"{output}_sloped"]),
            helper.make_node("Mul", [f"{output}_positive", rest.name], [f"{output}_rest"]),
            helper.make_node("Add", [f"{output}_sloped", f"{output}_rest"], [output]),
        ]
    del graph.node[:]
    graph.node.extend(nodes)
    return simplify(model)


def simplify_text_network(source: bytes) -> Any:
    return simplify(_parse(source))


def build_text_detector(source: bytes) -> bytes:
    """PP-OCR's detector with 8-bit pointwise convolutions: 47 ms for 640x512, now 38."""
    model = simplify_text_network(source)
    quantise(model, read_ranges(RANGES / "ppocr-v6-small-det.tsv"))
    return _serialise(model)


def simplify_text_recognizer(source: bytes) -> Any:
    """PP-OCR's recogniser for one line at a time.

    Without other lines beside it its last product is a Gemm, which adds its bias itself. Gelu is
    computed by tanh, which is off by .0005 at most: less than what 8 bits round away.
    """
    from onnx import helper, numpy_helper

    model = simplify_text_network(source)
    graph = model.graph
    *nodes, product, bias, softmax = graph.node
    kinds = [node.op_type for node in (product, bias, softmax)]
    if kinds != ["MatMul", "Add", "Softmax"]:
        raise ValueError(f"the recogniser ends in {kinds}")
    value, weights = product.input
    channels = next(each.dims[0] for each in graph.initializer if each.name == weights)
    graph.initializer.append(numpy_helper.from_array(np.array([-1, channels]), "one_line"))
    (output,) = graph.output
    nodes += [
        helper.make_node("Reshape", [value, "one_line"], [f"{value}_line"]),
        helper.make_node("Gemm", [f"{value}_line", weights, bias.input[1]], [product.output[0]]),
        helper.make_node("Softmax", [product.output[0]], [output.name], axis=1),
    ]
    for node in nodes:
        if node.op_type == "Gelu":
            node.op_type = "FastGelu"
    del graph.node[:]
    graph.node.extend(nodes)
    del output.type.tensor_type.shape.dim[0]
    return model


def build_text_recognizer(source: bytes) -> bytes:
    """PP-OCR's recogniser with 8-bit pointwise convolutions: 20 ms for 640 px, now 11."""
    model = simplify_text_recognizer(source)
    quantise(model, read_ranges(RANGES / "ppocr-v6-small-rec.tsv"))
    return _serialise(model)


def build_efficientnet_lite2(source: bytes) -> bytes:
    return build_efficientnet_lite(source, side=260, depth=1.2)


def build_efficientnet_lite2_8bit(source: bytes) -> bytes:
    model = _parse(build_efficientnet_lite2(source))
    quantise(model, read_ranges(RANGES / "efficientnet-lite2.tsv"))
    return _serialise(model)


# What `build` of the manifest may say.
BUILDERS: dict[str, Callable[[bytes], bytes]] = {
    "copy": copy,
    "yunet": build_yunet,
    "sface": build_sface,
    "text-detector": build_text_detector,
    "text-recognizer": build_text_recognizer,
    "efficientnet-lite2": build_efficientnet_lite2,
    "efficientnet-lite2-8bit": build_efficientnet_lite2_8bit,
}

# The networks that are built in 8 bits, before they are: what ranges are measured on.
SIMPLIFIED: dict[str, Callable[[bytes], Any]] = {
    "ppocr-v6-small-det": simplify_text_network,
    "ppocr-v6-small-rec": simplify_text_recognizer,
    "sface": simplify_sface,
    "efficientnet-lite2": lambda source: _parse(build_efficientnet_lite2(source)),
}


def _parse(source: bytes) -> Any:
    import onnx

    return onnx.load_model_from_string(source)


def _serialise(model: Any) -> bytes:
    import onnx

    onnx.checker.check_model(model)
    serialised: bytes = model.SerializeToString(deterministic=True)
    return serialised
