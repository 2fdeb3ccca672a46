#!/bin/sh
# What is no number goes into a network and a number comes out: which runtimes hide a NaN, and where.
#
# onnxruntime 1.32.0, openvino 2026.4.1, opencv-python-headless 5.0.0.93. Expected: NaN stays NaN, or all drop it alike.
# Seen: OpenVINO's Relu makes 0 of it; OpenCV 5.0's Relu keeps it, but fused behind a convolution makes it the largest
# float; onnxruntime keeps it there, and its MaxPool drops it where it stands first and keeps it where it stands last.
# A check for NaN at the end of a network tells little.
#   Relu of nan: onnxruntime nan, openvino 0.0, opencv 5.0 nan
#   Conv and Relu of nan: onnxruntime nan, openvino 0.0, opencv 5.0 3.4028234663852886e+38
#   MaxPool of nan, -1 and of 2, nan: onnxruntime [-1.0, nan], openvino [-1.0, 2.0], opencv 5.0 [-1.0, nan]
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
    }
    return {name: np.asarray(value, np.float64).ravel().round(3).tolist() for name, value in found.items()}


x = np.array([np.nan, -1, 2, np.nan], np.float32).reshape(1, 1, 1, 4)
one = np.ones((1, 1, 1, 1), np.float32)
relu = answers([helper.make_node("Relu", ["x"], ["y"])], x, [1, 1, 1, 4])
conv = [
    helper.make_node("Conv", ["x", "one"], ["sum"], kernel_shape=[1, 1]),
    helper.make_node("Relu", ["sum"], ["y"]),
]
fused = answers(conv, x, [1, 1, 1, 4], weights=[("one", one)])
pool = helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[1, 2], strides=[1, 2])
pooled = answers([pool], x, [1, 1, 1, 2])
for what, found in (("Relu of nan", relu), ("Conv and Relu of nan", fused)):
    print(what + ": " + ", ".join(f"{name} {value[0]}" for name, value in found.items()))
print("MaxPool of nan, -1 and of 2, nan: " + ", ".join(f"{k} {v}" for k, v in pooled.items()))
raise SystemExit(
    not (
        [str(value[0]) for value in relu.values()] == ["nan", "0.0", "nan"]
        and np.isnan(fused["onnxruntime"][0])
        and fused["openvino"][0] == 0
        and fused["opencv 5.0"][0] > 3e38
        and [str(value) for value in pooled.values()] == ["[-1.0, nan]", "[-1.0, 2.0]", "[-1.0, nan]"]
    )
)
END
