"""Tensors whose numbers lie in another file, as ONNX allows and a model file must not have: no
digest of the file covers them, and it would answer by whatever lies beside it.

Knows by the field numbers of onnx.proto3 (https://github.com/onnx/onnx) where tensors stand in a
graph and its functions: among the weights, sparse or not, and in the attributes of nodes, those of
graphs within nodes included.
"""

from typing import Dict, Iterator, Optional

from catseye.runtime.model_file.onnx_file import OnnxFile, message_from_value
from catseye.runtime.model_file.protobuf import fields

# {kind of message: {field: kind of the messages in it}}, of all that may lead to a tensor
TENSOR = "tensor"
INSIDE: Dict[str, Dict[int, str]] = {
    "graph": {1: "node", 5: TENSOR, 15: "sparse tensor"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {
        5: TENSOR,
        6: "graph",
        10: TENSOR,
        11: "graph",
        22: "sparse tensor",
        23: "sparse tensor",
    },
    "sparse tensor": {1: TENSOR, 2: TENSOR},
}
NAME, EXTERNAL_DATA, DATA_LOCATION = 8, 13, 14  # fields of a tensor
DEEPEST = 32  # messages within each other, of which a graph within a node takes three


def external_tensor(file: OnnxFile) -> Optional[str]:
    """The name of the first tensor whose numbers are not in the file, None where all are.

    Raises ValueError for what is no graph.
    """
    for kind, messages in (("graph", file.graphs), ("function", file.functions)):
        for message in messages:
            for tensor in _tensors(message, kind, 0):
                found = {number: value for number, _, value in fields(tensor)}
                if EXTERNAL_DATA in found or found.get(DATA_LOCATION, 0) != 0:
                    return bytes(message_from_value(found.get(NAME, memoryview(b"")))).decode()
    return None


def _tensors(message: memoryview, kind: str, depth: int) -> Iterator[memoryview]:
    if kind == TENSOR:
        yield message
        return
    if depth == DEEPEST:
        raise ValueError("graphs within each other, and too many of them")
    for number, _, value in fields(message):
        if number in INSIDE[kind]:
            yield from _tensors(message_from_value(value), INSIDE[kind][number], depth + 1)
