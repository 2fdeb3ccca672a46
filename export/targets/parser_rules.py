"""What the ONNX parser of a TensorRT release asks of single nodes and weights, beyond the opset.

Operators and types come from parser_table.py; the restrictions below from docs/operators.md (to
10.15) and the importers (builtin_op_importers.cpp, to 10.1) of
https://github.com/onnx/onnx-tensorrt.
Knows graphs, not boards.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from catseye.export.precision.onnx_graph import consumers, opset_of, producers, weights
from catseye.export.targets.parser_table import types_by_operator

LETTERS: dict[int, str] = {
    TensorProto.FLOAT: "f",
    TensorProto.FLOAT16: "h",
    TensorProto.BFLOAT16: "b",
    TensorProto.INT32: "i",
    TensorProto.INT64: "l",
    TensorProto.INT8: "q",
    TensorProto.UINT8: "u",
    TensorProto.BOOL: "t",
}
RESIZE_MODES = {
    "mode": ("nearest", "linear"),
    "coordinate_transformation_mode": (
        "half_pixel",
        "pytorch_half_pixel",
        "tf_half_pixel_for_nn",
        "asymmetric",
        "align_corners",
    ),
    "nearest_mode": ("floor", "ceil", "round_prefer_floor", "round_prefer_ceil"),
}
REDUCTIONS = tuple("L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare".split())
Rule = Callable[[onnx.NodeProto, "Graph"], Iterator[str]]


class Graph(NamedTuple):
    """What the rules ask: the element type of every tensor, the weights, and who writes and reads
    what."""

    release: str
    opset: int
    types: dict[str, int]
    weights: dict[str, onnx.TensorProto]
    producers: dict[str, onnx.NodeProto]
    consumers: dict[str, list[onnx.NodeProto]]

    def is_constant(self, name: str) -> bool:
        """Whether a tensor is a weight, as it is or through a DequantizeLinear."""
        node = self.producers.get(name)
        return name in self.weights or (
            node is not None
            and node.op_type == "DequantizeLinear"
            and node.input[0] in self.weights
        )


def read_graph(model: onnx.ModelProto, release: str) -> Graph:
    inferred = onnx.shape_inference.infer_shapes(model).graph
    values = (*inferred.input, *inferred.value_info, *inferred.output)
    types = {value.name: value.type.tensor_type.elem_type for value in values}
    types.update({tensor.name: tensor.data_type for tensor in model.graph.initializer})
    return Graph(
        release=release,
        opset=opset_of(model),
        types=types,
        weights=weights(model),
        producers=producers(model),
        consumers=consumers(model),
    )


def node_objections(node: onnx.NodeProto, graph: Graph) -> Iterator[str]:
    known = types_by_operator(graph.release)
    if node.domain not in ("", "ai.onnx") or node.op_type not in known:
        yield f"TensorRT {graph.release} has no such operator"
        return
    letter = LETTERS.get(graph.types.get(node.input[0], 0), "") if node.input else ""
    letter = "i" if letter == "l" and graph.release.startswith("8") else letter  # read as INT32
    at_border = letter == "u" and node.op_type == "Cast"  # _bytes looks at those
    if letter and letter not in known[node.op_type] and not at_border:
        yield (
            f"TensorRT {graph.release} does not take"
            f" {TensorProto.DataType.Name(graph.types[node.input[0]])}"
        )
    if node.op_type in RULES:
        yield from RULES[node.op_type](node, graph)


def _convolution(node: onnx.NodeProto, graph: Graph) -> Iterator[str]:
    if not graph.is_constant(node.input[1]):
        yield "its weight must be a constant"
    elif len(_weight_shape(node.input[1], graph)) not in (4, 5):
        yield "only 2D and 3D"
    if len(node.input) > 2 and node.input[2] not in graph.weights:
        yield "its bias must be an initializer"


def _weight_shape(name: str, graph: Graph) -> list[int]:
    return list(
        graph.weights[name if name in graph.weights else graph.producers[name].input[0]].dims
    )


def _resize(node: onnx.NodeProto, graph: Graph) -> Iterator[str]:
    for name, modes in RESIZE_MODES.items():
        found = text_attribute(node, name)
        if found and found not in modes:
            yield f"{name} {found} is none of {', '.join(modes)}"
    if number_attribute(node, "antialias"):
        yield "antialias would be passed over"
    if text_attribute(node, "keep_aspect_ratio_policy") not in ("", "stretch"):
        yield "only sides that are stretched"
    by_scales = len(node.input) > 2 and node.input[2] != ""
    axes = next((list(each.ints) for each in node.attribute if each.name == "axes"), [])
    if by_scales and axes != list(range(len(axes))):
        yield "scales of some axes only"


def _pad(node: onnx.NodeProto, graph: Graph) -> Iterator[str]:
    modes = ("", "constant", "reflect", "edge", "wrap")
    if text_attribute(node, "mode") not in modes[: 4 if graph.release.startswith("8") else 5]:
        yield f"mode {text_attribute(node, 'mode')}"
    yield from _constant_inputs(3)(node, graph)


def _grid_sample(node: onnx.NodeProto, graph: Graph) -> Iterator[str]:
    mode = text_attribute(node, "mode")
    if mode not in ("", "bilinear", "nearest", "bicubic"):
        yield f"mode {mode}, the name of opset 20: export it at 16 to 19"


def _scatter(node: onnx.NodeProto, graph: Graph) -> Iterator[str]:
    """The releases of 8 pass the reduction over."""
    reduction = text_attribute(node, "reduction")
    late = node.op_type == "ScatterElements" and not graph.release.startswith("8")
    if reduction not in ("", "none") and not late:
        yield f"reduction {reduction}"


def _last_index(node: onnx.NodeProto, graph: Graph) -> Iterator[str]:
    if number_attribute(node, "select_last_index"):
        yield "select_last_index"


def _first_output(node: onnx.NodeProto, graph: Graph) -> Iterator[str]:
    if any(node.output[1:]):
        yield "only its first output"


def _average_pool(node: onnx.NodeProto, graph: Graph) -> Iterator[str]:
    if any(each.name == "dilations" and set(each.ints) - {1} for each in node.attribute):
        yield "dilations"


def _instance_normalization(node: onnx.NodeProto, graph: Graph) -> Iterator[str]:
    if graph.release in ("8.2", "8.5"):
        yield from _constant_inputs(1, 2)(node, graph)


def _quantisation(node: onnx.NodeProto, graph: Graph) -> Iterator[str]:
    scale = graph.weights.get(node.input[1])
    zero_point = graph.weights.get(node.input[2]) if len(node.input) > 2 else None
    if scale is None or zero_point is None:
        yield "it needs scale and zero point as initializers"
        return
    if graph.opset < 13 and len(scale.dims) and scale.dims[0] > 1:
        yield f"a scale per channel needs opset 13, this is {graph.opset}"
    if zero_point.data_type != TensorProto.INT8:
        yield f"only INT8, and this is {TensorProto.DataType.Name(zero_point.data_type)}"
    if numpy_helper.to_array(zero_point).any():
        yield "the zero point must be 0"
    if (numpy_helper.to_array(scale) <= 0).any():
        yield "every scale must be above 0"


def _einsum(node: onnx.NodeProto, graph: Graph) -> Iterator[str]:
    equation = text_attribute(node, "equation")
    inputs = equation.split("->")[0].replace(" ", "").split(",")
    if graph.release.startswith("8") and (
        "." in equation or any(len(set(term)) < len(term) for term in inputs)
    ):
        yield f"{equation}: ellipsis and diagonals are not supported"


def _max_pool(node: onnx.NodeProto, graph: Graph) -> Iterator[str]:
    if len(node.output) > 1:
        yield "its output of indices is not supported"


def _number_of_best(node: onnx.NodeProto, graph: Graph) -> Iterator[str]:
    """Computed numbers are taken from 8.6 on."""
    if graph.release in ("8.2", "8.5"):
        yield from _constant_inputs(1)(node, graph)
    if any(each.name == "sorted" and each.i == 0 for each in node.attribute):
        yield "sorted 0"


def _constant_inputs(*indices: int) -> Rule:
    def rule(node: onnx.NodeProto, graph: Graph) -> Iterator[str]:
        for index in indices:
            if (
                len(node.input) > index
                and node.input[index]
                and node.input[index] not in graph.weights
            ):
                yield f"input {index}, {node.input[index]}, must be an initializer"

    return rule


RULES: dict[str, Rule] = {
    "Conv": _convolution,
    "ConvTranspose": _convolution,
    "Resize": _resize,
    "Einsum": _einsum,
    "MaxPool": _max_pool,
    "AveragePool": _average_pool,
    "Pad": _pad,
    "GridSample": _grid_sample,
    "ScatterND": _scatter,
    "ScatterElements": _scatter,
    "ArgMax": _last_index,
    "ArgMin": _last_index,
    "LayerNormalization": _first_output,
    "InstanceNormalization": _instance_normalization,
    "QuantizeLinear": _quantisation,
    "DequantizeLinear": _quantisation,
    "Slice": _constant_inputs(3),
    "Squeeze": _constant_inputs(1),
    "Unsqueeze": _constant_inputs(1),
    "TopK": _number_of_best,
    "CumSum": _constant_inputs(1),
    **{f"Reduce{name}": _constant_inputs(1) for name in REDUCTIONS},
}


def wide_integers(graph: Graph) -> Iterator[str]:
    """The releases of 8 cut INT64 weights to INT32: harmless where they are the ends of a slice,
    wrong elsewhere."""
    if not graph.release.startswith("8"):
        return
    limits = np.iinfo(np.int32)
    for name, tensor in graph.weights.items():
        if tensor.data_type == TensorProto.INT64:
            values = numpy_helper.to_array(tensor)
            wide = values.size and (values.min() < limits.min or values.max() > limits.max)
            if wide and any(node.op_type != "Slice" for node in graph.consumers.get(name, [])):
                yield f"weight {name}: INT64 beyond INT32, which TensorRT {graph.release} would cut"


def text_attribute(node: onnx.NodeProto, name: str) -> str:
    """An attribute that is text, "" where the node has none."""
    return next((each.s.decode() for each in node.attribute if each.name == name), "")


def number_attribute(node: onnx.NodeProto, name: str) -> int:
    """An attribute that is a whole number, 0 where the node has none."""
    return next((each.i for each in node.attribute if each.name == name), 0)
