"""Channels of like range: an INT8 tensor has one step for all of its channels, so a small channel
beside a large one loses its digits.

What a convolution writes into a channel may be multiplied by any factor > 0 where its readers
divide their weights for that channel by it: the answer stays what it was (Nagel et al., "Data-Free
Quantization Through Weight Equalization and Bias Correction", 2019). ReLU, pooling, resizing and
sums let such factors through. So tensors that those join are one family, with one factor for each
channel; a family is left as it is where anything else writes or reads one of its tensors.

Factors are powers of 2^(1/8), kept as whole exponents: a card holds them, and whoever compares two
forms of a network layer by layer brings the float one to the same scales.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import onnx
from onnx import numpy_helper

from catseye.export.precision.activations import ChannelStatistics
from catseye.export.precision.onnx_graph import consumers, inner_graphs, weights
from catseye.runtime.errors import CatseyeError

STEPS_AN_OCTAVE = 8
# of the exponents: 64 times. A channel that calibration saw no more of is not made larger, for
# other frames may show more
HIGHEST = 6 * STEPS_AN_OCTAVE
# a factor for each channel goes through them, from every input of four axes to the output
ALIKE = ("Relu", "LeakyRelu", "MaxPool", "AveragePool", "GlobalAveragePool", "Resize", "Add")

Exponents = Mapping[str, Sequence[int]]  # by a tensor of each family: one for each channel


class Family(NamedTuple):
    """Tensors whose channels have the same factors, in the order of the graph, and the convolutions
    that write and read them."""

    tensors: list[str]
    writers: list[onnx.NodeProto]
    readers: list[onnx.NodeProto]


def families(model: onnx.ModelProto) -> list[Family]:
    """Those whose factors are free."""
    channels = _channels(model)
    plain = _plain_convolutions(model, channels)
    joined = _Joined()
    fixed = {value.name for value in (*model.graph.input, *model.graph.output)}
    for node in model.graph.node:
        if node.output[0] in plain:
            continue
        tensors = _joined_by(node, channels)
        joined.join(tensors)
        fixed.update(() if tensors else (*node.input, *node.output))
    found = {joined.first(name): Family([], [], []) for name in channels}
    for name in channels:
        found[joined.first(name)].tensors.append(name)
    for node in plain.values():
        found[joined.first(node.output[0])].writers.append(node)
        found[joined.first(node.input[0])].readers.append(node)
    held = {joined.first(name) for name in fixed}
    return [
        family
        for first, family in found.items()
        if first not in held and family.writers and family.readers
    ]


def exponents_for(
    model: onnx.ModelProto, seen: Mapping[str, ChannelStatistics], lowered: Collection[str]
) -> dict[str, list[int]]:
    """What brings the channels of each family to the range of its widest. seen: by tensor.
    lowered: the tensors that become INT8; a family without one is left as it is."""
    found = {}
    for family in families(model):
        names = [name for name in family.tensors if name in lowered and name in seen]
        if not names:
            continue
        peaks = np.max([seen[name].peak for name in names], 0)  # (C,)
        widest = float(peaks.max())
        if 0 < widest < np.inf:
            octaves = np.log2(widest / np.maximum(peaks, widest * 1e-9))
            steps = np.floor(STEPS_AN_OCTAVE * octaves).astype(int)
            found[family.tensors[0]] = np.minimum(steps, HIGHEST).tolist()
    return found


def equalised(model: onnx.ModelProto, exponents: Exponents) -> onnx.ModelProto:
    """The graph with the channels of its families multiplied by 2^(exponent / STEPS_AN_OCTAVE), and
    the same answers."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    known = weights(copy)
    factors_of = factors_by_tensor(model, exponents)
    for family in families(copy):
        if family.tensors[0] not in factors_of:
            continue
        factors = factors_of[family.tensors[0]]
        for node in family.writers:
            for name in node.input[1:]:
                _multiply(known[name], factors, 0)
        for node in family.readers:
            axis = 0 if is_depthwise(node, known) else 1
            _multiply(known[node.input[1]], 1 / factors, axis)
    return copy


def factors_by_tensor(model: onnx.ModelProto, exponents: Exponents) -> dict[str, np.ndarray]:
    """(C,) float64 for every tensor of the families that `exponents` names. Raises CatseyeError for
    those of another network."""
    found, channels = {}, _channels(model)
    for family in families(model):
        for named in set(family.tensors) & set(exponents):
            if len(exponents[named]) != channels[named]:
                raise CatseyeError(
                    f"factors for {len(exponents[named])} channels of {named}",
                    f"{channels[named]}, as many as the network has",
                    "name the float model that the file was made from",
                )
            factors = np.exp2(np.array(exponents[named]) / STEPS_AN_OCTAVE)
            found.update(dict.fromkeys(family.tensors, factors))
    return found


def combined(one: Exponents, other: Exponents, sign: int = 1) -> dict[str, tuple[int, ...]]:
    """`one` after `other`; with sign -1, what `one` has and `other` has not."""
    return {
        name: tuple(np.add(one.get(name, 0), sign * np.array(other.get(name, 0))).tolist())
        for name in {**one, **other}
    }


def is_depthwise(node: onnx.NodeProto, known: Mapping[str, onnx.TensorProto]) -> bool:
    """Whether a convolution has one filter for each channel."""
    out, each = known[node.input[1]].dims[:2]
    return bool(each == 1 and out == _groups(node))


class _Joined:
    """Sets of names that grow together; each is known by the first of its names."""

    def __init__(self) -> None:
        self._before: dict[str, str] = {}

    def first(self, name: str) -> str:
        while name in self._before:
            name = self._before[name]
        return name

    def join(self, names: Sequence[str]) -> None:
        for name in names[1:]:
            one, other = self.first(names[0]), self.first(name)
            if one != other:
                self._before[other] = one


def _channels(model: onnx.ModelProto) -> dict[str, int]:
    """Channels of the tensors of four axes, in the order of the graph; none where nodes hold graphs
    of their own, whose readings nobody here sees."""
    nodes = model.graph.node
    if any(inner_graphs(node) for node in nodes):
        return {}
    inferred = onnx.shape_inference.infer_shapes(model).graph
    shapes = {
        value.name: value.type.tensor_type.shape.dim
        for value in (*inferred.input, *inferred.value_info, *inferred.output)
    }
    names = [value.name for value in inferred.input]
    names += [name for node in nodes for name in node.output]
    return {
        name: shapes[name][1].dim_value
        for name in names
        if len(shapes.get(name, ())) == 4 and shapes[name][1].dim_value
    }


def _plain_convolutions(
    model: onnx.ModelProto, channels: Mapping[str, int]
) -> dict[str, onnx.NodeProto]:
    """By output: those with weights of their own, over all channels or over one each."""
    known, readers = weights(model), consumers(model)
    given = {value.name for value in model.graph.input}

    def is_plain(node: onnx.NodeProto) -> bool:
        if node.op_type != "Conv" or not {node.input[0], node.output[0]} <= channels.keys():
            return False
        own = all(
            name in known and name not in given and len(readers[name]) == 1
            for name in node.input[1:]
        )
        return own and (_groups(node) == 1 or is_depthwise(node, known))

    return {node.output[0]: node for node in model.graph.node if is_plain(node)}


def _joined_by(node: onnx.NodeProto, channels: Mapping[str, int]) -> list[str]:
    """The tensors whose channels a node leaves where they are; none where it does not."""
    if node.op_type not in ALIKE:
        return []
    read = node.input if node.op_type == "Add" else node.input[:1]
    tensors = [*read, *node.output]
    counts = {channels.get(name) for name in tensors}
    return tensors if len(counts) == 1 and None not in counts else []


def _groups(node: onnx.NodeProto) -> int:
    return next((field.i for field in node.attribute if field.name == "group"), 1)


def _multiply(tensor: onnx.TensorProto, factors: np.ndarray, axis: int) -> None:
    array = numpy_helper.to_array(tensor)
    shape = [-1 if each == axis else 1 for each in range(array.ndim)]
    product = (array * factors.reshape(shape)).astype(array.dtype)
    tensor.CopyFrom(numpy_helper.from_array(product, tensor.name))
