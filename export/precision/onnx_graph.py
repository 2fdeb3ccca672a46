"""What several passes ask of an ONNX graph: who writes a tensor, who reads it, and a graph at
another opset."""

from collections.abc import Iterable

import numpy as np
import onnx
from onnx import version_converter

from catseye.runtime.engines.cpu import usable_cores
from catseye.runtime.engines.onnxruntime import open_session
from catseye.runtime.model_file.tensors import Arrays


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


def answers(model: onnx.ModelProto, frames: Iterable[Arrays]) -> list[Arrays]:
    """The graph's outputs by name for each frame, by onnxruntime on the CPU."""
    names = [output.name for output in model.graph.output]
    session, _ = open_session(model.SerializeToString(), "graph", "cpu", threads=usable_cores())
    return [dict(zip(names, session.run(names, frame))) for frame in frames]


def demand_loads(model: onnx.ModelProto) -> None:
    """Raise unless onnx finds the graph sound and onnxruntime opens it: tools write files that
    neither does."""
    onnx.checker.check_model(model, full_check=True)
    open_session(model.SerializeToString(), "the written graph", "cpu", threads=usable_cores())
