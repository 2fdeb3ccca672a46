"""INT8: a float graph with QuantizeLinear / DequantizeLinear pairs where its weighted layers take
their inputs.

The pairs come from onnxruntime's static quantiser; which tensors get one, and over which interval,
is decided here. Weights are int8 with a scale per output channel. Two dialects, because nobody is
fast at both:

    u8s8  any   activations uint8 from lowest to highest, biases int32: AVX512-VNNI multiplies u8 by
                s8 and adds up in 32 bits, so the weights keep all 8 (before VNNI two products share
                16 bits, which may overflow)
    s8s8  jp*   activations int8 around zero, zero point 0, biases float: the only form that
                TensorRT takes

Every operation quantises what it reads and never what it writes, so that Conv + ReLU (+ Add) stays
one kernel, and on the CPU the pooling and adding between convolutions is quantised too, or each
would cost a pass to float and back (onnxruntime has no bilinear Resize in int8: that one does).
Layers at the border stay float: the first, which sees the raw frame, and the last, whose answers
are compared.
"""

import onnx
from onnxruntime.quantization import QuantType
from onnxruntime.quantization.calibrate import CalibrationMethod, TensorData, TensorsData
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

from catseye.export.precision.onnx_graph import consumers, float_array, producers
from catseye.export.precision.ranges import Range
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
    layer and the last."""
    nodes = list(model.graph.node)
    weighted = [index for index, node in enumerate(nodes) if node.op_type in WEIGHTED]
    inner = weighted[1:-1]  # first and last see the frame and the answer
    if not inner:
        return []
    kinds = WEIGHTED + (BETWEEN if target == "any" else ())
    return [
        nodes[index].name
        for index in range(inner[0], inner[-1] + 1)
        if nodes[index].op_type in kinds
    ]


def quantised(model: onnx.ModelProto, ranges: dict[str, Range], target: str) -> onnx.ModelProto:
    """The INT8 form of a float graph of opset 13, which stays as it is. Raises CatseyeError where
    nothing can be lowered."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    layers = quantisable_layers(model, target)
    if not layers:
        raise CatseyeError(
            "a network without weighted layers between its first and its last",
            "one that INT8 can do something for",
            "leave --precision int8 out",
        )
    quantizer = _quantizer(copy, ranges, target, layers)
    if target == "any":
        for name in _ends_of_int8(model, layers):
            quantizer.quantize_activation_tensor(name)
    quantizer.quantize_model()
    _quantise_skips(quantizer.model.model)
    quantizer.model.topological_sort()
    return quantizer.model.model


def _quantizer(
    model: onnx.ModelProto, ranges: dict[str, Range], target: str, layers: list[str]
) -> QDQQuantizer:
    symmetric = target != "any"
    seen = {
        name: TensorData(lowest=float_array(low), highest=float_array(high))
        for name, (low, high) in ranges.items()
    }
    options: dict[str, bool | list[str]] = {
        "ActivationSymmetric": symmetric,
        "WeightSymmetric": True,
        "QuantizeBias": not symmetric,
        "OpTypesToExcludeOutputQuantization": [*WEIGHTED, "Add"],
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
