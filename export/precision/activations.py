"""The float tensors inside a graph, frame by frame: what calibration, overflow and the table of
layers look at.

Knows onnx and onnxruntime; nothing of precisions. One frame at a time, because all tensors of a
road frame are 130 MB.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import onnx
from onnx import TensorProto

from catseye.runtime.engines.cpu import usable_cores
from catseye.runtime.engines.onnxruntime import open_session
from catseye.runtime.model_file.tensors import Arrays

FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16)


def activations(
    model: onnx.ModelProto, frames: Iterable[Arrays], wanted: Iterable[str] = ()
) -> Iterator[Arrays]:
    """For every frame (the graph's inputs by name): the float tensors inside the graph, or those
    `wanted`, by name."""
    known = float_tensors(model)
    names = [name for name in known if name in set(wanted)] if wanted else list(known)
    session, _ = open_session(
        _with_outputs(model, known, names).SerializeToString(),
        "graph",
        "cpu",
        threads=usable_cores(),
    )
    for frame in frames:
        yield dict(zip(names, session.run(names, frame)))


def float_tensors(model: onnx.ModelProto) -> dict[str, int]:
    """Names of the float tensors that nodes write, in the order of the graph, with their ONNX
    element type."""
    inferred = onnx.shape_inference.infer_shapes(model).graph
    types = {
        value.name: value.type.tensor_type.elem_type
        for value in (*inferred.value_info, *inferred.output)
    }
    written = [name for node in model.graph.node for name in node.output]
    return {name: types[name] for name in written if types.get(name) in FLOATS}


def largest_magnitudes(model: onnx.ModelProto, frames: Iterable[Arrays]) -> dict[str, float]:
    """Per float tensor: the largest |value| over all frames."""
    largest: dict[str, float] = {}
    for tensors in activations(model, frames):
        for name, value in tensors.items():
            largest[name] = max(largest.get(name, 0.0), float(np.abs(value).max()))
    return largest


class ChannelStatistics(NamedTuple):
    """Of one tensor, (C,) each. peak: a frame's largest |value|, the mean over frames, which one
    odd frame does not rule.  mean: of all values."""

    peak: np.ndarray
    mean: np.ndarray


def channel_statistics(
    model: onnx.ModelProto, frames: Iterable[Arrays], wanted: Collection[str]
) -> dict[str, ChannelStatistics]:
    """Of those of `wanted` that have four axes, (N, C, H, W)."""
    found: dict[str, list[ChannelStatistics]] = {}
    for tensors in activations(model, frames, wanted) if wanted else ():
        for name, value in tensors.items():
            if value.ndim == 4:
                of_frame = np.abs(value).max((0, 2, 3)), value.mean((0, 2, 3))
                found.setdefault(name, []).append(ChannelStatistics(*of_frame))
    return {
        name: ChannelStatistics(*(np.mean(side, 0) for side in zip(*each)))
        for name, each in found.items()
    }


def _with_outputs(
    model: onnx.ModelProto, types: dict[str, int], names: Iterable[str]
) -> onnx.ModelProto:
    """A copy whose outputs are the tensors `names`."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    del copy.graph.output[:]
    copy.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, types[name], None) for name in names
    )
    return copy
