#!/bin/sh
# Three small graphs of two nodes through onnxoptimizer's default passes, in FP32.
#
# onnxoptimizer 0.4.2, judged by onnxruntime 1.32.0 and by onnx 1.23.2's reference evaluator. Expected: the same answers.
# Seen: Pad with zeros goes into the pads of MaxPool, which are minus infinity and not 0, so that below zero the border
# changes; Pad goes into an AveragePool that has auto_pad, which then forgets its SAME_UPPER; of Reshape behind Reshape the
# second stays, whose 0 ("as the input has it") now means an axis of another tensor, and the graph does not run.
#   Pad, MaxPool: -1 at the corner instead of 0
#   Pad, AveragePool SAME_UPPER: shape (1, 1, 4, 6) instead of (1, 1, 6, 8)
#   Reshape, Reshape: does not run
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    onnxoptimizer==0.4.2
"$folder/venv/bin/python" - <<'END'
import numpy as np
import onnxoptimizer
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

x = -1 - np.arange(24, dtype=np.float32).reshape(1, 1, 4, 6)
quiet = onnxruntime.SessionOptions()
quiet.log_severity_level = 4


def run(model):
    return onnxruntime.InferenceSession(
        model.SerializeToString(), quiet, providers=["CPUExecutionProvider"]
    ).run(None, {"x": x})[0]


def told(nodes, shape, **weights):
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(x.shape))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(np.array(value, np.int64), name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    right = run(model)
    assert np.allclose(right, ReferenceEvaluator(model).run(None, {"x": x})[0])
    try:
        found = run(onnxoptimizer.optimize(model))
    except Exception:
        return "does not run"
    if found.shape != right.shape:
        return f"shape {found.shape} instead of {right.shape}"
    return f"{found.ravel()[0]:.4g} at the corner instead of {right.ravel()[0]:.4g}"


border = [0, 0, 1, 1, 0, 0, 1, 1]
pad = helper.make_node("Pad", ["x", "border"], ["wide"])
pool = helper.make_node("MaxPool", ["wide"], ["y"], kernel_shape=[3, 3])
mean = helper.make_node("AveragePool", ["wide"], ["y"], kernel_shape=[3, 3], auto_pad="SAME_UPPER")
reshapes = [
    helper.make_node("Reshape", ["x", "first"], ["t"]),
    helper.make_node("Reshape", ["t", "second"], ["y"]),
]
found = {
    "Pad, MaxPool": told([pad, pool], [1, 1, 4, 6], border=border),
    "Pad, AveragePool SAME_UPPER": told([pad, mean], [1, 1, 6, 8], border=border),
    "Reshape, Reshape": told(reshapes, [4, 6], first=[4, 6, 1], second=[0, 6]),
}
for what, answer in found.items():
    print(f"{what}: {answer}")
SEEN = [
    "-1 at the corner instead of 0",
    "shape (1, 1, 4, 6) instead of (1, 1, 6, 8)",
    "does not run",
]
raise SystemExit(list(found.values()) != SEEN)
END
