"""The border of a graph: inputs, outputs and the precision of the weights, read from an ONNX file
without the onnx package.

Reads the wire format through protobuf.py, by the field numbers of onnx.proto3
(https://github.com/onnx/onnx). Does not know the card, and does not check that the graph makes
sense: that is the backend's work.
"""

from typing import Dict, List, NamedTuple, Set, Tuple

import numpy as np

from catseye.runtime.errors import ModelFileError
from catseye.runtime.model_file.external_data import external_tensor
from catseye.runtime.model_file.onnx_file import OnnxFile, message_from_value
from catseye.runtime.model_file.protobuf import Message, Value, fields, int64_from_varint
from catseye.runtime.model_file.tensors import LARGEST_SIDE, MOST_AXES, TensorSpec

GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_OUTPUT = 1, 5, 11, 12
NODE_OP_TYPE = 4
TENSOR_DATA_TYPE, TENSOR_NAME = 2, 8
VALUE_NAME, VALUE_TYPE = 1, 2
TYPE_TENSOR = 1
TENSOR_TYPE_ELEMENT, TENSOR_TYPE_SHAPE = 1, 2
SHAPE_DIMENSION = 1
DIMENSION_VALUE = 1
FLOAT16 = 10
DTYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    9: "bool",
    FLOAT16: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
}

Graph = Dict[int, List[memoryview]]


class Border(NamedTuple):
    """The border of a graph. precision: "int8" with quantise nodes in it, "fp16" with half weights,
    else "fp32"."""

    inputs: Tuple[TensorSpec, ...]
    outputs: Tuple[TensorSpec, ...]
    precision: str


def read_border(file: OnnxFile, name: str) -> Border:
    """The border of an ONNX file's graph; `name` is what errors call it.

    Raises ModelFileError where there is no graph with inputs and outputs, a shape or a type is left
    open, or a weight lies in another file.
    """
    try:
        outside = external_tensor(file)
        if outside is not None:
            raise ValueError("weight %.80r lies in another file" % outside)
        graph = _graph(file)
        weights = {_text(tensor, TENSOR_NAME) for tensor in graph[GRAPH_INITIALIZER]}
        specs = {
            kind: tuple(
                _spec(value) for value in graph[kind] if _text(value, VALUE_NAME) not in weights
            )
            # files of IR version 3 list weights among the inputs
            for kind in (GRAPH_INPUT, GRAPH_OUTPUT)
        }
        if not specs[GRAPH_INPUT] or not specs[GRAPH_OUTPUT]:
            raise ValueError("no graph with inputs and outputs")
        return Border(specs[GRAPH_INPUT], specs[GRAPH_OUTPUT], _precision(graph))
    except ValueError as error:
        raise ModelFileError(
            "%s: not a usable ONNX model (%s)" % (name, error),
            "a .onnx file that catseye export wrote",
            "copy it or export it again",
        ) from error


def _graph(file: OnnxFile) -> Graph:
    """The graph's parts by field number."""
    graph: Graph = {kind: [] for kind in (GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_OUTPUT)}
    for part in file.graphs:
        for number, _, value in fields(part):
            if number in graph:
                graph[number].append(message_from_value(value))
    return graph


def _precision(graph: Graph) -> str:
    operators = {_text(node, NODE_OP_TYPE) for node in graph[GRAPH_NODE]}
    if {"QuantizeLinear", "DequantizeLinear"} & operators:
        return "int8"
    return "fp16" if FLOAT16 in _weight_types(graph) else "fp32"


def _weight_types(graph: Graph) -> Set[Value]:
    return {
        value
        for tensor in graph[GRAPH_INITIALIZER]
        for number, _, value in fields(tensor)
        if number == TENSOR_DATA_TYPE
    }


def _spec(value_info: memoryview) -> TensorSpec:
    """ValueInfoProto -> TensorSpec."""
    name = _text(value_info, VALUE_NAME)
    element = 0
    shape: List[int] = []
    for kind in _messages(value_info, VALUE_TYPE):
        for tensor in _messages(kind, TYPE_TENSOR):
            element = _number(tensor, TENSOR_TYPE_ELEMENT)
            shape = [
                _number(dimension, DIMENSION_VALUE)
                for sizes in _messages(tensor, TENSOR_TYPE_SHAPE)
                for dimension in _messages(sizes, SHAPE_DIMENSION)
            ]
    if element not in DTYPES:
        raise ValueError("%s has element type %d" % (name, element))
    # a size that is left open has a name, or nothing, in place of a number
    if any(size < 1 for size in shape):
        raise ValueError("%s has an open shape" % name)
    if len(shape) > MOST_AXES or any(size > LARGEST_SIDE for size in shape):
        raise ValueError("%s has the shape %s" % (name, shape))
    return TensorSpec(name, tuple(shape), np.dtype(DTYPES[element]))


def _messages(message: Message, wanted: int) -> List[memoryview]:
    return [message_from_value(value) for number, _, value in fields(message) if number == wanted]


def _text(message: Message, wanted: int) -> str:
    return "".join(bytes(value).decode("utf-8") for value in _messages(message, wanted)[-1:])


def _number(message: Message, wanted: int) -> int:
    """The last value of a field that holds a number, 0 where it is absent, as protobuf has it."""
    numbers = [value for number, _, value in fields(message) if number == wanted]
    if not numbers:
        return 0
    if isinstance(numbers[-1], memoryview):
        raise ValueError("a message where a number belongs")
    return int64_from_varint(numbers[-1])
