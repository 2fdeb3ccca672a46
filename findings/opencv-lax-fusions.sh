#!/bin/sh
# Two small graphs that OpenCV takes for others as it fuses nodes: the answers are wrong, and nothing is raised.
#
# opencv-python-headless 4.11.0.86, 4.14.0.94 and 5.0.0.93, against onnxruntime 1.32.0; opset 11, all operators supported.
#   k / sum(exp(x - max)), k a constant tensor: OpenCV finds Exp, ReduceSum and Div and answers with the softmax of x,
#     whose shape is another than the graph's; the dividend is not looked at.
#   log(exp(x) + exp(y)): OpenCV finds Exp, Add and Log and answers with log(1 + exp(..)), softplus; what is added is not
#     compared with 1.
# Expected: onnxruntime's answers. Seen, with the largest error or the other shape:
#   4.11.0, quotient: shape (1, 5, 4, 6) instead of (1, 1, 4, 6)
#   4.11.0, logarithm: largest error 1.7
#   4.14.0 and 5.0.0: the same
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
pip="$folder/venv/bin/pip --quiet --disable-pip-version-check"
$pip install numpy==2.2.6 onnx==1.23.2 onnxruntime==1.32.0
cat >"$folder/graphs.py" <<'END'
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

CHANNELS, ONE = [1, 5, 4, 6], [1, 1, 4, 6]
node = helper.make_node
quotient = [
    node("ReduceMax", ["x"], ["largest"], axes=[1], keepdims=1),
    node("Concat", ["largest"] * 5, ["spread"], axis=1),
    node("Sub", ["x", "spread"], ["below"]),
    node("Exp", ["below"], ["e"]),
    node("ReduceSum", ["e"], ["sum"], axes=[1], keepdims=1),
    node("Div", ["k", "sum"], ["y"]),
]
logarithm = [
    node("Split", ["x"], ["a", "b", "c", "d", "f"], axis=1),
    node("Exp", ["a"], ["ea"]),
    node("Exp", ["b"], ["eb"]),
    node("Add", ["ea", "eb"], ["sum"]),
    node("Log", ["sum"], ["y"]),
]
x = np.random.RandomState(0).randn(*CHANNELS).astype(np.float32)
k = numpy_helper.from_array(np.full(ONE, 3, np.float32), "k")
for name, nodes, weights in (("quotient", quotient, [k]), ("logarithm", logarithm, [])):
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, CHANNELS)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ONE)],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7)
    data = model.SerializeToString()
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    y = session.run(None, {"x": x})[0]
    np.savez("%s/%s.npz" % (sys.argv[1], name), model=np.frombuffer(data, np.uint8), x=x, y=y)
END
"$folder/venv/bin/python" "$folder/graphs.py" "$folder"
cat >"$folder/ask.py" <<'END'
import sys

import cv2
import numpy as np

differ = []
for name in ("quotient", "logarithm"):
    asked = np.load("%s/%s.npz" % (sys.argv[1], name))
    net = cv2.dnn.readNetFromONNX(asked["model"])
    net.setInput(asked["x"])
    answer = np.array(net.forward())
    if answer.shape != asked["y"].shape:
        found = "shape %s instead of %s" % (answer.shape, asked["y"].shape)
        differ.append(True)
    else:
        error = np.abs(answer - asked["y"]).max()
        found = "largest error %.2g" % error
        differ.append(error > 0.1)
    print("%s, %s: %s" % (cv2.__version__, name, found))
raise SystemExit(not all(differ))
END
for version in 4.11.0.86 4.14.0.94 5.0.0.93; do
    $pip install --force-reinstall --no-deps opencv-python-headless==$version
    "$folder/venv/bin/python" "$folder/ask.py" "$folder"
done
