#!/bin/sh
# A fully connected layer in INT8 with a bias: every row of a batch but the first is wrong, and nothing is raised.
#
# opencv-python-headless 4.10.0.84, 4.13.0.92 and 4.14.0.94, against onnxruntime 1.32.0. QuantizeLinear,
# DequantizeLinear and Gemm as onnxruntime's own quantiser writes them (opset 13, uint8 activations, int8 weights, int32
# bias), three equal rows in. Expected: three equal rows out. Seen: the first is right, the others are off by up to the
# whole range, by other amounts in other processes. Without the bias all rows are right. 4.5.5 refuses the graph; 4.8.1
# answers rightly; 5.0.0.93 opens it and fails at the first run.
#   4.10.0: first row right, largest error of the others 2.3
#   4.13.0: first row right, largest error of the others 8.0
#   4.14.0: first row right, largest error of the others 1.4
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
pip="$folder/venv/bin/pip --quiet --disable-pip-version-check"
$pip install numpy==2.2.6 onnx==1.23.2 onnxruntime==1.32.0
cat >"$folder/model.py" <<'END'
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

nodes = [
    helper.make_node("QuantizeLinear", ["x", "step", "zero"], ["q"]),
    helper.make_node("DequantizeLinear", ["q", "step", "zero"], ["d"]),
    helper.make_node("DequantizeLinear", ["w", "w_step", "w_zero"], ["weight"]),
    helper.make_node("DequantizeLinear", ["b", "b_step", "b_zero"], ["bias"]),
    helper.make_node("Gemm", ["d", "weight", "bias"], ["sum"], transB=1),
    helper.make_node("QuantizeLinear", ["sum", "y_step", "y_zero"], ["r"]),
    helper.make_node("DequantizeLinear", ["r", "y_step", "y_zero"], ["y"]),
]
random = np.random.RandomState(0)
weights = {
    "step": np.float32(1 / 255),
    "zero": np.uint8(0),
    "w": random.randint(-127, 128, (10, 32)).astype(np.int8),
    "w_step": np.float32(1 / 127),
    "w_zero": np.int8(0),
    "b": np.arange(10, dtype=np.int32) * 5000,
    "b_step": np.float32(1 / 127 / 255),
    "b_zero": np.int32(0),
    "y_step": np.float32(8 / 255),
    "y_zero": np.uint8(128),
}
graph = helper.make_graph(
    nodes,
    "layer",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [3, 32])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [3, 10])],
    [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
data, x = model.SerializeToString(), np.repeat(random.rand(1, 32).astype(np.float32), 3, 0)
session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
np.savez(sys.argv[1], model=np.frombuffer(data, np.uint8), x=x, y=session.run(None, {"x": x})[0])
END
"$folder/venv/bin/python" "$folder/model.py" "$folder/layer.npz"
cat >"$folder/ask.py" <<'END'
import sys

import cv2
import numpy as np

layer = np.load(sys.argv[1])
net = cv2.dnn.readNetFromONNX(layer["model"])
net.setInput(layer["x"])
error = np.abs(np.array(net.forward()).reshape(3, 10) - layer["y"]).max(1)
right = error[0] < 0.05
print(
    "%s: first row %s, largest error of the others %.1f"
    % (cv2.__version__, "right" if right else "wrong", error[1:].max())
)
raise SystemExit(not (right and error[1:].max() > 0.1))
END
for version in 4.10.0.84 4.13.0.92 4.14.0.94; do
    $pip install --force-reinstall --no-deps opencv-python-headless==$version
    "$folder/venv/bin/python" "$folder/ask.py" "$folder/layer.npz"
done
