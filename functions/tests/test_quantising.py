"""Networks made simpler compute the same; made of 8-bit layers, nearly the same."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from functions.networks.building import RANGES
from functions.networks.quantising import (
    LayerRanges,
    layers_of,
    quantise,
    read_ranges,
    write_ranges,
)
from functions.networks.simplifying import simplify

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(1, 4, 6, 6)).astype(np.float32)


def make_model(*, opset: int = 11) -> Any:
    """Identity, Conv, batch norm, Gelu as Paddle writes it, Conv, a bias as an Add."""
    weights = {
        "w": GENERATOR.normal(size=(8, 4, 1, 1)),
        "gamma": GENERATOR.uniform(0.5, 2, 8),
        "beta": GENERATOR.normal(size=8),
        "mean": GENERATOR.normal(size=8),
        "variance": GENERATOR.uniform(0.5, 2, 8),
        "root": np.array(2**0.5),
        "one": np.array(1.0),
        "half": np.array(0.5),
        "v": GENERATOR.normal(size=(5, 8, 1, 1)),
        "bias": GENERATOR.normal(size=(1, 5, 1, 1)),
    }
    nodes = [
        helper.make_node("Identity", ["x"], ["same"]),
        helper.make_node("Conv", ["same", "w"], ["conv"]),
        helper.make_node(
            "BatchNormalization", ["conv", "gamma", "beta", "mean", "variance"], ["normed"]
        ),
        helper.make_node("Div", ["normed", "root"], ["divided"]),
        helper.make_node("Erf", ["divided"], ["erf"]),
        helper.make_node("Add", ["erf", "one"], ["plus"]),
        helper.make_node("Mul", ["normed", "plus"], ["times"]),
        helper.make_node("Mul", ["times", "half"], ["gelu"]),
        helper.make_node("Conv", ["gelu", "v"], ["second"]),
        helper.make_node("Add", ["second", "bias"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, 6, 6])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 5, 6, 6])],
        [
            numpy_helper.from_array(value.astype(np.float32), name)
            for name, value in weights.items()
        ],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_operatorsetid("", opset)], ir_version=7
    )


def run(model: Any, x: NDArray[np.float32] = X) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    output: NDArray[np.float32] = session.run(None, {"x": x})[0]
    return output


def operators(model: Any) -> list[str]:
    return [node.op_type for node in model.graph.node]


def ranges_of(model: Any) -> dict[str, LayerRanges]:
    wide = LayerRanges(input=(-5.0, 8.0), output=(-20.0, 20.0))
    return {node.output[0]: wide for node in layers_of(model)}


def test_a_simpler_network_computes_the_same() -> None:
    model = make_model()
    simpler = simplify(make_model_like(model))
    assert operators(simpler) == ["Conv", "Gelu", "Conv"]
    assert np.allclose(run(simpler), run(model), rtol=1e-4, atol=1e-5)


def make_model_like(model: Any) -> Any:
    return onnx.load_model_from_string(model.SerializeToString())


@pytest.mark.parametrize("name", ["half", "root", "one"])
def test_what_only_looks_like_a_gelu_stays(name: str) -> None:
    model = make_model()
    for weight in model.graph.initializer:
        if weight.name == name:
            weight.CopyFrom(numpy_helper.from_array(np.array(0.7, np.float32), name))
    simpler = simplify(make_model_like(model))
    assert "Gelu" not in operators(simpler)
    assert np.allclose(run(simpler), run(model), rtol=1e-4, atol=1e-5)


def test_a_value_that_others_read_too_keeps_its_convolution() -> None:
    model = make_model()
    model.graph.output.append(
        helper.make_tensor_value_info("second", TensorProto.FLOAT, [1, 5, 6, 6])
    )
    assert operators(simplify(model))[-1] == "Add"


def test_eight_bits_are_nearly_the_same() -> None:
    model = simplify(make_model())
    exact = run(model)
    quantise(model, ranges_of(model))
    onnx.checker.check_model(model)
    assert operators(model).count("QuantizeLinear") == 3  # the input and two outputs
    error = np.abs(run(model) - exact)
    assert 0 < error.mean() < 0.02 * np.abs(exact).mean() + 0.1


def test_the_same_ranges_build_the_same_bytes() -> None:
    source = simplify(make_model())
    built = [make_model_like(source) for _ in range(2)]
    for model in built:
        quantise(model, ranges_of(model))
    first, second = (model.SerializeToString(deterministic=True) for model in built)
    assert first == second


def test_a_layer_that_is_not_there_is_an_error() -> None:
    model = simplify(make_model())
    with pytest.raises(ValueError, match="no layer nowhere"):
        quantise(model, {"nowhere": LayerRanges(input=(0, 1), output=(0, 1))})


def test_what_has_no_weights_is_no_layer() -> None:
    model = simplify(make_model())
    with pytest.raises(ValueError, match="gelu"):
        quantise(model, {"gelu": LayerRanges(input=(0, 1), output=(0, 1))})


def test_values_beyond_their_range_are_cut_not_wrapped() -> None:
    model = simplify(make_model())
    first, _ = layers_of(model)
    quantise(model, {first.output[0]: LayerRanges(input=(0, 1), output=(-9, 9))})
    assert np.allclose(run(model, 100 * X), run(model, np.clip(100 * X, 0, 1)), atol=1e-5)


def test_a_channel_of_zeros_stays_zero() -> None:
    model = simplify(make_model())
    weight = next(item for item in model.graph.initializer if item.name == "v")
    weight.CopyFrom(numpy_helper.from_array(np.zeros((5, 8, 1, 1), np.float32), "v"))
    bias = run(model)
    quantise(model, ranges_of(model))
    assert np.allclose(run(model), bias, atol=1e-3)


def test_ranges_are_read_as_they_were_written(tmp_path: Path) -> None:
    ranges = {"a": LayerRanges(input=(-1.5, 2.0), output=(0.0, 0.25))}
    write_ranges(tmp_path / "toy.tsv", ranges)
    assert read_ranges(tmp_path / "toy.tsv") == ranges


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "toy.tsv").write_text("what\tever\n")
    with pytest.raises(ValueError, match="toy"):
        read_ranges(tmp_path / "toy.tsv")


@pytest.mark.parametrize("path", sorted(RANGES.glob("*.tsv")), ids=lambda path: path.stem)
def test_shipped_ranges_are_ranges(path: Path) -> None:
    ranges = read_ranges(path)
    assert len(ranges) > 5
    for layer in ranges.values():
        assert layer.input[0] < layer.input[1]
