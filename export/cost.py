"""What a model file costs: multiplies, parameters, activations and receptive field, layer by layer.

Convolution: (output positions) x (filter positions) x K(l-1) / groups multiplies for each of the
K(l) feature maps, the lecture's count. Shapes are static, so everything follows from the graph;
nothing is run. The roofline (Williams et al. 2009) takes for every layer the larger of operations /
peak rate and bytes / bandwidth. Knows ONNX graphs, not boards.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import onnx
from onnx import numpy_helper, shape_inference

from catseye.runtime.errors import CatseyeError

FUSED = {
    "Relu",
    "Add",
    "Cast",
    "Identity",
    "BatchNormalization",
    "Sub",
    "Mul",
    "Div",
    "Transpose",
    "Reshape",
    # a compiler folds these into their neighbours: no time of their own
    "Flatten",
    "Slice",
    "Pad",
}
FP16_BYTES = 2
MULTIPLY_ADD = 2  # operations
# features x pixels of the largest layer against the smallest that still counts as roughly
# constant
BALANCED = 4.0


class Layer(NamedTuple):
    """One node of the graph; counts are for one item of the batch.

    shape: of its output without the batch.  activations: elements of that output.  receptive_wh:
    pixels of the input that one output element depends on, None where that is all of it.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    multiplies: int
    parameters: int
    activations: int
    receptive_wh: tuple[int, int] | None
    input_elements: int


Shapes = dict[str, tuple[int, ...]]


class Reach(NamedTuple):
    """How far one element of a tensor sees, and how many input pixels lie between neighbours; (w,
    h) each."""

    size_wh: tuple[float, float] = (1, 1)
    step_wh: tuple[float, float] = (1, 1)


class Law(NamedTuple):
    """One rule of thumb for the number of filters, what was found, and whether it holds."""

    law: str
    found: str
    ok: bool


def layers_of(data: bytes) -> list[Layer]:
    """The layers of an ONNX file's bytes in the order of its graph. Raises CatseyeError where the
    shape of what a node writes does not follow from the graph."""
    graph = shape_inference.infer_shapes(onnx.load_from_string(data), data_prop=True).graph
    weights = {weight.name: numpy_helper.to_array(weight) for weight in graph.initializer}
    shapes = {info.name: _shape(info) for info in [*graph.input, *graph.value_info, *graph.output]}
    shapes |= {name: weight.shape for name, weight in weights.items()}
    unknown = [node.name for node in graph.node if node.output[0] not in shapes]
    if unknown:
        raise CatseyeError(f"node {unknown[0]!r}", "one whose output has a shape that onnx infers")
    batch = shapes[graph.input[0].name][0]
    reaches: dict[str, Reach | None] = {graph.input[0].name: Reach()}
    layers = []
    for node in graph.node:
        moving = [name for name in node.input if name in reaches]
        reaches |= {
            name: _reach(node, [reaches[name] for name in moving], shapes) for name in node.output
        }
        layers.append(_layer(node, shapes, weights, batch, reaches[node.output[0]]))
    return layers


def laws(layers: Sequence[Layer], samples: int) -> list[Law]:
    """The lecture's rules for the number of filters.

    samples: what the network was trained on. Its rules are of thumb: `ok` is a statement, not a
    verdict.
    """
    maps = [layer for layer in layers if layer.kind == "Conv"]
    sizes = [layer.activations for layer in maps]
    falls = [b.name for a, b in zip(maps, maps[1:]) if b.activations < a.activations]
    parameters = sum(layer.parameters for layer in layers)
    spread = max(sizes) / min(sizes) if sizes else 1.0
    return [
        Law(
            "features x pixels roughly constant",
            f"largest / smallest {spread:.1f}",
            ok=spread <= BALANCED,
        ),
        Law(
            "activations do not decrease",
            f"they do at {len(falls)} of {max(0, len(maps) - 1)} steps",
            ok=not falls,
        ),
        Law(
            "samples for the capacity",
            f"{samples / max(parameters, 1):.3g} samples per parameter",
            ok=samples >= parameters,
        ),
    ]


def roofline_ms(layers: Sequence[Layer], tflops: float, bandwidth_gbs: float) -> float:
    """The least time one item can take in FP16 on a device of that peak rate (10^12 operations / s)
    and bandwidth."""
    return sum(
        _least_ms(layer, tflops, bandwidth_gbs) for layer in layers if layer.kind not in FUSED
    )


def _least_ms(layer: Layer, tflops: float, bandwidth_gbs: float) -> float:
    moved = FP16_BYTES * (layer.input_elements + layer.activations + layer.parameters)
    return max(MULTIPLY_ADD * layer.multiplies / (tflops * 1e9), moved / (bandwidth_gbs * 1e6))


def _layer(
    node: onnx.NodeProto,
    shapes: Shapes,
    weights: dict[str, np.ndarray],
    batch: int,
    reach: Reach | None,
) -> Layer:
    shape = shapes[node.output[0]]
    elements = math.prod(shape) // batch
    learned = [weights[name].size for name in node.input if name in weights]
    moving = [name for name in node.input if name not in weights and name in shapes]
    seen = None if reach is None else (math.ceil(reach.size_wh[0]), math.ceil(reach.size_wh[1]))
    return Layer(
        name=node.name or node.output[0],
        kind=node.op_type,
        shape=tuple(shape[1:]),
        multiplies=_multiplies(node, shapes, elements),
        parameters=sum(learned) if _is_learned(node) else 0,
        activations=elements,
        receptive_wh=seen,
        input_elements=sum(math.prod(shapes[name]) for name in moving) // batch,
    )


def _is_learned(node: onnx.NodeProto) -> bool:
    return node.op_type in ("Conv", "ConvTranspose", "Gemm", "MatMul")


def _multiplies(node: onnx.NodeProto, shapes: Shapes, elements: int) -> int:
    """Of a convolution or a product of matrices; activation functions and additions are not
    counted."""
    if node.op_type == "Conv":
        return elements * math.prod(shapes[node.input[1]][1:])  # (K, K' / groups, m, n)
    if node.op_type == "ConvTranspose":
        channels_in, kernel = shapes[node.input[0]][1:], shapes[node.input[1]][1:]
        return math.prod(channels_in) * math.prod(kernel)
    if node.op_type in ("Gemm", "MatMul"):
        inner = shapes[node.input[0]][-1]
        return elements * inner
    return 0


def _reach(node: onnx.NodeProto, before: list[Reach | None], shapes: Shapes) -> Reach | None:
    """What an output element sees of the input; None: all of it."""
    if not before:
        return Reach()
    if node.op_type in ("Gemm", "MatMul", "GlobalAveragePool") or None in before:
        return None
    known = [reach for reach in before if reach is not None]
    size: tuple[float, ...] = tuple(max(reach.size_wh[i] for reach in known) for i in (0, 1))
    step = known[0].step_wh
    if node.op_type in ("Conv", "MaxPool", "AveragePool"):
        kernel, stride, dilation = (
            _pair(node, key) for key in ("kernel_shape", "strides", "dilations")
        )
        size = tuple(size[i] + (kernel[i] - 1) * dilation[i] * step[i] for i in (0, 1))
        step = (step[0] * stride[0], step[1] * stride[1])
    elif node.op_type == "ConvTranspose":
        kernel, stride = _pair(node, "kernel_shape"), _pair(node, "strides")
        size = tuple(size[i] + (-(-kernel[i] // stride[i]) - 1) * step[i] for i in (0, 1))
        step = (step[0] / stride[0], step[1] / stride[1])
    elif node.op_type == "Resize":
        grown = [b / a for a, b in zip(shapes[node.input[0]][2:], shapes[node.output[0]][2:])][::-1]
        size = (size[0] + step[0], size[1] + step[1])  # bilinear: a neighbour more
        step = (step[0] / grown[0], step[1] / grown[1])
    return Reach((size[0], size[1]), step)


def _pair(node: onnx.NodeProto, name: str) -> tuple[int, int]:
    """A (w, h) attribute; ONNX keeps (h, w) and leaves ones out."""
    values = next((list(a.ints) for a in node.attribute if a.name == name), [1, 1])
    return values[1], values[0]


def _shape(info: onnx.ValueInfoProto) -> tuple[int, ...]:
    return tuple(dimension.dim_value for dimension in info.type.tensor_type.shape.dim)
