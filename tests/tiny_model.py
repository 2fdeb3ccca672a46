"""A model small enough to follow by hand, and its truth: uint8 frame in, uint8 mask and float
scores out."""

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

HEIGHT, WIDTH, CLASSES = 6, 10, 4
WEIGHTS = np.random.RandomState(7).randn(CLASSES, 3, 3, 3).astype(np.float32)
FRAME = np.random.RandomState(8).randint(0, 256, (1, HEIGHT, WIDTH, 3)).astype(np.uint8)


def tiny_onnx(
    pixels: int = TensorProto.UINT8, answer: int = TensorProto.UINT8, height: Any = HEIGHT
) -> bytes:
    """frame (1, H, W, 3) -> mask (1, H, W), scores (1, 4, H, W); opset 11, IR 7, named as an
    exporter names things."""
    nodes = [
        helper.make_node("Cast", ["frame"], ["pixels"], "to_float", to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["pixels"], ["planes"], "to_planes", perm=[0, 3, 1, 2]),
        helper.make_node(
            "Conv",
            ["planes", "weights"],
            ["scores"],
            "conv",
            kernel_shape=[3, 3],
            pads=[1, 1, 1, 1],
        ),
        helper.make_node("ArgMax", ["scores"], ["classes"], "argmax", axis=1, keepdims=0),
        helper.make_node(
            "Cast", ["classes"], ["classes_float"], "to_castable", to=TensorProto.FLOAT
        ),
        helper.make_node("Cast", ["classes_float"], ["mask"], "to_mask", to=answer),
    ]
    inputs = [helper.make_tensor_value_info("frame", pixels, [1, height, WIDTH, 3])]
    outputs = [
        helper.make_tensor_value_info("mask", answer, [1, height, WIDTH]),
        helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, CLASSES, height, WIDTH]),
    ]
    graph = helper.make_graph(
        nodes, "tiny", inputs, outputs, [numpy_helper.from_array(WEIGHTS, "weights")]
    )
    opsets = [helper.make_opsetid("", 11)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=7).SerializeToString()


def crops_onnx() -> bytes:
    """crops (5, 8, 6) uint8 -> sums (5, 1, 1, 1) float32: a batch of grey pictures, which has no
    channel axis."""
    nodes = [
        helper.make_node("Cast", ["crops"], ["pixels"], "to_float", to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["pixels"], ["planes"], "to_planes", axes=[1]),
        helper.make_node("Conv", ["planes", "ones"], ["sums"], "conv", kernel_shape=[8, 6]),
    ]
    graph = helper.make_graph(
        nodes,
        "crops",
        [helper.make_tensor_value_info("crops", TensorProto.UINT8, [5, 8, 6])],
        [helper.make_tensor_value_info("sums", TensorProto.FLOAT, [5, 1, 1, 1])],
        [numpy_helper.from_array(np.ones((1, 1, 8, 6), np.float32), "ones")],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7
    ).SerializeToString()


def tiny_scores(frame: np.ndarray) -> np.ndarray:
    """The convolution, written out."""
    # (H + 2, W + 2, 3)
    padded = np.pad(frame[0].astype(np.float32), ((1, 1), (1, 1), (0, 0)), "constant")
    scores = np.zeros((1, CLASSES, HEIGHT, WIDTH), np.float32)
    for y in range(HEIGHT):
        for x in range(WIDTH):
            window = padded[y : y + 3, x : x + 3].transpose(2, 0, 1)  # (3, 3, 3), planes first
            scores[0, :, y, x] = (WEIGHTS * window).sum(axis=(1, 2, 3))
    return scores


def tiny_mask(frame: np.ndarray) -> np.ndarray:
    return tiny_scores(frame).argmax(axis=1).astype(np.uint8)
