"""INT8: a float graph with QuantizeLinear / DequantizeLinear pairs where its weighted layers take
their inputs.

The pairs come from onnxruntime's static quantiser; which tensors get one, and over which interval,
is decided here. Weights are int8 with a scale per output channel; biases make up for what rounding
them adds on average (weight_rounding). Two dialects, because nobody is
fast at both:

    u8s8  any   activations uint8 from lowest to highest, biases int32: VNNI multiplies u8 by s8 and
                adds up in 32 bits; before it two products share 16 bits, so no two neighbours of a
                weight add up to more than those hold
    s8s8  jp*   activations int8 around zero, zero point 0, biases float: the only form that
                TensorRT takes

Every operation quantises what it reads and never what it writes, so that Conv + ReLU (+ Add) stays
one kernel, and on the CPU the pooling and adding between convolutions is quantised too, or each
would cost a pass to float and back (onnxruntime has no bilinear Resize in int8: that one does).
Layers at the border stay float: the first, which sees the raw frame, with the depthwise block
behind it where there is one, and the last, whose answers are compared.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import QuantType
from onnxruntime.quantization.calibrate import CalibrationMethod, TensorData, TensorsData
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

from catseye.export.precision.equalisation import is_depthwise
from catseye.export.precision.onnx_graph import consumers, float_array, producers, weights
from catseye.export.precision.ranges import Range
from catseye.export.precision.weight_rounding import correct_biases, output_axis, weight_scales
from catseye.runtime.errors import CatseyeError

OPSET = 13  # the first whose Q/DQ take a scale per channel, and the last that TensorRT 8.2 takes
WEIGHTED = ("Conv", "ConvTranspose", "Gemm", "MatMul")
PASSING = ("MaxPool",)  # writes values that it read, so its input and its output share one scale
# quantised on the CPU, so that the way from one convolution to the next stays int8
BETWEEN = ("Add", *PASSING)
# the quantiser's name for a tensor that has been through a pair
DEQUANTIZED = "_DequantizeLinear_Output"


def quantisable_layers(model: onnx.ModelProto, target: str) -> list[str]:
    """Names of the nodes that INT8 is for, in the order of the graph: between the first weighted
    layers and the last."""
    nodes, known = list(model.graph.node), weights(model)
    weighted = [index for index, node in enumerate(nodes) if node.op_type in WEIGHTED]
    first = _at_the_frame([nodes[index] for index in weighted], known)
    inner = weighted[first:-1] or weighted[1:-1]  # the last sees the answer
    if not inner:
        return []
    kinds = WEIGHTED + (BETWEEN if target == "any" else ())
    return [
        nodes[index].name
        for index in range(inner[0], inner[-1] + 1)
        if nodes[index].op_type in kinds
    ]


def _at_the_frame(weighted: list[onnx.NodeProto], known: dict[str, onnx.TensorProto]) -> int:
    """How many of the weighted layers see the raw frame: the first, and where a depthwise one
    follows, which has few weights and wide ranges still, it and the 1x1 that sums its channels."""
    depthwise = [
        node.op_type == "Conv" and node.input[1] in known and is_depthwise(node, known)
        for node in weighted[1:2]
    ]
    return 3 if depthwise == [True] else 1


def lowered_tensors(model: onnx.ModelProto, target: str) -> set[str]:
    """The tensors that those layers read as INT8."""
    layers, known = set(quantisable_layers(model, target)), weights(model)
    return {
        name
        for node in model.graph.node
        if node.name in layers
        for name in node.input
        if name and name not in known
    }


def quantised(
    model: onnx.ModelProto,
    ranges: dict[str, Range],
    target: str,
    means: Mapping[str, np.ndarray] | None = None,
) -> onnx.ModelProto:
    """The INT8 form of a float graph of opset 13, which stays as it is. means: (C,) of each tensor,
    for the biases. Raises CatseyeError where nothing can be lowered."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    layers = quantisable_layers(model, target)
    if not layers:
        raise CatseyeError(
            "a network without weighted layers between its first and its last",
            "one that INT8 can do something for",
            "leave --precision int8 out",
        )
    scales = weight_scales(copy, layers, neighbours_fit=target == "any")
    correct_biases(copy, scales, means or {})
    quantizer = _quantizer(copy, ranges, target, layers, _overrides(copy, scales))
    if target == "any":
        for name in _ends_of_int8(model, layers):
            quantizer.quantize_activation_tensor(name)
    with _silent_quantiser():
        quantizer.quantize_model()
    _quantise_skips(quantizer.model.model)
    quantizer.model.topological_sort()
    return quantizer.model.model


def _quantizer(
    model: onnx.ModelProto,
    ranges: dict[str, Range],
    target: str,
    layers: list[str],
    overrides: dict[str, list[dict[str, Any]]],
) -> QDQQuantizer:
    symmetric = target != "any"
    seen = {
        name: TensorData(lowest=float_array(low), highest=float_array(high))
        for name, (low, high) in ranges.items()
    }
    options = {
        "ActivationSymmetric": symmetric,
        "WeightSymmetric": True,
        "QuantizeBias": not symmetric,
        "OpTypesToExcludeOutputQuantization": [*WEIGHTED, "Add"],
        "TensorQuantOverrides": overrides,
    }
    return QDQQuantizer(
        model,
        per_channel=True,
        reduce_range=False,
        weight_qType=QuantType.QInt8,
        activation_qType=QuantType.QInt8 if symmetric else QuantType.QUInt8,
        tensors_range=TensorsData(CalibrationMethod.MinMax, seen),
        nodes_to_quantize=layers,
        nodes_to_exclude=[],
        op_types_to_quantize=[*WEIGHTED, *BETWEEN],
        extra_options=options,
    )


def _overrides(
    model: onnx.ModelProto, scales: Mapping[str, np.ndarray]
) -> dict[str, list[dict[str, Any]]]:
    """Our scales of weights, as the quantiser takes them."""
    axes = {node.input[1]: output_axis(node) for node in model.graph.node if len(node.input) > 1}
    return {
        name: [{"axis": axes[name], "scale": scale, "zero_point": np.int8(0)} for scale in each]
        for name, each in scales.items()
    }


@contextmanager
def _silent_quantiser() -> Iterator[None]:
    """It tells the root logger of every channel whose weights are so small that its bias needs a
    larger step, which is as it should be."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.WARNING)
    try:
        yield
    finally:
        root.setLevel(level)


def _ends_of_int8(model: onnx.ModelProto, layers: list[str]) -> list[str]:
    """What quantised layers write and no quantised layer would read through a pair: a pair there
    lets them write int8.

    These are the inputs of pooling (which the quantiser lets pass only where its input is int8) and
    of layers that stay float. On the CPU a convolution is fast only if it also writes int8.
    """
    written, readers = producers(model), consumers(model)
    ends = []
    for name in _outputs_after_activation(model, layers, readers):
        through_a_pair = [
            node.name
            for node in readers.get(name, [])
            if node.name in layers and node.op_type not in PASSING
        ]
        if name in written and not through_a_pair:
            ends.append(name)
    return ends


def _outputs_after_activation(
    model: onnx.ModelProto, layers: list[str], readers: dict[str, list[onnx.NodeProto]]
) -> list[str]:
    """What each of the layers writes, taken behind its ReLU where that is all that reads it."""
    names = []
    for node in model.graph.node:
        if node.name in layers:
            reading = readers.get(node.output[0], [])
            before_relu = [reader.op_type for reader in reading] == ["Relu"]
            names.append(reading[0].output[0] if before_relu else node.output[0])
    return names


def _quantise_skips(model: onnx.ModelProto) -> None:
    """Let an Add read a skip through the pair that a convolution reads it through: it need not
    exist as float then."""
    dequantised = {
        name
        for node in model.graph.node
        if node.op_type == "DequantizeLinear"
        for name in node.output
    }
    for node in model.graph.node:
        if node.op_type == "Add":
            for index, name in enumerate(node.input):
                if name + DEQUANTIZED in dequantised and len(consumers(model)[name]) > 1:
                    node.input[index] = name + DEQUANTIZED
