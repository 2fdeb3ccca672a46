#!/bin/sh
# Average of 3x3 pixels with padding that counts, as PyTorch has it by default, behind a quantisation: what stands at the border.
#
# openvino 2026.4.1 against onnxruntime 1.32.0 and onnx 1.23.2's reference evaluator, which agree. Numbers from -3 to 3 in bytes.
# Expected: padding is 0, whatever stands for 0. Seen: with count_include_pad 1 OpenVINO pads the bytes with 0, which stands for
# -128 steps where the zero point is 128, as quantisers choose it for signed numbers: the border is off by more than the
# numbers themselves, and a picture of zeros gets a frame of -2.1, of -3.6 in the corners. Inside, without padding that counts,
# with a zero point of 0, in MaxPool, and where the same graph is not quantised all is right.
#   zero point 128, padding counts: border off by 3.56, inside by 0.00
#   zero point 128, padding counts, of zeros: border off by 3.56, inside by 0.00
#   zero point 128, padding does not count: border off by 0.00, inside by 0.00
#   zero point -20 of int8, padding counts: border off by 0.56, inside by 0.00
#   zero point 0 of int8, padding counts: border off by 0.00, inside by 0.00
#   zero point 128, MaxPool: border off by 0.00, inside by 0.00
#   not quantised, padding counts: border off by 0.00, inside by 0.00
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    openvino==2026.4.1
"$folder/venv/bin/python" - <<'END'
import numpy as np
import onnxruntime
import openvino
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

STEP = 0.05
PICTURE = np.random.default_rng(0).uniform(-3, 3, (1, 2, 8, 8)).astype(np.float32)


def off(zero=None, op="AveragePool", picture=PICTURE, **attributes):
    """How far OpenVINO is off at the border and inside; zero: of the quantisation before the pool"""
    pool = helper.make_node(op, ["x" if zero is None else "d"], ["y"], kernel_shape=[3, 3], pads=[1] * 4, **attributes)
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "step", "zero"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "step", "zero"], ["d"]),
    ]
    kept = {"step": np.float32(STEP), "zero": np.asarray(np.uint8(0) if zero is None else zero)}
    graph = helper.make_graph(
        [pool] if zero is None else nodes + [pool],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, picture.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, picture.shape)],
        [] if zero is None else [numpy_helper.from_array(value, name) for name, value in kept.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)
    content, core = model.SerializeToString(), openvino.Core()
    right = ReferenceEvaluator(model).run(None, {"x": picture})[0]
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(None, {"x": picture})[0], right, atol=STEP)
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    far = np.abs(core.compile_model(core.read_model(content), "CPU", exact)({"x": picture})[0] - right)
    inside = float(far[..., 1:-1, 1:-1].max())
    far[..., 1:-1, 1:-1] = 0
    return round(float(far.max()), 2), round(inside, 2)


found = {
    "zero point 128, padding counts": off(np.uint8(128), count_include_pad=1),
    "zero point 128, padding counts, of zeros": off(np.uint8(128), picture=0 * PICTURE, count_include_pad=1),
    "zero point 128, padding does not count": off(np.uint8(128)),
    "zero point -20 of int8, padding counts": off(np.int8(-20), count_include_pad=1),
    "zero point 0 of int8, padding counts": off(np.int8(0), count_include_pad=1),
    "zero point 128, MaxPool": off(np.uint8(128), "MaxPool"),
    "not quantised, padding counts": off(count_include_pad=1),
}
for name, told in found.items():
    print("%s: border off by %.2f, inside by %.2f" % (name, *told))
seen = [(3.56, 0), (3.56, 0), (0, 0), (0.56, 0), (0, 0), (0, 0), (0, 0)]
raise SystemExit(0 if list(found.values()) == seen else 1)
END
