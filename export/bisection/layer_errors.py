"""Error by layer: how far the tensors of a lowered graph are from those of its source, before and
after each layer.

Signal-to-quantisation-noise ratio, SQNR = 10 log10(sum x^2 / sum (x - x')^2) in dB over some
frames: 20 dB is a tenth of the signal, 40 dB a hundredth. A layer whose output is much worse than
its inputs is one that does harm itself.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import onnx

from catseye.export.precision.activations import activations, float_tensors
from catseye.export.precision.onnx_graph import producers
from catseye.export.precision.range_choice import signal_to_error_db
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.system.json_document import JsonObject

CEILING_DB = 200.0


class LayerError(NamedTuple):
    """input_db: SQNR of the worst tensor it reads; output_db: of what it writes; 200 where nothing
    differs."""

    layer: str
    operator: str
    input_db: float
    output_db: float

    def as_json(self) -> JsonObject:
        return dict(self._asdict())


def layer_errors(
    model: onnx.ModelProto, source: onnx.ModelProto, layers: Sequence[str], frames: Sequence[Arrays]
) -> list[LayerError]:
    """The errors of `layers`, names of nodes of the source, in the order of the graph."""
    nodes = [node for node in source.graph.node if node.name in set(layers)]
    tensors = {name for node in nodes for name in (*node.input, *node.output)}
    quality = sqnr_db(model, source, sorted(tensors), frames)
    return [
        LayerError(
            node.name,
            node.op_type,
            min(quality.get(name, CEILING_DB) for name in node.input),
            quality.get(node.output[0], CEILING_DB),
        )
        for node in nodes
    ]


def sqnr_db(
    model: onnx.ModelProto,
    source: onnx.ModelProto,
    tensors: Sequence[str],
    frames: Sequence[Arrays],
) -> dict[str, float]:
    """Per tensor that both graphs compute: SQNR over all frames."""
    common = [
        name for name in tensors if name in float_tensors(model) and name in float_tensors(source)
    ]
    if not common:
        return {}
    pairs = zip(activations(source, frames, common), activations(model, frames, common))
    values: dict[str, list[float]] = {}
    for want, got in pairs:
        for name in common:
            values.setdefault(name, []).append(signal_to_error_db(want[name], got[name]))
    return {name: float(np.mean(each)) for name, each in values.items()}


def last_float_tensor(model: onnx.ModelProto) -> str:
    """The float tensor that the first output is made of: itself, or what goes into the ArgMax
    before it."""
    written, floats = producers(model), float_tensors(model)
    name = model.graph.output[0].name
    while name in written and (name not in floats or written[name].op_type == "Cast"):
        name = written[name].input[0]
    return name
