"""Make a graph simpler without changing what it computes, so that it runs faster.

Done here rather than by onnxruntime's own optimiser, whose results differ between releases and
machines: the bytes have to be those of the manifest everywhere.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

# onnxruntime's own operators; Gelu is among ONNX's from a later opset on.
MICROSOFT = "com.microsoft"


def simplify(model: Any) -> Any:
    """The same network in opset 13: biases and norms in their convolutions, Gelu in one piece.

    Per-channel weights of eight bits need opset 13.
    """
    from onnx import helper, version_converter

    model = version_converter.convert_version(model, 13)
    graph = _Graph(model.graph)
    graph.bypass_identities()
    graph.fold_norms()
    graph.fold_biases()
    graph.fuse_gelu()
    graph.write()
    model.opset_import.append(helper.make_operatorsetid(MICROSOFT, 1))
    del model.graph.value_info[:]
    return model


def _may_fold(conv: Any, constant: NDArray[Any], constants: Mapping[str, NDArray[Any]]) -> bool:
    """True if the node is a Conv without a bias and the constant holds one number a channel."""
    if conv is None or conv.op_type != "Conv":
        return False
    if len(conv.input) > 2 or conv.input[1] not in constants:
        return False
    channels = constants[conv.input[1]].shape[0]
    return constant.size == channels and constant.shape[-3:] == (channels, 1, 1)


class _Graph:
    def __init__(self, graph: Any) -> None:
        from onnx import numpy_helper

        self._graph = graph
        self._nodes: list[Any] = list(graph.node)
        self._constants: dict[str, NDArray[Any]] = {
            weight.name: numpy_helper.to_array(weight) for weight in graph.initializer
        }
        for node in self._nodes:
            if node.op_type == "Constant" and node.attribute[0].name == "value":
                self._constants[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        self._nodes = [node for node in self._nodes if node.output[0] not in self._constants]
        self._outputs = {output.name for output in graph.output}

    def bypass_identities(self) -> None:
        names: dict[str, str] = {}
        kept = []
        for node in self._nodes:
            for place, name in enumerate(node.input):
                node.input[place] = names.get(name, name)
            # Dropout drops nothing once a network is trained.
            is_idle = node.op_type in ("Identity", "Dropout")
            if is_idle and node.output[0] not in self._outputs:
                names[node.output[0]] = node.input[0]
            else:
                kept.append(node)
        self._nodes = kept

    def fold_norms(self) -> None:
        """Conv without a bias and a batch norm are a Conv with one."""
        readers = self._readers()
        makers = {node.output[0]: node for node in self._nodes}
        kept = []
        for node in self._nodes:
            conv = makers.get(node.input[0]) if node.op_type == "BatchNormalization" else None
            if (
                conv is None
                or conv.op_type != "Conv"
                or len(conv.input) > 2
                or conv.input[1] not in self._constants
                or readers[node.input[0]] != 1
            ):
                kept.append(node)
                continue
            self._fold_norm(conv, node)
        self._nodes = kept

    def _fold_norm(self, conv: Any, norm: Any) -> None:
        """In double precision and number by number, so that every machine gets the same bytes."""
        gamma, beta, mean, variance = (
            self._constants[name].astype(np.float64) for name in norm.input[1:]
        )
        epsilon = next((item.f for item in norm.attribute if item.name == "epsilon"), 1e-5)
        factor = gamma / np.sqrt(variance + epsilon)
        weight = self._constants[conv.input[1]].astype(np.float64)
        name = f"{conv.output[0]}_normed"
        self._constants[f"{name}_weight"] = (weight * factor[:, None, None, None]).astype(
            np.float32
        )
        self._constants[f"{name}_bias"] = (beta - mean * factor).astype(np.float32)
        conv.input[1] = f"{name}_weight"
        conv.input.append(f"{name}_bias")
        conv.output[0] = norm.output[0]

    def fold_biases(self) -> None:
        """Conv and an Add of one number a channel are a Conv with a bias."""
        readers = self._readers()
        makers: dict[str, Any] = {node.output[0]: node for node in self._nodes}
        kept = []
        for node in self._nodes:
            if node.op_type == "Add":
                value, constant = self._split(node)
                conv: Any = makers.get(value)
                if (
                    constant is not None
                    and readers[value] == 1
                    and _may_fold(conv, constant, self._constants)
                ):
                    bias = f"{conv.output[0]}_bias"
                    self._constants[bias] = constant.reshape(-1)
                    conv.input.append(bias)
                    conv.output[0] = node.output[0]
                    continue
            kept.append(node)
        self._nodes = kept

    def fuse_gelu(self) -> None:
        """x * (1 + erf(x / sqrt(2))) * .5, in the order in which Paddle writes it."""
        from onnx import helper

        users: dict[str, list[Any]] = {}
        for node in self._nodes:
            for name in node.input:
                users.setdefault(name, []).append(node)
        dropped: set[int] = set()
        added: dict[int, Any] = {}
        for divide in self._nodes:
            chain = self._gelu_chain(divide, users)
            if chain is not None:
                dropped |= {id(node) for node in (divide, *chain)}
                added[id(chain[-1])] = helper.make_node(
                    "Gelu", [divide.input[0]], [chain[-1].output[0]], domain=MICROSOFT
                )
        nodes = [added.get(id(node), node) for node in self._nodes]
        self._nodes = [node for node in nodes if id(node) not in dropped]

    def _gelu_chain(self, divide: Any, users: dict[str, list[Any]]) -> list[Any] | None:
        """The nodes after a division by sqrt(2) that with it are a Gelu."""
        if divide.op_type != "Div" or not self._is(divide.input[1], 2**0.5):
            return None
        chain, value = [], divide.output[0]
        halved = by_itself = False
        for _ in range(4):
            if len(users.get(value, [])) != 1:
                return None
            node = users[value][0]
            chain.append(node)
            _, constant = self._split(node)
            if node.op_type == "Mul" and divide.input[0] in node.input:
                by_itself = True
            elif node.op_type == "Mul" and constant is not None and np.allclose(constant, 0.5):
                halved = True
            value = node.output[0]
        kinds = sorted(node.op_type for node in chain)
        added = next((self._split(node)[1] for node in chain if node.op_type == "Add"), None)
        plus_one = added is not None and bool(np.allclose(added, 1))
        is_gelu = kinds == ["Add", "Erf", "Mul", "Mul"] and halved and by_itself and plus_one
        return chain if is_gelu else None

    def _is(self, name: str, value: float) -> bool:
        constant = self._constants.get(name)
        return constant is not None and constant.size == 1 and abs(float(constant) - value) < 1e-4

    def _split(self, node: Any) -> tuple[str, NDArray[Any] | None]:
        """The variable input of a node and its constant one, whichever comes first."""
        constants = [name for name in node.input if name in self._constants]
        variables = [name for name in node.input if name not in self._constants]
        if len(constants) == 1 and len(variables) == 1:
            return variables[0], self._constants[constants[0]]
        return node.input[0], None

    def _readers(self) -> Counter[str]:
        readers = Counter(name for node in self._nodes for name in node.input)
        readers.update(self._outputs)
        return readers

    def write(self) -> None:
        """Nodes and the constants they use, each in one place."""
        from onnx import numpy_helper

        del self._graph.node[:]
        self._graph.node.extend(self._nodes)
        used = dict.fromkeys(name for node in self._nodes for name in node.input)
        del self._graph.initializer[:]
        self._graph.initializer.extend(
            numpy_helper.from_array(np.ascontiguousarray(self._constants[name]), name)
            for name in used
            if name in self._constants
        )
        # Weights are constants, not inputs that may be overridden.
        inputs = [value for value in self._graph.input if value.name not in self._constants]
        del self._graph.input[:]
        self._graph.input.extend(inputs)
