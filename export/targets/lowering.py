"""A graph at an older opset: what exporters of today write, in the words of an older parser.

Between opsets 11 and 24 most operators differ in where an argument stands: axes and sizes became
inputs, types and options were added. Those are put back; operators that are newer are replaced by
what they are made of, as ONNX itself defines them. What is left is refused by its node's name. The
versions: https://github.com/onnx/onnx/blob/main/docs/Changelog.md. onnx's own converter does not go
below 15 on such graphs.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import numpy as np
import onnx
import onnxslim
from onnx import NodeProto, helper, inliner, numpy_helper

from catseye.export.precision.onnx_graph import constants_to_weights, opset_of, weights
from catseye.runtime.errors import CatseyeError

LOWEST = 11
IR_VERSIONS = ((13, 7), (16, 8), (20, 9))  # the IR of the time of an opset
NEWEST_IR = 10
DEEPEST = 4  # functions within functions
# functions that meant something else before: a scale for each group was one for each channel later
REDEFINED = ("GroupNormalization",)
Rule = Callable[[NodeProto, "_Graph"], Iterator[NodeProto]]


class _Graph:
    """What the rules ask: constants, shapes, and names for what is added."""

    def __init__(self, model: onnx.ModelProto, opset: int) -> None:
        self.model, self.opset = model, opset
        self._weights = weights(model)
        inferred = onnx.shape_inference.infer_shapes(model).graph
        values = (*inferred.input, *inferred.value_info, *inferred.output)
        self.ranks = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in values}

    def constant(self, node: NodeProto, index: int) -> np.ndarray:
        """The weight that is input `index` of a node. Raises CatseyeError where it is computed."""
        name = node.input[index]
        if name not in self._weights:
            raise refused(node, f"{name} is computed", self.opset)
        return numpy_helper.to_array(self._weights[name])

    def shape(self, node: NodeProto, name: str) -> list[int]:
        """The static shape of a tensor."""
        if not self.ranks.get(name) or min(self.ranks[name]) < 1:
            raise refused(node, f"the shape of {name} is not known", self.opset)
        return self.ranks[name]

    def weight(self, name: str, array: np.ndarray) -> str:
        """The name of a weight that is added."""
        self.model.graph.initializer.append(numpy_helper.from_array(array, name))
        return name


def lowered(
    model: onnx.ModelProto, opset: int, known: Collection[str] | None = None
) -> onnx.ModelProto:
    """The same graph at `opset`, LOWEST or later, or at its own where that is no newer. known: the
    operators that its reader has, None for all of the opset; those which ONNX defines by others
    become these. Raises CatseyeError, with the node's name, for what that opset cannot say."""
    newer = opset_of(model) > opset
    opset = min(opset, opset_of(model))
    copy = _without_lacking(model, opset, known)
    if not newer:
        return copy
    constants_to_weights(copy)
    graph = _Graph(copy, opset)
    nodes = [new for node in copy.graph.node for new in _lowered_node(node, graph)]
    del copy.graph.node[:], copy.graph.value_info[:]
    copy.graph.node.extend(nodes)
    for entry in copy.opset_import:
        entry.version = opset if entry.domain == "" else entry.version
    copy.ir_version = next((ir for least, ir in IR_VERSIONS if opset <= least), NEWEST_IR)
    for node in copy.graph.node:
        _demand_known(node, opset)
    return copy


def refused(node: NodeProto, why: str, opset: int) -> CatseyeError:
    """The error for a node that cannot be brought to `opset`."""
    name = node.name or (node.output[0] if node.output else "")
    return CatseyeError(
        f"{node.op_type} {name}: {why}", f"what opset {opset} can say", "choose a later --target"
    )


def _without_lacking(
    model: onnx.ModelProto, opset: int, known: Collection[str] | None
) -> onnx.ModelProto:
    """A copy in which what `opset` or its reader has not, and ONNX defines by other operators, is
    those; the model itself where there is nothing of that kind."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for depth in range(DEEPEST):
        lacking = sorted(
            {n.op_type for n in copy.graph.node if _is_lacking(n, model, opset, known)}
        )
        if not lacking and depth == 0:
            return model if opset == opset_of(model) else copy
        if not lacking:
            break
        copy = inliner.inline_selected_functions(
            _with_types(copy), [("", name) for name in lacking], inline_schema_functions=True
        )
    slim = onnxslim.slim(copy)  # functions reckon with shapes, which are known here
    constants_to_weights(slim)
    return slim


def _is_lacking(
    node: NodeProto, model: onnx.ModelProto, opset: int, known: Collection[str] | None
) -> bool:
    """Whether a function of ONNX's is newer than `opset`, meant something else then, or is none of
    its reader's."""
    if node.domain != "" or not onnx.defs.has(node.op_type, opset_of(model), ""):
        return False
    schema: Any = onnx.defs.get_schema(node.op_type, opset_of(model), "")
    if not (schema.has_function or schema.has_context_dependent_function):
        return False  # the package's own types lack the two
    if not onnx.defs.has(node.op_type, opset, "") or node.op_type not in (known or [node.op_type]):
        return True
    return node.op_type in REDEFINED and schema.since_version > opset


def _with_types(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with the type of every tensor, weights included, which the inliner asks for."""
    typed = onnx.shape_inference.infer_shapes(model)
    for tensor in typed.graph.initializer:
        value = helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
        typed.graph.value_info.append(value)
    return typed


def _lowered_node(node: NodeProto, graph: _Graph) -> Iterator[NodeProto]:
    if node.domain not in ("", "ai.onnx"):
        raise refused(node, f"an operator of {node.domain}", graph.opset)
    rule = RULES.get(node.op_type)
    new = list(rule(node, graph)) if rule else [node]
    for each in new:
        _drop_options(each, graph.opset)
    yield from new


def _drop_options(node: NodeProto, opset: int) -> None:
    """Drop attributes that `opset` does not know, where they say what it does anyway."""
    known = _attributes(node.op_type, opset)
    for attribute in [each for each in node.attribute if each.name not in known]:
        if helper.get_attribute_value(attribute) not in HARMLESS.get(attribute.name, ()):
            raise refused(node, f"its {attribute.name}", opset)
        node.attribute.remove(attribute)


def _attributes(operator: str, opset: int) -> set[str]:
    try:
        return set(onnx.defs.get_schema(operator, opset, "").attributes)
    except onnx.defs.SchemaError:
        return set()


def _demand_known(node: NodeProto, opset: int) -> None:
    if not onnx.defs.has(node.op_type, opset, ""):
        raise refused(node, "it is newer", opset)


def _axes_to_attribute(since: int) -> Rule:
    """For operators whose axes are an input from opset `since` on."""

    def rule(node: NodeProto, graph: _Graph) -> Iterator[NodeProto]:
        named = len(node.input) > 1 and node.input[1] != ""
        if not named and _value(node, "noop_with_empty_axes", 0):
            yield helper.make_node("Identity", [node.input[0]], node.output, node.name)
            return
        if named and graph.opset < since:
            axes = graph.constant(node, 1).astype(int).tolist()
            node.attribute.append(helper.make_attribute("axes", axes))
            del node.input[1:]
        _remove(node, "noop_with_empty_axes")
        yield node

    return rule


def _split(node: NodeProto, graph: _Graph) -> Iterator[NodeProto]:
    """Sizes are an input from opset 13 on, and may be left out from 18 on."""
    axis = int(_value(node, "axis", 0))
    if len(node.input) > 1 and node.input[1]:
        sizes = graph.constant(node, 1).astype(int).tolist()
    else:
        whole = graph.shape(node, node.input[0])[axis]
        each = -(-whole // len(node.output))
        sizes = [min(each, whole - start) for start in range(0, whole, each)]
    _remove(node, "num_outputs")
    del node.input[1:]
    if graph.opset < 13:
        node.attribute.append(helper.make_attribute("split", sizes))
    else:
        node.input.append(graph.weight(f"{node.output[0]}/sizes", np.array(sizes, np.int64)))
    yield node


def _pad(node: NodeProto, graph: _Graph) -> Iterator[NodeProto]:
    """Axes came with opset 18: pads are told of all of them."""
    if len(node.input) > 3 and node.input[3]:
        axes, some = graph.constant(node, 3).astype(int), graph.constant(node, 1).astype(int)
        rank = len(graph.shape(node, node.input[0]))
        pads = np.zeros((2, rank), np.int64)
        pads[:, axes] = some.reshape(2, -1)
        node.input[1] = graph.weight(f"{node.output[0]}/pads", pads.ravel())
    del node.input[3:]
    yield node


def _resize(node: NodeProto, graph: _Graph) -> Iterator[NodeProto]:
    """To opset 12 region and scales must be there, if empty; axes came with 18."""
    axes = _value(node, "axes", None)
    rank = len(graph.shape(node, node.input[0]))
    if axes is not None and list(axes) != list(range(rank)):
        raise refused(node, "it names axes", graph.opset)
    _remove(node, "axes")
    inputs = [*node.input, "", ""][:4]
    for index in (1, 2):
        if not inputs[index] and (inputs[3] or index == 1):
            empty = np.zeros(0, np.float32)
            inputs[index] = graph.weight(f"{node.output[0]}/empty{index}", empty)
    node.input[:] = inputs if inputs[3] else inputs[:3]
    yield node


def _softmax(node: NodeProto, graph: _Graph) -> Iterator[NodeProto]:
    """To opset 12 it runs over all axes from `axis` on: the axis is brought to the end first."""
    rank = len(graph.shape(node, node.input[0]))
    axis = int(_value(node, "axis", -1)) % rank
    if graph.opset >= 13 or axis == rank - 1:
        _set(node, "axis", axis)
        yield node
        return
    order = [each for each in range(rank) if each != axis] + [axis]
    back = [order.index(each) for each in range(rank)]
    last, done = f"{node.output[0]}/last", f"{node.output[0]}/done"
    yield helper.make_node("Transpose", [node.input[0]], [last], perm=order)
    yield helper.make_node(node.op_type, [last], [done], node.name, axis=rank - 1)
    yield helper.make_node("Transpose", [done], list(node.output), perm=back)


def _reshape(node: NodeProto, graph: _Graph) -> Iterator[NodeProto]:
    """From opset 14 on a 0 may stand for no elements, which is nothing to a shape without one:
    torch's newer exporter says so of every shape."""
    if _value(node, "allowzero", 0) and (graph.constant(node, 1) != 0).all():
        _remove(node, "allowzero")
    yield node


def _grid_sample(node: NodeProto, graph: _Graph) -> Iterator[NodeProto]:
    """Its modes got other names with opset 20."""
    mode = _value(node, "mode", b"linear").decode()
    if 16 <= graph.opset < 20:  # before, there is no such operator
        _set(node, "mode", {"linear": "bilinear", "cubic": "bicubic"}.get(mode, mode))
    yield node


def _value(node: NodeProto, name: str, otherwise: object) -> Any:
    found = [each for each in node.attribute if each.name == name]
    return helper.get_attribute_value(found[0]) if found else otherwise


def _remove(node: NodeProto, name: str) -> None:
    for attribute in [each for each in node.attribute if each.name == name]:
        node.attribute.remove(attribute)


def _set(node: NodeProto, name: str, value: object) -> None:
    _remove(node, name)
    node.attribute.append(helper.make_attribute(name, value))


RULES: dict[str, Rule] = {
    **{name: _axes_to_attribute(13) for name in ("Squeeze", "Unsqueeze", "ReduceSum")},
    **{
        name: _axes_to_attribute(18)
        for name in (
            "ReduceMean",
            "ReduceMax",
            "ReduceMin",
            "ReduceProd",
            "ReduceL1",
            "ReduceL2",
            "ReduceLogSum",
            "ReduceLogSumExp",
            "ReduceSumSquare",
        )
    },
    "Split": _split,
    "GridSample": _grid_sample,
    "Reshape": _reshape,
    "Pad": _pad,
    "Resize": _resize,
    **{name: _softmax for name in ("Softmax", "LogSoftmax", "Hardmax")},
}
# options that were added, and the values that say what was done before
HARMLESS: dict[str, Sequence[object]] = {
    "antialias": (0,),
    "keep_aspect_ratio_policy": (b"stretch",),
    "allowzero": (0,),
    "saturate": (1,),
    "round_mode": (b"up",),
    "training_mode": (0,),
    "select_last_index": (0,),
    "stash_type": (1,),
    "start": (0,),
    "mode": (b"DCR",),
    "approximate": (b"none",),
    "dilations": ([1, 1],),
    "output_dtype": (0,),
    "block_size": (0,),
    "reduction": (b"none",),
}
