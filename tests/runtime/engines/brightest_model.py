"""A model file with card and golden frames that the fake TensorRT computes: each pixel's brightest
channel.

frame (1, H, W, 3) -> mask (1, H, W). In three precisions, as the exporter writes them: plain
floats, half weights with casts, and Q/DQ around the pixels. onnxruntime runs the first and the last
of them too.
"""

import base64
import json
from typing import Any

import numpy as np
from onnx import TensorProto, helper

from catseye.runtime.model_file.card import digest_of_card
from catseye.runtime.model_file.golden import GoldenCase, bytes_from_golden
from catseye.runtime.model_file.load import CARD_KEY, GOLDEN_KEY, ModelFile, model_from_bytes
from catseye.runtime.model_file.onnx_file import digest_of_graph
from catseye.runtime.system.files import sha256_hex

HEIGHT, WIDTH = 6, 10
FRAMES = [
    np.random.RandomState(seed).randint(0, 256, (1, HEIGHT, WIDTH, 3)).astype(np.uint8)
    for seed in (8, 9)
]
FRAME = FRAMES[0]


def brightest(frame: np.ndarray) -> np.ndarray:
    """The network: (1, H, W, 3) -> (1, H, W)."""
    return frame.argmax(axis=-1)


def brightest_model(
    pixels: int = TensorProto.FLOAT,
    answer: int = TensorProto.INT32,
    precision: str = "fp32",
    name: str = "tiny",
    **more: Any,
) -> ModelFile:
    """The model file. pixels, answer: ONNX types of input and output; the default is what every
    TensorRT takes.

    more: further fields of the card.
    """
    return model_from_bytes(brightest_onnx(pixels, answer, precision, name, **more), name)


def brightest_onnx(
    pixels: int = TensorProto.FLOAT,
    answer: int = TensorProto.INT32,
    precision: str = "fp32",
    name: str = "tiny",
    **more: Any,
) -> bytes:
    steps, constants = middle(precision)
    nodes = [
        helper.make_node("Cast", ["frame"], ["pixels"], "to_float", to=TensorProto.FLOAT),
        *steps,
        helper.make_node("ArgMax", ["values"], ["ids"], "argmax", axis=3, keepdims=0),
        helper.make_node("Cast", ["ids"], ["ids_float"], "to_castable", to=TensorProto.FLOAT),
        helper.make_node("Cast", ["ids_float"], ["mask"], "to_mask", to=answer),
    ]
    frame = helper.make_tensor_value_info("frame", pixels, [1, HEIGHT, WIDTH, 3])
    mask = helper.make_tensor_value_info("mask", answer, [1, HEIGHT, WIDTH])
    graph = helper.make_graph(nodes, name, [frame], [mask], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    golden = bytes_from_golden(
        [
            GoldenCase({"frame": frame}, {"mask": brightest(frame).astype(np.uint8)})
            for frame in FRAMES
        ]
    )
    document = {**card(golden, precision, name), **more}
    document["graph_sha256"] = digest_of_graph(model.SerializeToString())
    document["card_sha256"] = digest_of_card(document)
    helper.set_model_props(
        model,
        {CARD_KEY: json.dumps(document), GOLDEN_KEY: base64.b64encode(golden).decode()},
    )
    return model.SerializeToString()


def middle(precision: str) -> tuple[list[Any], list[Any]]:
    """Nodes from `pixels` to `values`, and their constants."""
    if precision == "fp16":
        one = helper.make_tensor("one", TensorProto.FLOAT16, [1], np.ones(1, np.float16))
        return [
            helper.make_node("Cast", ["pixels"], ["halves"], "to_half", to=TensorProto.FLOAT16),
            helper.make_node("Mul", ["halves", "one"], ["scaled"], "half_mul"),
            helper.make_node("Cast", ["scaled"], ["floats"], "from_half", to=TensorProto.FLOAT),
            helper.make_node("Relu", ["floats"], ["values"], "float_relu"),
        ], [one]
    if precision == "int8":
        constants = [
            helper.make_tensor("scale", TensorProto.FLOAT, [], [2.01]),
            helper.make_tensor("zero", TensorProto.INT8, [], [0]),
        ]
        return [
            helper.make_node("QuantizeLinear", ["pixels", "scale", "zero"], ["steps"], "quantise"),
            helper.make_node(
                "DequantizeLinear", ["steps", "scale", "zero"], ["values"], "dequantise"
            ),
        ], constants
    return [helper.make_node("Relu", ["pixels"], ["values"], "relu")], []


def card(golden: bytes, precision: str, name: str) -> dict[str, Any]:
    return {
        "format": 1,
        "version": "0",
        "name": name,
        "task": "road",
        "classes": ["blue", "green", "red"],
        "colours_rgb": [[0, 0, 255], [0, 255, 0], [255, 0, 0]],
        "precision": precision,
        "target": "any",
        "opset": 13,
        "inputs": [{"name": "frame", "shape": [1, HEIGHT, WIDTH, 3], "dtype": "uint8"}],
        "outputs": [{"name": "mask", "shape": [1, HEIGHT, WIDTH], "dtype": "uint8"}],
        "metrics": {},
        "provenance": {},
        "settings": {},
        "golden_sha256": sha256_hex(golden),
    }
