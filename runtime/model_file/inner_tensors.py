"""The tensors inside a graph: which node writes them, and the same file with them as outputs.

Reads and appends to the wire format by the field numbers of onnx.proto3
(https://github.com/onnx/onnx), without the onnx package. Does not know types or shapes: the backend
that opens the file infers them.
"""

from typing import Iterable, List, NamedTuple, Tuple

from catseye.runtime.model_file.onnx_file import GRAPH, message_from_value, read_onnx_file
from catseye.runtime.model_file.protobuf import field_from_content, fields

GRAPH_NODE, GRAPH_OUTPUT = 1, 12
NODE_OUTPUT, NODE_NAME, NODE_OP_TYPE = 2, 3, 4
VALUE_NAME = 1


class Node(NamedTuple):
    """name: may be empty.  op_type: "Conv", ...  outputs: names of the tensors it writes."""

    name: str
    op_type: str
    outputs: Tuple[str, ...]

    def __str__(self) -> str:
        return "%s %s" % (self.op_type, self.name or "that writes " + ", ".join(self.outputs))


def read_nodes(data: bytes) -> List[Node]:
    """The nodes of an ONNX file's graph, in its order, without those of graphs within it. Raises
    ModelFileError where the bytes are no ONNX file."""
    graphs = read_onnx_file(data, "the graph").graphs
    return [
        _node(message_from_value(value))
        for graph in graphs
        for number, _, value in fields(graph)
        if number == GRAPH_NODE
    ]


def with_outputs(data: bytes, names: Iterable[str]) -> bytes:
    """The ONNX file with more outputs, for a backend: protobuf takes a second graph in a file for
    more of the first."""
    values = (field_from_content(VALUE_NAME, name.encode()) for name in names)
    outputs = b"".join(field_from_content(GRAPH_OUTPUT, value) for value in values)
    return data + field_from_content(GRAPH, outputs)


def _node(message: memoryview) -> Node:
    texts = {NODE_OUTPUT: [], NODE_NAME: [""], NODE_OP_TYPE: [""]}
    for number, _, value in fields(message):
        if number in texts:
            texts[number].append(str(message_from_value(value), "utf-8"))
    written = tuple(name for name in texts[NODE_OUTPUT] if name)
    return Node(texts[NODE_NAME][-1], texts[NODE_OP_TYPE][-1], written)
