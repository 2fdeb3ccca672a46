#!/bin/sh
# One nearest Resize by a scale: onnx's reference evaluator, the judge of many a test, against three runtimes.
#
# onnx 1.23.2, onnxruntime 1.32.0, openvino 2026.4.1, opencv-python-headless 5.0.0.93. coordinate_transformation_mode
# asymmetric, nearest_mode floor, as TensorFlow and PyTorch up to opset 10 write it. Expected: the four agree. Seen: the
# three runtimes do, and the reference is alone. 720 -> 480 by the float32 2/3: it takes x / scale in float64, which is a
# little less than a whole number, and floor takes the pixel before: half of all pixels. 427 -> 640 by the float32
# 640/427: it makes 639 of them.
#   720 by 480/720: runtimes alike, 480; reference 480, 239 others
#   427 by 640/427: runtimes alike, 640; reference 639
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    openvino==2026.4.1 opencv-python-headless==5.0.0.93
"$folder/venv/bin/python" - <<'END'
import cv2
import numpy as np
import onnxruntime
import openvino
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator


def answers(old, new):
    """Which pixels of a row of `old` become those of one `new` long: by three runtimes, by the reference"""
    scales = np.array([1, 1, 1, new / old], np.float32)
    how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    graph = helper.make_graph(
        [helper.make_node("Resize", ["x", "", "scales"], ["y"], **how)],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 1, old])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, 1, None])],
        [numpy_helper.from_array(scales, "scales")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    data, x = model.SerializeToString(), np.arange(old, dtype=np.float32).reshape(1, 1, 1, old)
    core, net = openvino.Core(), cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8))
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    net.setInput(x)
    quiet = onnxruntime.SessionOptions()
    quiet.log_severity_level = 4
    session = onnxruntime.InferenceSession(data, quiet, providers=["CPUExecutionProvider"])
    runtimes = (
        session.run(None, {"x": x})[0],
        core.compile_model(core.read_model(data), "CPU", exact)([x])[0],
        net.forward(),
    )
    return [one.ravel() for one in runtimes], ReferenceEvaluator(model).run(None, {"x": x})[0].ravel()


as_seen = True
for old, new, length, others in ((720, 480, 480, 239), (427, 640, 639, None)):
    runtimes, reference = answers(old, new)
    alike = all(np.array_equal(runtimes[0], one) for one in runtimes[1:])
    differ = int((runtimes[0] != reference).sum()) if len(reference) == new else None
    told = f"{len(reference)}" + ("" if differ is None else f", {differ} others")
    print(f"{old} by {new}/{old}: runtimes {'alike' if alike else 'differ'}, {len(runtimes[0])}; reference {told}")
    as_seen &= alike and len(runtimes[0]) == new and (len(reference), differ) == (length, others)
raise SystemExit(not as_seen)
END
