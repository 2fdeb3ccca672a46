"""The border that a graph gets: it starts at camera bytes, (1, H, W, 3) uint8 BGR, and a mask ends
at class ids. Standard operators of opset 11 alone.

Knows ONNX; what goes in and what comes out is preparation's and answer's.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from catseye.export.adoption.answer import Form, MaskAnswer
from catseye.export.adoption.preparation import Preparation
from catseye.export.precision.onnx_graph import consumers, inner_graphs, producers

FRAME, MASK = "frame", "mask"
PREFIX = "catseye/"  # of what the border adds
FROM_NHWC, FROM_NCHW = (0, 3, 1, 2), (0, 2, 3, 1)


def bordered_mask(
    model: onnx.ModelProto, preparation: Preparation, answer: MaskAnswer
) -> onnx.ModelProto:
    """A copy from FRAME to MASK, (1, H, W) uint8 ids at the size of the frame."""
    border = _Border(model)
    border.begin(preparation)
    border.end_in_mask(answer, preparation.size_wh)
    return border.closed()


def bordered_outputs(
    model: onnx.ModelProto, preparation: Preparation, outputs: Sequence[str]
) -> onnx.ModelProto:
    """A copy from FRAME to some of the network's own outputs."""
    border = _Border(model)
    border.begin(preparation)
    border.end_in_outputs(outputs)
    return border.closed()


class _Border:
    """A copy of a graph with what is added at its ends, under names of their own."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = _without_our_names(model)
        self.before: list[NodeProto] = []
        self.after: list[NodeProto] = []

    def begin(self, preparation: Preparation) -> None:
        """Let the network read FRAME, as `preparation` says."""
        graph, (width, height) = self.model.graph, preparation.size_wh
        read = preparation.given.name
        tensor = self._prepared(preparation)
        _rename(graph.node, lambda name: tensor if name == _renamed(read) else name)
        del graph.input[:]
        shape = (1, height, width, 3)
        graph.input.append(helper.make_tensor_value_info(FRAME, TensorProto.UINT8, shape))

    def end_in_mask(self, answer: MaskAnswer, size_wh: tuple[int, int]) -> None:
        """Bring the answer to `size_wh` and choose."""
        width, height = size_wh
        tensor = self._planes(answer)
        if answer.form is Form.IDS:
            ids = self._enlarged(tensor, answer, size_wh, "nearest")
        else:
            ids = self._chosen(self._enlarged(tensor, answer, size_wh, "linear"), answer)
        shape = self._weight("mask_shape", np.array((1, height, width), np.int64))
        flat = self._node(self.after, "Reshape", [ids, shape], "ids")
        # TensorRT casts to uint8 from float only
        self._node(self.after, "Cast", [flat], "mask", to=TensorProto.UINT8)
        self.after[-1].output[0] = MASK
        mask = helper.make_tensor_value_info(MASK, TensorProto.UINT8, (1, height, width))
        self._keep_outputs([mask])

    def end_in_outputs(self, names: Sequence[str]) -> None:
        """Drop all outputs but these."""
        kept = {_renamed(name) for name in names}
        self._keep_outputs([each for each in self.model.graph.output if each.name in kept])

    def closed(self) -> onnx.ModelProto:
        """The graph with its new ends, and without what nothing reads."""
        nodes = [*self.before, *self.model.graph.node, *self.after]
        del self.model.graph.node[:]
        self.model.graph.node.extend(nodes)
        _drop_casts_to_bytes(self.model)
        _drop_unread(self.model)
        return self.model

    def _keep_outputs(self, outputs: Sequence[onnx.ValueInfoProto]) -> None:
        del self.model.graph.output[:]
        self.model.graph.output.extend(outputs)

    def _prepared(self, preparation: Preparation) -> str:
        """The tensor that stands for the network's own input."""
        before, dtype = self.before, preparation.given.dtype
        if preparation.plain and preparation.channels_last and dtype == np.uint8:
            return FRAME
        tensor = self._node(before, "Cast", [FRAME], "pixels", to=TensorProto.FLOAT)
        if not (preparation.plain and preparation.channels_last):
            tensor = self._node(before, "Transpose", [tensor], "planes", perm=FROM_NHWC)
        if not preparation.plain:
            tensor = self._mixed(tensor, preparation)
            if preparation.channels_last:
                tensor = self._node(before, "Transpose", [tensor], "laid_out", perm=FROM_NCHW)
        if dtype != np.float32:
            kind = helper.np_dtype_to_tensor_dtype(dtype)
            tensor = self._node(before, "Cast", [tensor], "given", to=kind)
        return tensor

    def _mixed(self, planes: str, preparation: Preparation) -> str:
        """Order, scale and mean in one convolution of a pixel: p * factor + shift, in float32."""
        kernel = np.diag(preparation.factors)
        if preparation.order == "rgb":
            kernel = kernel[:, ::-1]
        kernel = np.ascontiguousarray(kernel, np.float32)[..., None, None]
        inputs = [planes, self._weight("factors", kernel)]
        if preparation.shifts.any():
            inputs.append(self._weight("shifts", preparation.shifts.astype(np.float32)))
        return self._node(self.before, "Conv", inputs, "prepared", kernel_shape=[1, 1])

    def _planes(self, answer: MaskAnswer) -> str:
        """The answer as (1, C, h, w) float32."""
        after, tensor = self.after, _renamed(answer.output.name)
        if answer.form is Form.IDS:
            tensor = self._before_casts(tensor)
        if answer.axis == 3:
            tensor = self._node(after, "Transpose", [tensor], "scores", perm=FROM_NHWC)
        if answer.output.dtype != np.float32 or tensor != _renamed(answer.output.name):
            tensor = self._node(after, "Cast", [tensor], "in_float", to=TensorProto.FLOAT)
        if answer.axis is None:
            width, height = answer.size_wh
            shape = self._weight("plane_shape", np.array((1, 1, height, width), np.int64))
            tensor = self._node(after, "Reshape", [tensor, shape], "plane")
        return tensor

    def _before_casts(self, ids: str) -> str:
        """Ids as their ArgMax gave them: TensorRT has no bytes within a network."""
        writers = producers(self.model)
        name = ids
        while name in writers and writers[name].op_type == "Cast":
            name = writers[name].input[0]
        return name if name in writers and writers[name].op_type == "ArgMax" else ids

    def _enlarged(
        self, tensor: str, answer: MaskAnswer, size_wh: tuple[int, int], mode: str
    ) -> str:
        """(1, C, h, w) -> (1, C, H, W)."""
        if answer.size_wh == size_wh:
            return tensor
        sizes = np.array((1, answer.planes, size_wh[1], size_wh[0]), np.int64)
        nothing = self._weight("nothing", np.zeros(0, np.float32))  # no region, no scales
        inputs = [tensor, nothing, nothing, self._weight("sizes", sizes)]
        how: dict[str, str] = {"coordinate_transformation_mode": "half_pixel"}
        if mode == "nearest":
            how = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return self._node(self.after, "Resize", inputs, "enlarged", mode=mode, **how)

    def _chosen(self, planes: str, answer: MaskAnswer) -> str:
        """(1, C, H, W) scores -> (1, 1, H, W) float32 ids."""
        if answer.form is Form.SCORES:
            best = self._node(self.after, "ArgMax", [planes], "best", axis=1, keepdims=1)
        else:
            limit = self._weight("threshold", np.array(answer.threshold, np.float32))
            best = self._node(self.after, "Greater", [planes, limit], "is_class")
        return self._node(self.after, "Cast", [best], "ids_in_float", to=TensorProto.FLOAT)

    def _weight(self, name: str, array: np.ndarray) -> str:
        self.model.graph.initializer.append(numpy_helper.from_array(array, PREFIX + name))
        return PREFIX + name

    def _node(
        self,
        place: list[NodeProto],
        operator: str,
        inputs: Sequence[str],
        name: str,
        **attributes: Any,
    ) -> str:
        """Append a node to a place; returns the tensor that it writes."""
        output = PREFIX + name
        place.append(helper.make_node(operator, inputs, [output], output, **attributes))
        return output


def _without_our_names(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy in which no tensor is called FRAME or MASK."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    _rename(copy.graph.node, _renamed)
    for value in (*copy.graph.input, *copy.graph.output, *copy.graph.initializer):
        value.name = _renamed(value.name)
    return copy


def _rename(nodes: Iterable[NodeProto], new_name: Callable[[str], str]) -> None:
    """Give tensors other names wherever nodes read and write them, in graphs within them too."""
    for node in nodes:
        node.input[:] = map(new_name, node.input)
        node.output[:] = map(new_name, node.output)
        for graph in inner_graphs(node):
            _rename(graph.node, new_name)
            for value in (*graph.output, *graph.initializer):
                value.name = new_name(value.name)


def _renamed(name: str) -> str:
    return f"network/{name}" if name in (FRAME, MASK) else name


def _drop_casts_to_bytes(model: onnx.ModelProto) -> None:
    """A network that takes bytes casts them to floats, which the border's pixels are already."""
    given = producers(model).get(PREFIX + "given")
    if given is None or not _casts_to(given, TensorProto.UINT8):
        return
    readers = consumers(model).get(given.output[0], [])
    if readers and all(_casts_to(node, TensorProto.FLOAT) for node in readers):
        for node in readers:
            node.input[0] = given.input[0]


def _casts_to(node: NodeProto, kind: int) -> bool:
    return node.op_type == "Cast" and any(each.i == kind for each in node.attribute)


def _drop_unread(model: onnx.ModelProto) -> None:
    """Drop nodes and weights that no output wants."""
    writers = producers(model)
    wanted = [value.name for value in model.graph.output]
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name not in seen:
            seen.add(name)
            wanted += _reads(writers[name]) if name in writers else []
    nodes = [node for node in model.graph.node if seen.intersection(node.output)]
    weights = [tensor for tensor in model.graph.initializer if tensor.name in seen]
    del model.graph.node[:], model.graph.initializer[:], model.graph.value_info[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(weights)


def _reads(node: NodeProto) -> list[str]:
    """What a node reads, the graphs within it included, which may also hand on what is outside."""
    names = list(node.input)
    for graph in inner_graphs(node):
        names += [name for inner in graph.node for name in _reads(inner)]
        names += [value.name for value in graph.output]
    return names
