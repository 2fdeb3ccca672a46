"""FP16: a float graph with half weights and half tensors, and casts where a layer stays FP32.

The types stand in the graph, as TensorRT 11 demands and every earlier one reads. Kept in FP32:
layers that read or write a value near the largest half, 65504, which would become infinite; and
what Resize takes beside its picture: onnxruntime refuses half there on Arm cores that compute in
half. onnxruntime's CPU on x86 has few half kernels and computes the others in float, so that it
would not show the overflow: the magnitudes are looked at instead.
"""

from collections.abc import Collection, Iterable

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from catseye.export.precision.activations import float_tensors, largest_magnitudes
from catseye.export.precision.onnx_graph import opset_of, weights
from catseye.runtime.model_file.tensors import Arrays

LARGEST_HALF = 65504.0
# frames that calibration did not show, and sums that boards before Volta keep in half
HEADROOM = 4.0
HALF = "_half"
FLOAT = "_float"


def overflowing_layers(model: onnx.ModelProto, frames: Iterable[Arrays]) -> list[str]:
    """Names of the nodes that read or write values above LARGEST_HALF / HEADROOM on any of the
    frames."""
    limit = LARGEST_HALF / HEADROOM
    magnitudes = largest_magnitudes(model, frames)
    magnitudes.update({name: _largest(tensor) for name, tensor in weights(model).items()})
    large = {name for name, magnitude in magnitudes.items() if magnitude > limit}
    return [node.name for node in model.graph.node if large & {*node.input, *node.output}]


def halved(model: onnx.ModelProto, float_layers: Collection[str] = ()) -> onnx.ModelProto:
    """The FP16 form of a float graph; the graph's border, its casts and the `float_layers` keep
    their types."""
    return _Halving(model, set(float_layers)).result()


class _Halving:
    """One pass over the nodes; `types` says what each tensor has become so far."""

    def __init__(self, model: onnx.ModelProto, float_layers: set[str]) -> None:
        self.model, self.float_layers = model, float_layers
        self.opset = opset_of(model)
        self.weights = weights(model)
        inputs = {
            value.name
            for value in model.graph.input
            if value.type.tensor_type.elem_type == TensorProto.FLOAT
        }
        self.floats = inputs | set(float_tensors(model))
        self.outputs = {value.name for value in model.graph.output}
        self.types: dict[str, int] = {}
        self.nodes: list[onnx.NodeProto] = []
        self.made: dict[str, onnx.TensorProto] = {}

    def result(self) -> onnx.ModelProto:
        for node in self.model.graph.node:
            self._add(node)
        copy = onnx.ModelProto()
        copy.CopyFrom(self.model)
        used = {name for node in self.nodes for name in node.input}
        kept = [tensor for name, tensor in (self.weights | self.made).items() if name in used]
        for field, content in ((copy.graph.node, self.nodes), (copy.graph.initializer, kept)):
            del field[:]
            field.extend(content)
        del copy.graph.value_info[:]
        return copy

    def _add(self, original: onnx.NodeProto) -> None:
        node = onnx.NodeProto()
        node.CopyFrom(original)
        if node.op_type == "Cast":  # reads anything and says what it writes
            self.nodes.append(node)
            return
        becomes_half = node.name not in self.float_layers
        for index, name in enumerate(original.input):
            if name and self._takes_half(original, index):
                node.input[index] = self._as(
                    name, TensorProto.FLOAT16 if becomes_half else TensorProto.FLOAT
                )
        self.nodes.append(node)
        for index, name in enumerate(original.output):
            if becomes_half and name in self.floats:
                self._write_half(node, index, name)

    def _write_half(self, node: onnx.NodeProto, index: int, name: str) -> None:
        if name in self.outputs:  # the graph's own output stays float
            node.output[index] = name + HALF
            self.types[name + HALF] = TensorProto.FLOAT16
            self.nodes.append(
                helper.make_node("Cast", [name + HALF], [name], name + FLOAT, to=TensorProto.FLOAT)
            )
        else:
            self.types[name] = TensorProto.FLOAT16

    def _takes_half(self, node: onnx.NodeProto, index: int) -> bool:
        """Whether this input may be half: of Resize only its picture, not scales and regions."""
        if node.op_type == "Resize" and index > 0:
            return False
        inputs = onnx.defs.get_schema(node.op_type, self.opset, node.domain).inputs
        return "tensor(float16)" in inputs[min(index, len(inputs) - 1)].types

    def _as(self, name: str, wanted: int) -> str:
        """The name under which `name` can be read in type `wanted`; a missing weight or cast is
        made."""
        if name in self.weights:
            is_float = self.weights[name].data_type == TensorProto.FLOAT
            return self._half_weight(name) if is_float and wanted == TensorProto.FLOAT16 else name
        if name not in self.floats or self.types.get(name, TensorProto.FLOAT) == wanted:
            return name
        cast = name + (HALF if wanted == TensorProto.FLOAT16 else FLOAT)
        if cast not in self.types:
            self.types[cast] = wanted
            self.nodes.append(helper.make_node("Cast", [name], [cast], cast, to=wanted))
        return cast

    def _half_weight(self, name: str) -> str:
        values = numpy_helper.to_array(self.weights[name]).astype(np.float16)
        self.made[name + HALF] = numpy_helper.from_array(values, name + HALF)
        return name + HALF


def _largest(tensor: onnx.TensorProto) -> float:
    values = numpy_helper.to_array(tensor)
    return float(np.abs(values).max()) if values.size and values.dtype.kind == "f" else 0.0
