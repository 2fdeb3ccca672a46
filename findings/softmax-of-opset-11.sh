#!/bin/sh
# One Softmax of opset 11 over four axes, three answers.
#
# onnxruntime 1.32.0, openvino 2026.4.1, opencv-python-headless 5.0.0.93, onnx 1.23.2's reference evaluator. Below opset
# 13 the specification flattens all axes from `axis` (by default 1) on, and the shares of all six numbers add up to 1.
# Expected: that, from all. Seen: only onnxruntime does it; OpenVINO and OpenCV (4.5 to 5.0 alike) take the axis 1 alone,
# as from opset 13 on but for the default, and the reference evaluator the last axis. All agree where there are two axes.
#   onnxruntime: [0.004, 0.012, 0.032, 0.086, 0.233, 0.634]
#   openvino: [0.047, 0.047, 0.047, 0.953, 0.953, 0.953]
#   opencv 5.0: [0.047, 0.047, 0.047, 0.953, 0.953, 0.953]
#   reference: [0.09, 0.245, 0.665, 0.09, 0.245, 0.665]
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


def answers(nodes, x, shape, opset=11, weights=()):
    """{runtime: what it answers to a graph x -> y}"""
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(x.shape))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(value, name) for name, value in weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=7)
    data = model.SerializeToString()
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    core = openvino.Core()
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    net = cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8))
    net.setInput(x)
    found = {
        "onnxruntime": session.run(None, {"x": x})[0],
        "openvino": core.compile_model(core.read_model(data), "CPU", exact)([x])[0],
        "opencv 5.0": np.array(net.forward()),
        "reference": ReferenceEvaluator(model).run(None, {"x": x})[0],
    }
    return {name: np.asarray(value, np.float64).ravel().round(3).tolist() for name, value in found.items()}


x = np.arange(6, dtype=np.float32).reshape(1, 2, 1, 3)
found = answers([helper.make_node("Softmax", ["x"], ["y"])], x, [1, 2, 1, 3])
for name, shares in found.items():
    print(f"{name}: {shares}")
axes = {"onnxruntime": (1, 2, 3), "openvino": 1, "opencv 5.0": 1, "reference": 3}
raise SystemExit(
    any(
        not np.allclose(found[name], (np.exp(x) / np.exp(x).sum(axis, keepdims=True)).ravel(), atol=1e-3)
        for name, axis in axes.items()
    )
)
END
