"""A graph at another opset answers as before, where onnx's converter alone does not."""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from catseye.export.precision.onnx_graph import at_opset, opset_of


def enlarging(op, opset, mode, scales):
    graph = helper.make_graph(
        [helper.make_node(op, ["x", "scales"], ["y"], mode=mode)],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 5, 6])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2, None, None])],
        [numpy_helper.from_array(np.array([1, 1, *scales], np.float32), "scales")],
    )
    opsets = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def answers(model, x):
    data, providers = model.SerializeToString(), ["CPUExecutionProvider"]
    return onnxruntime.InferenceSession(data, providers=providers).run(None, {"x": x})[0]


@pytest.mark.parametrize("op, opset", [("Upsample", 9), ("Resize", 10)])
@pytest.mark.parametrize("mode", ["linear", "nearest"])
@pytest.mark.parametrize("scales", [(2, 2), (1.5, 1.25), (1.3, 1.7)])
def test_an_old_resize_keeps_its_pixels(op, opset, mode, scales):
    assert_kept(enlarging(op, opset, mode, scales))


@pytest.mark.parametrize("mode", ["linear", "nearest"])
@pytest.mark.parametrize("scales", [(0.5, 0.5), (0.8, 0.7), (1, 1 / 3), (2, 0.5)])
def test_an_old_resize_that_shrinks_keeps_its_pixels(mode, scales):
    """The nearest pixel is another one there."""
    assert_kept(enlarging("Resize", 10, mode, scales))


def assert_kept(model):
    x = np.random.default_rng(0).normal(size=(1, 2, 5, 6)).astype(np.float32)
    newer = at_opset(model, 13)
    assert opset_of(newer) == 13
    np.testing.assert_allclose(answers(newer, x), answers(model, x), atol=1e-6)
