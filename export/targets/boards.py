"""Which boards a model file is for, and whether their TensorRT can read it: asked before the file
is carried there.

Structure only: opset, border, operators, types, and what parsers refuse a file for. Whether an
engine is fast or fits the memory shows on the board. Knows boards; what a parser asks of single
nodes stands in parser_rules.py.
"""

from collections.abc import Iterator
from typing import NamedTuple

import onnx
from onnx import TensorProto

from catseye.export.targets.parser_rules import (
    Graph,
    node_objections,
    read_graph,
    wide_integers,
)
from catseye.export.targets.parser_table import HIGHEST_OPSET, types_by_operator

FLOAT_TYPES = (TensorProto.FLOAT, TensorProto.FLOAT16)


class Board(NamedTuple):
    """releases: the columns of parser_table that its JetPacks came with.  takes_bytes: whether
    networks may begin and end in uint8."""

    releases: tuple[str, ...]
    name: str
    takes_bytes: bool

    @property
    def opset(self) -> int:
        """The newest opset that all of them read."""
        return min(HIGHEST_OPSET[release] for release in self.releases)

    @property
    def operators(self) -> set[str]:
        """The operators that all of them have."""
        return set.intersection(*(set(types_by_operator(each)) for each in self.releases))


BOARDS = {
    "jp4": Board(("8.2",), "JetPack 4.6, TensorRT 8.2", False),
    "jp5": Board(("8.5",), "JetPack 5.1, TensorRT 8.5", True),
    "jp6": Board(("8.6", "10.3"), "JetPack 6, TensorRT 8.6 and 10.3", True),
    "jp7": Board(("10.13", "10.15", "11.0"), "JetPack 7, TensorRT 10.13 to 11.4", True),
}
ANY = "any"  # onnxruntime and OpenCV: whatever they load


def objections(model: onnx.ModelProto, target: str) -> list[str]:
    """What the parser of a target (a key of BOARDS) would refuse the graph for, one line each; []
    where nothing."""
    board = BOARDS[target]
    first: dict[str, str] = {}  # what two releases refuse is said once, of the older
    for release in board.releases:
        for line in _objections_of(model, release, board.takes_bytes):
            first.setdefault(line.replace(f"TensorRT {release}", ""), line)
    return list(first.values())


def _objections_of(model: onnx.ModelProto, release: str, takes_bytes: bool) -> Iterator[str]:
    graph = read_graph(model, release)
    yield from _opset(graph)
    yield from _bytes(model, graph, takes_bytes)
    for node in model.graph.node:
        for reason in node_objections(node, graph):
            yield f"{node.op_type} {node.name}: {reason}"
    yield from wide_integers(graph)


def with_wide_border(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph with float32 in place of uint8 inputs and int32 in place of uint8 outputs; the
    runtime casts."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for value in copy.graph.input:
        if value.type.tensor_type.elem_type == TensorProto.UINT8:
            value.type.tensor_type.elem_type = TensorProto.FLOAT
            _drop_casts_to_float(copy, value.name)
    widened = {
        value.name
        for value in copy.graph.output
        if value.type.tensor_type.elem_type == TensorProto.UINT8
    }
    for value in copy.graph.output:
        if value.name in widened:
            value.type.tensor_type.elem_type = TensorProto.INT32
    for node in copy.graph.node:
        if node.op_type == "Cast" and node.output[0] in widened:
            node.attribute[0].i = TensorProto.INT32
    return copy


def _drop_casts_to_float(model: onnx.ModelProto, name: str) -> None:
    """Let what read a cast of the input `name` read the input itself."""
    casts = [
        node for node in model.graph.node if node.input[:1] == [name] and _casts_to_float(node)
    ]
    dropped = {node.output[0] for node in casts}
    for node in casts:
        model.graph.node.remove(node)
    for node in model.graph.node:
        node.input[:] = [name if each in dropped else each for each in node.input]


def _opset(graph: Graph) -> Iterator[str]:
    highest = HIGHEST_OPSET[graph.release]
    if graph.opset > highest:
        yield f"opset {graph.opset}: TensorRT {graph.release} reads up to {highest}"


def _bytes(model: onnx.ModelProto, graph: Graph, takes_bytes: bool) -> Iterator[str]:
    """uint8: from TensorRT 8.5 on, at the border only, and only cast from or to a float."""
    for value in model.graph.input:
        if graph.types[value.name] == TensorProto.UINT8:
            readers = graph.consumers.get(value.name, [])
            if not takes_bytes:
                yield f"input {value.name}: TensorRT {graph.release} has no uint8"
            elif any(not _casts_to_float(node) for node in readers):
                yield f"input {value.name}: uint8 may only be cast to a float"
    border = {value.name for value in (*model.graph.input, *model.graph.output)}
    for node in model.graph.node:
        if any(graph.types.get(o) == TensorProto.UINT8 and o not in border for o in node.output):
            yield f"{node.op_type} {node.name}: uint8 within the network"
    for value in model.graph.output:
        if graph.types[value.name] == TensorProto.UINT8:
            node = graph.producers[value.name]
            if not takes_bytes:
                yield f"output {value.name}: TensorRT {graph.release} has no uint8"
            elif node.op_type != "Cast" or graph.types.get(node.input[0]) not in FLOAT_TYPES:
                yield f"output {value.name}: uint8 may only be cast from a float"


def _casts_to_float(node: onnx.NodeProto) -> bool:
    targets = {each.i for each in node.attribute if each.name == "to"}
    return node.op_type == "Cast" and not targets.isdisjoint(FLOAT_TYPES)
