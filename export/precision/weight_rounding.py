"""What 8 bits do to the weights of a layer: the scale of each output channel, and the bias that
makes up for what rounding adds on average.

Rounding changes a weight by at most half a step. What that adds to an output is, on average over
frames, the change times the mean of the input: known beforehand, and taken off the bias (Nagel et
al. 2019, section 4.2, with measured means). After ReLU inputs are not around zero, so this is most
of the harm.

Processors before VNNI add two products of an unsigned and a signed byte in 16 bits, which end at
32767: 255 (w0 + w1) fits while neighbours of one sign add up to 127 steps. Where that must hold the
scale is larger, and the answers are the same on all of them.
"""

from collections.abc import Collection, Mapping

import numpy as np
import onnx
from onnx import numpy_helper

from catseye.export.precision.equalisation import is_depthwise
from catseye.export.precision.onnx_graph import consumers, weights

LARGEST = 127  # steps of a weight, either way


def weight_scales(
    model: onnx.ModelProto, layers: Collection[str], neighbours_fit: bool
) -> dict[str, np.ndarray]:
    """By name of the weight of each Conv, Gemm and MatMul of `layers`: (C,) float32, one step for
    each output channel. neighbours_fit: see above."""
    known, scales = weights(model), {}
    for node in model.graph.node:
        axis = output_axis(node)
        if node.name in layers and axis is not None and node.input[1] in known:
            rows = _rows(numpy_helper.to_array(known[node.input[1]]), axis)
            reach = _reach_of_neighbours(rows) if neighbours_fit else np.abs(rows).max(1)
            # a row of zeros has no step of its own
            scales[node.input[1]] = (np.where(reach > 0, reach, 1) / LARGEST).astype(np.float32)
    return scales


def output_axis(node: onnx.NodeProto) -> int | None:
    """The axis of a layer's weight that counts its output channels; None for other nodes."""
    transposed = any(field.name == "transB" and field.i for field in node.attribute)
    return {"Conv": 0, "Gemm": 0 if transposed else 1, "MatMul": 1}.get(node.op_type)


def correct_biases(
    model: onnx.ModelProto, scales: Mapping[str, np.ndarray], means: Mapping[str, np.ndarray]
) -> None:
    """Take off the bias of each convolution what rounding its weight to `scales` adds on average.
    means: (C,) of each tensor."""
    known, readers = weights(model), consumers(model)
    for node in model.graph.node:
        own = len(node.input) == 3 and all(len(readers[name]) == 1 for name in node.input[1:])
        if node.op_type != "Conv" or not own or node.input[0] not in means:
            continue
        if node.input[1] in scales and node.input[2] in known:
            weight, bias = (numpy_helper.to_array(known[name]) for name in node.input[1:])
            added = _added(weight, scales[node.input[1]])
            mean = means[node.input[0]]
            if is_depthwise(node, known):
                shift = added[:, 0] * mean
            elif added.shape[1] == len(mean):
                shift = added @ mean
            else:  # several groups
                continue
            known[node.input[2]].CopyFrom(
                numpy_helper.from_array((bias - shift).astype(bias.dtype), node.input[2])
            )


def _added(weight: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """(O, I): what rounding adds to the sum of each filter."""
    steps = scales.reshape(-1, 1, 1, 1)
    rounded = np.clip(np.round(weight / steps), -LARGEST, LARGEST) * steps
    return np.asarray((rounded - weight).astype(np.float64).sum((2, 3)))


def _rows(weight: np.ndarray, axis: int) -> np.ndarray:
    """(O, K): the weights of each output in the order in which products are added up, channels
    innermost."""
    rows = np.moveaxis(weight, axis, 0)
    return np.moveaxis(rows, 1, -1).reshape(len(rows), -1)


def _reach_of_neighbours(rows: np.ndarray) -> np.ndarray:
    """(O,): the largest sum of two neighbours, those of the other sign as 0."""
    pairs = np.pad(rows, ((0, 0), (0, rows.shape[1] % 2))).reshape(len(rows), -1, 2)
    one_sign = (np.maximum(sign * pairs, 0).sum(2) for sign in (1, -1))
    return np.maximum(*one_sign).max(1)
