#!/bin/sh
# A picture in bytes, enlarged by the ONNX operator Resize: how halves become bytes.
#
# onnxruntime 1.32.0, openvino 2026.4.1, onnx 1.23.2's reference evaluator. Expected: the float answer, rounded. Seen: the
# reference and OpenVINO round halves to the even; onnxruntime cuts off, so that every picture that is resized in bytes
# gets darker by half a grey level; with antialias 1, which should change nothing where a picture is enlarged, it rounds halves
# upward, once per axis, and the picture gets brighter by a quarter.
#   0, 10, 21, 35 to twice the width, in floats: [0.0, 2.5, 7.5, 12.75, 18.25, 24.5, 31.5, 35.0]
#   reference, openvino: [0, 2, 8, 13, 18, 24, 32, 35]
#   onnxruntime: [0, 2, 7, 12, 18, 24, 31, 35]
#   onnxruntime, antialias: [0, 3, 8, 13, 18, 25, 32, 35]
#   noise of 320x180 to 640x360, mean less that of the floats: onnxruntime -0.47, with antialias +0.25, openvino +0.00
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


def enlarged(picture, by, antialias=0):
    """Answers of onnxruntime, OpenVINO and the reference to one Resize of `picture`, of its own type"""
    kind = helper.np_dtype_to_tensor_dtype(picture.dtype)
    scales = np.array([1, 1, *by], np.float32)
    graph = helper.make_graph(
        [helper.make_node("Resize", ["x", "", "scales"], ["y"], mode="linear", antialias=antialias)],
        "g",
        [helper.make_tensor_value_info("x", kind, list(picture.shape))],
        [helper.make_tensor_value_info("y", kind, [1, 1, None, None])],
        [numpy_helper.from_array(scales, "scales")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    data, core = model.SerializeToString(), openvino.Core()
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    answers = [
        session.run(None, {"x": picture})[0],
        core.compile_model(core.read_model(data), "CPU", exact)([picture])[0],
    ]
    if picture.size < 100:  # it is slow
        answers.append(ReferenceEvaluator(model).run(None, {"x": picture})[0])
    return answers


row = np.array([[[[0, 10, 21, 35]]]], np.uint8)
floats = enlarged(row.astype(np.float32), (1, 2))[0].ravel()
cut, even, reference = (answer.ravel().tolist() for answer in enlarged(row, (1, 2)))
upward = enlarged(row, (1, 2), antialias=1)[0].ravel().tolist()
print(f"0, 10, 21, 35 to twice the width, in floats: {floats.tolist()}")
print(f"reference: {reference}\nopenvino: {even}\nonnxruntime: {cut}\nonnxruntime, antialias: {upward}")
noise = np.random.RandomState(0).randint(0, 256, (1, 1, 180, 320)).astype(np.uint8)
mean = enlarged(noise.astype(np.float32), (2, 2))[0].mean(dtype=np.float64)
darker, even_mean = (float(answer.mean() - mean) for answer in enlarged(noise, (2, 2)))
brighter = float(enlarged(noise, (2, 2), antialias=1)[0].mean() - mean)
print("noise of 320x180 to 640x360, mean less that of the floats:")
print(f"onnxruntime {darker:+.2f}, with antialias {brighter:+.2f}, openvino {even_mean:+.2f}")
raise SystemExit(
    cut != np.floor(floats).tolist()
    or not even == reference == np.rint(floats).tolist()
    or upward != np.floor(floats + 0.5).tolist()
    or not darker < -0.3
    or not brighter > 0.1
    or not abs(even_mean) < 0.1
)
END
