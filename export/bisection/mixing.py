"""Mixed precision: a lowered graph (INT8, FP16) in which named layers are float again, with the
source's weights.

INT8: the layer's inputs are taken from before their Q/DQ pairs and its weights from the source, in
the lowered graph itself, so that whatever is wrong with the other layers stays wrong and is found.
FP16 has no state of its own, so the source is lowered again without the layers. Both need the
source's names, which every pass of this package keeps.
"""

from collections.abc import Collection

import onnx

from catseye.export.precision.activations import float_tensors
from catseye.export.precision.fp16 import halved
from catseye.export.precision.onnx_graph import at_opset, consumers, opset_of, weights
from catseye.export.targets.boards import with_wide_border
from catseye.runtime.errors import CatseyeError

RESTORED = "_restored"


class Lowered:
    """A lowered graph beside the float graph it came from."""

    def __init__(self, model: onnx.ModelProto, source: onnx.ModelProto, precision: str) -> None:
        """precision: the model's, "int8" or "fp16". Raises CatseyeError where the two are not of
        one network."""
        self.model, self.precision = model, precision
        self.source = at_opset(source, opset_of(model))
        self.layers = self._layers()
        if not self.layers:
            raise CatseyeError(
                f"a model and a source without a layer in common that is {precision}",
                "the float model it was made from",
                "name another --against",
            )

    def mixed(self, float_layers: Collection[str]) -> onnx.ModelProto:
        """The lowered graph with these layers in float."""
        if self.precision == "int8":
            return _grafted(self.model, self.source, set(float_layers))
        kept = set(float_layers) | (self._writing_floats() - set(self.layers))
        half = halved(self.source, kept)
        return half if self._takes_bytes() else with_wide_border(half)

    def _layers(self) -> list[str]:
        """Names of the source's nodes that read what has been through a pair, or write halves, in
        the graph's order."""
        low = _dequantised(self.model) if self.precision == "int8" else _halves(self.model)
        lowered = {
            node.name
            for node in self.model.graph.node
            if low & set(node.input if self.precision == "int8" else node.output)
        }
        return [node.name for node in self.source.graph.node if node.name in lowered]

    def _writing_floats(self) -> set[str]:
        floats = float_tensors(self.source)
        return {node.name for node in self.source.graph.node if floats.keys() & set(node.output)}

    def _takes_bytes(self) -> bool:
        return self.model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8


def _dequantised(model: onnx.ModelProto) -> set[str]:
    return {
        name
        for node in model.graph.node
        if node.op_type == "DequantizeLinear"
        for name in node.output
    }


def _halves(model: onnx.ModelProto) -> set[str]:
    return {name for name, kind in float_tensors(model).items() if kind == onnx.TensorProto.FLOAT16}


def _grafted(model: onnx.ModelProto, source: onnx.ModelProto, layers: set[str]) -> onnx.ModelProto:
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    origins = {node.name: node for node in source.graph.node if node.name in layers}
    known, restored = weights(source), {}
    for node in copy.graph.node:
        for index, name in enumerate(origins[node.name].input if node.name in layers else ()):
            node.input[index] = name + RESTORED if name in known else name
            if name in known:
                restored[name + RESTORED] = known[name]
    for name, tensor in restored.items():
        added = copy.graph.initializer.add()
        added.CopyFrom(tensor)
        added.name = name
    _prune(copy)
    return copy


def _prune(model: onnx.ModelProto) -> None:
    """Remove the nodes and weights that nothing reads any more."""
    outputs = {output.name for output in model.graph.output}
    while True:
        read = consumers(model)
        dead = [
            node
            for node in model.graph.node
            if not any(name in read or name in outputs for name in node.output)
        ]
        if not dead:
            break
        for node in dead:
            model.graph.node.remove(node)
    for tensor in [tensor for tensor in model.graph.initializer if tensor.name not in read]:
        model.graph.initializer.remove(tensor)
