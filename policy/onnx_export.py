"""The policy as an ONNX graph of float64, normalisation and squashing inside.

Built node by node so that equal weights give equal bytes.

Built by hand and not by an exporter: no names from a tracer, no version-dependent rewriting, and nothing to import or
read once the training process is confined.
"""

from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from policy.network import Policy, squash_of

_OPSET = 17
_IR_VERSION = 8
_LARGEST = np.finfo(np.float64).max


@dataclass
class _Graph:
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, name: str, value: Tensor) -> str:
        array = value.detach().numpy()
        array = array if array.dtype == np.bool_ else np.clip(array, -_LARGEST, _LARGEST)
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def apply(self, operation: str, *inputs: str) -> str:
        name = f"{operation.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], name=name))
        return name


def to_onnx(policy: Policy, observations: tuple[str, ...], actions: tuple[str, ...]) -> bytes:
    """The bytes of the model.

    Input `observation` and output `action` have the names of their columns in the documentation.
    """
    graph = _Graph()
    centred = graph.apply("Sub", "observation", graph.constant("observation_mean", policy.observation_mean))
    signal = graph.apply("Div", centred, graph.constant("observation_sd", policy.observation_sd))
    for place, layer in enumerate(policy.body.children()):
        signal = _layer(graph, place, layer, signal)
    result = _support(graph, policy, signal)
    graph.nodes.append(helper.make_node("Identity", [result], ["action"], name="action"))
    return bytes(_model(graph, observations, actions).SerializeToString(deterministic=True))


def _layer(graph: _Graph, place: int, layer: nn.Module, signal: str) -> str:
    if isinstance(layer, nn.Linear):
        product = graph.apply("MatMul", signal, graph.constant(f"weight_{place}", layer.weight.T))
        return graph.apply("Add", product, graph.constant(f"bias_{place}", layer.bias))
    if isinstance(layer, nn.Tanh):
        return graph.apply("Tanh", signal)
    raise TypeError(type(layer).__name__)


def _support(graph: _Graph, policy: Policy, output: str) -> str:
    stretched = graph.apply("Mul", output, graph.constant("action_sd", policy.action_sd))
    free = graph.apply("Add", stretched, graph.constant("action_mean", policy.action_mean))
    raised = graph.apply("Max", free, graph.constant("lower", policy.lower))
    clipped = graph.apply("Min", raised, graph.constant("upper", policy.upper))
    if policy.kind == "affine":
        return clipped
    squash = squash_of(policy)
    moved = graph.apply(
        "Add", graph.apply("Mul", output, graph.constant("gain", squash.gain)), graph.constant("offset", squash.offset)
    )
    wide = graph.apply("Mul", graph.apply("Tanh", moved), graph.constant("half", squash.half))
    squashed = graph.apply("Add", wide, graph.constant("middle", squash.middle))
    return graph.apply("Where", graph.constant("bounded", squash.bounded), squashed, clipped)


def _model(graph: _Graph, observations: tuple[str, ...], actions: tuple[str, ...]) -> onnx.ModelProto:
    seen = helper.make_tensor_value_info("observation", TensorProto.DOUBLE, ["batch", len(observations)])
    done = helper.make_tensor_value_info("action", TensorProto.DOUBLE, ["batch", len(actions)])
    described = f"observation: {', '.join(observations)}; action: {', '.join(actions)}"
    body = helper.make_graph(graph.nodes, "policy", [seen], [done], graph.constants, doc_string=described)
    opset = [helper.make_opsetid("", _OPSET)]
    return helper.make_model(body, producer_name="glassworld", opset_imports=opset, ir_version=_IR_VERSION)
