#!/bin/sh
# Three old operators in onnx's reference evaluator, the judge of many a test, on numbers that can be checked by hand.
#
# onnx 1.23.2 beside onnxruntime 1.32.0. Expected: what the specification's formulas give. Seen: onnxruntime gives it; the
# reference normalises, by LRN, as many channels as there are pictures and leaves the others as they are; it averages, where
# ceil_mode makes room for a last window that is not full, over windows that all begin too early; and it pads MaxPool's
# SAME_LOWER at the end, as SAME_UPPER, though not AveragePool's. What onnxscript's optimizer folds away is worked out by it.
#   LRN of 5 channels, 1 picture: reference [0.167, 2, 3, 4, 5], onnxruntime and right [0.167, 0.133, 0.1, 0.078, 0.119]
#   LRN of 5 channels, 5 pictures: both right
#   AveragePool, kernel 3, stride 3, ceil_mode 1, of 0 to 6: reference [0.5, 3, 5], onnxruntime and right [1, 4, 6]
#   AveragePool, the same without ceil_mode: both right
#   MaxPool, kernel 3, stride 2, SAME_LOWER, of 9 1 2 3 8 5 6 7: reference [9, 8, 8, 7], onnxruntime and right [9, 3, 8, 7]
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
"$folder/venv/bin/python" - <<'END'
import numpy as np
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator


def answers(op, x, **attributes):
    """Of the reference and of onnxruntime, the first picture's"""
    x = np.asarray(x, np.float32)
    graph = helper.make_graph(
        [helper.make_node(op, ["x"], ["y"], **attributes)],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None] * x.ndim)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    told = ReferenceEvaluator(model).run(None, {"x": x})[0], session.run(None, {"x": x})[0]
    return [each[0].ravel().astype(float).round(3).tolist() for each in told]


def normalised(pictures):
    channels = np.arange(1.0, 6).reshape(1, 5, 1, 1)
    return answers("LRN", np.repeat(channels, pictures, 0), size=3, alpha=3.0, beta=1.0, bias=1.0)


def averaged(ceil_mode):
    row = np.arange(7.0).reshape(1, 1, 7)
    return answers("AveragePool", row, kernel_shape=[3], strides=[3], ceil_mode=ceil_mode)


squares = np.pad(np.arange(1.0, 6) ** 2, 1)
right = (np.arange(1, 6) / (1 + squares[:-2] + squares[1:-1] + squares[2:])).round(3).tolist()
row = [[[9, 1, 2, 3, 8, 5, 6, 7]]]
cases = {
    "LRN of 5 channels, 1 picture": (normalised(1), [right[0], 2, 3, 4, 5], right),
    "LRN of 5 channels, 5 pictures": (normalised(5), right, right),
    "AveragePool, ceil_mode 1": (averaged(1), [0.5, 3, 5], [1, 4, 6]),
    "AveragePool, ceil_mode 0": (averaged(0), [1, 4], [1, 4]),
    "MaxPool, SAME_LOWER": (
        answers("MaxPool", row, kernel_shape=[3], strides=[2], auto_pad="SAME_LOWER"),
        [9, 8, 8, 7],
        [9, 3, 8, 7],
    ),
}
as_seen = True
for name, ((reference, runtime), seen, correct) in cases.items():
    print(f"{name}: reference {reference}, onnxruntime {runtime}, right {correct}")
    as_seen &= np.allclose(reference, seen) and np.allclose(runtime, correct)
raise SystemExit(0 if as_seen else 1)
END
