"""A road model small enough to make in a test: bright pixels are road, dark ones are sky."""

import json

import numpy as np
import pytest

from catseye.runtime.classes import COLOURS_RGB, NAMES
from catseye.runtime.model_file.golden import GoldenCase, bytes_from_golden
from catseye.runtime.system.files import sha256_hex

SIZE_WH = (64, 48)
ROAD_ID = 3


def _graph(helper, tensor, threshold):
    """frame (1, H, W, 3) uint8 -> mask (1, H, W) uint8: 3 where the mean of the channels is above
    it, else 0."""
    width, height = SIZE_WH
    nodes = [
        helper.make_node("Cast", ["frame"], ["pixels"], to=tensor.FLOAT),
        helper.make_node("ReduceMean", ["pixels"], ["grey"], axes=[3], keepdims=0),
        helper.make_node("Greater", ["grey", "half"], ["bright"]),
        helper.make_node("Cast", ["bright"], ["ones"], to=tensor.FLOAT),
        helper.make_node("Mul", ["ones", "road"], ["ids"]),
        helper.make_node("Cast", ["ids"], ["mask"], to=tensor.UINT8),
    ]
    numbers = [
        helper.make_tensor("half", tensor.FLOAT, [1], [threshold]),
        helper.make_tensor("road", tensor.FLOAT, [1], [float(ROAD_ID)]),
    ]
    return helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("frame", tensor.UINT8, [1, height, width, 3])],
        [helper.make_tensor_value_info("mask", tensor.UINT8, [1, height, width])],
        numbers,
    )


def _card(golden):
    width, height = SIZE_WH
    return {
        "format": 1,
        "version": "0",
        "name": "tiny",
        "task": "road",
        "classes": list(NAMES),
        "colours_rgb": [list(colour) for colour in COLOURS_RGB],
        "precision": "fp32",
        "target": "any",
        "opset": 11,
        "inputs": [{"name": "frame", "shape": [1, height, width, 3], "dtype": "uint8"}],
        "outputs": [{"name": "mask", "shape": [1, height, width], "dtype": "uint8"}],
        "metrics": {},
        "provenance": {},
        "settings": {},
        "golden_sha256": sha256_hex(golden),
    }


def _model_file(path, threshold):
    """Write a model file; returns its path."""
    import base64

    onnx = pytest.importorskip("onnx")
    width, height = SIZE_WH
    frame = np.full((1, height, width, 3), 200, np.uint8)
    golden = bytes_from_golden(
        [GoldenCase({"frame": frame}, {"mask": np.full((1, height, width), ROAD_ID, np.uint8)})]
    )
    graph = _graph(onnx.helper, onnx.TensorProto, threshold)
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 11)], ir_version=7
    )
    onnx.helper.set_model_props(
        model,
        {"catseye": json.dumps(_card(golden)), "catseye.golden": base64.b64encode(golden).decode()},
    )
    path.write_bytes(model.SerializeToString())
    return str(path)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    """Path of the model file: above 127 is bright."""
    return _model_file(tmp_path_factory.mktemp("model") / "tiny.onnx", 127.0)


@pytest.fixture(scope="session")
def other_model(tmp_path_factory):
    """Path of a model file that is harder to dazzle: above 200 is bright."""
    return _model_file(tmp_path_factory.mktemp("model") / "other.onnx", 200.0)
