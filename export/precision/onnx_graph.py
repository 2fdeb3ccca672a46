"""What several passes ask of an ONNX graph: who writes a tensor, who reads it, and a graph at another opset."""

import numpy as np
import onnx
from onnx import version_converter

from catseye.runtime.engines.cpu import usable_cores
from catseye.runtime.engines.ort import open_session


def producers(model: onnx.ModelProto) -> dict[str, onnx.NodeProto]:
    """The node that writes each tensor."""
    return {name: node for node in model.graph.node for name in node.output}


def consumers(model: onnx.ModelProto) -> dict[str, list[onnx.NodeProto]]:
    """The nodes that read each tensor."""
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    return readers


def weights(model: onnx.ModelProto) -> dict[str, onnx.TensorProto]:
    """The initialisers by name."""
    return {tensor.name: tensor for tensor in model.graph.initializer}


def float_array(value: float) -> np.ndarray:
    return np.array(value, np.float32)


def opset_of(model: onnx.ModelProto) -> int:
    """The version of the standard operators that the file asks for."""
    return next(entry.version for entry in model.opset_import if entry.domain == "")


def at_opset(model: onnx.ModelProto, opset: int) -> onnx.ModelProto:
    """The same graph at a higher opset, its IR version kept."""
    if opset_of(model) >= opset:
        return model
    converted = version_converter.convert_version(model, opset)
    converted.ir_version = model.ir_version
    return converted


def demand_loads(model: onnx.ModelProto) -> None:
    """Raise CatseyeError unless onnx finds the graph sound and onnxruntime opens it; tools write files that neither do."""
    onnx.checker.check_model(model, full_check=True)
    open_session(model.SerializeToString(), "the written graph", "cpu", usable_cores())
