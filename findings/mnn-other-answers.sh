#!/bin/sh
# Seven small ONNX graphs that MNN's converter takes without a word, and whose answers are other ones.
#
# MNN 3.6.1 (mnnconvert, CPU, FP32) against onnxruntime 1.32.0, which follows the specification in all of them. Expected:
# the same numbers, or a refusal by the converter. Seen: an attribute that MNN has not is dropped.
#   Round: halves go to the even number -> away from zero
#   Mod, fmod 1: the sign of the dividend -> of the divisor
#   ArgMax, select_last_index 1: the last of equals -> the first
#   MaxPool, SAME_LOWER: padded at the beginning -> at the end
#   Resize nearest, ceil: the next pixel -> the one before it
#   Resize nearest, round_prefer_ceil: the nearest pixel -> the one before it
#   Resize cubic, coefficient -0.5: differs by more than 1
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 MNN==3.6.1
cd "$folder"
venv/bin/python - <<'END' > told.txt 2> noise.txt
import subprocess

import MNN.expr as expr
import MNN.nn
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper


def answers(x, kind=TensorProto.FLOAT, inputs=("x",), weights=(), **node):
    """What onnxruntime and MNN answer to a graph of one node"""
    op = node.pop("op")
    graph = helper.make_graph(
        [helper.make_node(op, list(inputs), ["y"], **node)],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(x.shape))],
        [helper.make_tensor_value_info("y", kind, None)],
        [numpy_helper.from_array(value, name) for name, value in weights],
    )
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), "one.onnx"
    )
    convert = ["venv/bin/mnnconvert", "-f", "ONNX", "--modelFile", "one.onnx", "--MNNModel", "one.mnn"]
    subprocess.run(convert, check=True, capture_output=True)
    right = onnxruntime.InferenceSession("one.onnx").run(None, {"x": x})[0]
    y = MNN.nn.load_module_from_file("one.mnn", ["x"], ["y"]).forward(
        [expr.const(x, list(x.shape), expr.NCHW, expr.float)]
    )
    y = y[0] if isinstance(y, list) else y
    return right, np.array((expr.convert(y, expr.NCHW) if len(y.shape) == 4 else y).read())


row = np.array([[0.5, 1.5, 2.5, -0.5, -1.5]], np.float32)
picture = np.arange(24, dtype=np.float32).reshape(1, 1, 4, 6)
sizes = {"op": "Resize", "inputs": ("x", "", "", "sizes")}
to_9 = [("sizes", np.array([1, 1, 6, 9], np.int64))]
cases = {
    "Round": answers(row, op="Round"),
    "Mod, fmod 1": answers(
        np.array([[-5.5, 5.5]], np.float32),
        op="Mod",
        fmod=1,
        inputs=("x", "d"),
        weights=[("d", np.array([3], np.float32))],
    ),
    "ArgMax, select_last_index 1": answers(
        np.array([[1, 3, 3, 0]], np.float32), TensorProto.INT64, op="ArgMax", axis=1, select_last_index=1
    ),
    "MaxPool, SAME_LOWER": answers(
        picture[:, :, :3, :5].copy(), op="MaxPool", kernel_shape=[2, 2], strides=[2, 2], auto_pad="SAME_LOWER"
    ),
    "Resize nearest, ceil": answers(picture, **sizes, weights=to_9, mode="nearest", nearest_mode="ceil"),
    "Resize nearest, round_prefer_ceil": answers(
        picture, **sizes, weights=to_9, mode="nearest", nearest_mode="round_prefer_ceil"
    ),
    "Resize cubic, coefficient -0.5": answers(
        picture, **sizes, weights=to_9, mode="cubic", cubic_coeff_a=-0.5
    ),
}
as_seen = True
for name, (right, found) in cases.items():
    alike = right.shape == found.shape and np.allclose(right, found, atol=1e-3)
    print(f"{name}: {right.ravel()[:5].round(2).tolist()} -> {found.ravel()[:5].round(2).tolist()}")
    as_seen &= not alike
print("as seen" if as_seen else "changed")
END
grep -v '^The device\|^CPU Group' told.txt
grep -q '^as seen$' told.txt
