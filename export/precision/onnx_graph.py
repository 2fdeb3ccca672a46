"""What several passes ask of an ONNX graph: who writes a tensor, who reads it, and a graph at
another opset."""

from collections.abc import Iterable

import numpy as np
import onnx
import onnxslim
from onnx import helper, numpy_helper, version_converter

from catseye.runtime.engines.cpu import usable_cores
from catseye.runtime.engines.onnxruntime import open_session
from catseye.runtime.model_file.tensors import Arrays

# what onnxslim 0.1.98 may get wrong: it takes a factor by column for one by channel where there are
# as many of both (findings/onnxslim-fusions.sh)
UNSAFE_FUSIONS = ["FusionConvMul", "FusionConvTransposeMul"]
# how a Constant node may hold its value, and of what type that is; None: its own
CONSTANTS = {
    "value": None,
    "value_int": np.int64,
    "value_ints": np.int64,
    "value_float": np.float32,
    "value_floats": np.float32,
}


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


def inner_graphs(node: onnx.NodeProto) -> list[onnx.GraphProto]:
    """The graphs within a node: branches of an If, the body of a Loop."""
    return [each.g for each in node.attribute if each.HasField("g")]


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
    constants_to_weights(converted)  # what was an attribute became one
    if opset_of(model) < 11:
        _keep_old_resizes(converted.graph, weights(converted))
    return converted


def slimmed(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph with what follows from its static shapes worked out, and no node too many."""
    return onnxslim.slim(model, skip_fusion_patterns=UNSAFE_FUSIONS)


def _keep_old_resizes(graph: onnx.GraphProto, known: dict[str, onnx.TensorProto]) -> None:
    """Upsample and Resize take x / scale up to opset 10, which onnx's converter does not write
    down: the default of opset 11 is another (findings/onnx-version-converter.sh). The nearest
    pixel is the one before, or where a picture is shrunk, the one behind."""
    for node in graph.node:
        if node.op_type == "Resize":
            shrinks = (
                node.input[2] in known and numpy_helper.to_array(known[node.input[2]]).max() <= 1
            )
            old = {
                "coordinate_transformation_mode": "asymmetric",
                "nearest_mode": "ceil" if shrinks else "floor",
            }
            node.attribute.extend(helper.make_attribute(*each) for each in old.items())
        for inner in inner_graphs(node):
            _keep_old_resizes(inner, known)


def constants_to_weights(model: onnx.ModelProto) -> None:
    """Make weights of Constant nodes, which converters, inlined functions and some exporters
    write: parsers ask for weights."""
    nodes = list(model.graph.node)
    del model.graph.node[:]
    for node in nodes:
        kind = node.attribute[0].name if node.op_type == "Constant" else ""
        if kind not in CONSTANTS:
            model.graph.node.append(node)
            continue
        value = helper.get_attribute_value(node.attribute[0])
        array = numpy_helper.to_array(value) if kind == "value" else value
        tensor = numpy_helper.from_array(np.array(array, CONSTANTS[kind]), node.output[0])
        model.graph.initializer.append(tensor)


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
