"""Turn the bytes that a source delivers into the file that is opened."""

from collections.abc import Callable
from typing import Any

from functions.networks.efficientnet_lite import build_efficientnet_lite


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


def build_constant_weights(source: bytes) -> bytes:
    """The same graph, its weights constants rather than inputs, so that they can be folded."""
    model = _parse(source)
    weights = {weight.name for weight in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    return _serialise(model)


def build_efficientnet_lite2(source: bytes) -> bytes:
    return build_efficientnet_lite(source, side=260, depth=1.2)


# What `build` of the manifest may say.
BUILDERS: dict[str, Callable[[bytes], bytes]] = {
    "copy": copy,
    "yunet": build_yunet,
    "constant-weights": build_constant_weights,
    "efficientnet-lite2": build_efficientnet_lite2,
}


def _parse(source: bytes) -> Any:
    import onnx

    return onnx.load_model_from_string(source)


def _serialise(model: Any) -> bytes:
    import onnx

    onnx.checker.check_model(model)
    serialised: bytes = model.SerializeToString(deterministic=True)
    return serialised
