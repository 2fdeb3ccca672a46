"""Small float graphs of convolutions, written as a list of nodes, with weights of very unlike
channels."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 8


def convolution(name: str, read: str, weight: str = "", groups: int = 1, size: int = 1) -> tuple:
    """A node NAME that writes NAME; weight: the name of its weight, where it is not its own."""
    inputs = [read, weight or name + ".weight", name + ".bias"]
    return "Conv", inputs, name, {"group": groups, "pads": [size // 2] * 4}


def plain(kind: str, read: str, written: str, *more: str, **attributes) -> tuple:
    return kind, [read, *more], written, attributes


def graph_of(nodes, shapes, outputs=("y",), opset=13) -> onnx.ModelProto:
    """x: (1, 3, SIDE, SIDE) float -> outputs. shapes: of the weights by name; (O, I, size, size)
    has a bias too. Channels differ by up to 2^8."""
    random = np.random.RandomState(3)
    arrays = {}
    for name, shape in shapes.items():
        if isinstance(shape, np.ndarray):
            arrays[name] = shape
            continue
        spread = np.exp2(random.uniform(-4, 4, (shape[0], 1, 1, 1)))
        arrays[name + ".weight"] = (random.randn(*shape) * spread).astype(np.float32)
        arrays[name + ".bias"] = (random.randn(shape[0]) * spread[:, 0, 0, 0]).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node(kind, inputs, [written], "node_" + written, **attributes)
            for kind, inputs, written, attributes in nodes
        ],
        "chain",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    opsets = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=7)


def frames_of(number: int = 4) -> list[dict[str, np.ndarray]]:
    random = np.random.RandomState(4)
    return [{"x": random.randn(1, 3, SIDE, SIDE).astype(np.float32)} for _ in range(number)]


def inverted_block() -> onnx.ModelProto:
    """A first convolution, its depthwise block, an inverted block with a skip, and a last one."""
    nodes = [
        convolution("first", "x", size=3),
        plain("Relu", "first", "a"),
        convolution("depth", "a", groups=6, size=3),
        plain("Relu", "depth", "b"),
        convolution("narrow", "b"),
        convolution("widen", "narrow"),
        plain("Relu", "widen", "c"),
        convolution("inner", "c", groups=12, size=3),
        plain("Relu", "inner", "d"),
        convolution("back", "d"),
        plain("Add", "back", "e", "narrow"),
        convolution("mix", "e"),
        plain("Relu", "mix", "f"),
        convolution("y", "f"),
    ]
    shapes = {
        "first": (6, 3, 3, 3),
        "depth": (6, 1, 3, 3),
        "narrow": (4, 6, 1, 1),
        "widen": (12, 4, 1, 1),
        "inner": (12, 1, 3, 3),
        "back": (4, 12, 1, 1),
        "mix": (6, 4, 1, 1),
        "y": (2, 6, 1, 1),
    }
    return graph_of(nodes, shapes)
