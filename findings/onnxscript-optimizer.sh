#!/bin/sh
# Small graphs through the optimizer of onnxscript, which torch.onnx.export(dynamo=True) calls on what it writes.
#
# onnxscript 0.7.2 (optimizer.optimize), judged by onnxruntime 1.32.0 without optimisations. Expected: the same answers. Seen:
# of ScatterND over all rows in order, with reduction "add", only what is added stays, as if nothing was there before; two
# Clips, or a Clip and a Relu, become one whose lower bound may lie above its upper one, which wins, though the second of the
# two came last. Constant parts are worked out by onnx's reference evaluator (1.23.2), with its own view of opset 11's Softmax.
#   ScatterND, add: differs, graph is empty: y is the update
#   ScatterND, none: the same
#   Clip 0..2, Clip 3..5: 2.0 instead of 3.0
#   Clip -2..-1, Relu: -1.0 instead of 0.0
#   Clip 3..5, Clip 0..2: the same
#   Softmax of a constant, opset 11: differs
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    onnxscript==0.7.2
"$folder/venv/bin/python" - <<'END'
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxscript import optimizer

options = onnxruntime.SessionOptions()
options.log_severity_level = 4
options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
random = np.random.default_rng(0)


def run(model, x):
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"x": x})[0]


def told(x, nodes, weights, opset=18):
    """nodes: operator, inputs, output, attributes"""
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node(op, ins.split(","), [out], **attributes) for op, ins, out, attributes in nodes],
        "g",
        [value("x", TensorProto.FLOAT, x.shape)],
        [value("y", TensorProto.FLOAT, x.shape)],
        [numpy_helper.from_array(weight, name) for name, weight in weights.items()],
    )
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    right = run(model, x)
    optimised = optimizer.optimize(onnx.ModelProto.FromString(model.SerializeToString()))
    found = run(optimised, x)
    if np.allclose(found, right, atol=1e-5):
        return "the same"
    if x.ndim == 1:
        return f"{found[0]} instead of {right[0]}"
    if np.array_equal(found, weights.get("u")):
        return "differs, graph is empty: y is the update"
    return "differs"


def clips(*bounds):
    bounds = {name: np.float32(bound) for name, bound in zip("abcd", bounds)}
    second = ("Clip", "t,c,d", "y", {}) if len(bounds) == 4 else ("Relu", "t", "y", {})
    return [("Clip", "x,a,b", "t", {}), second], bounds


row = np.zeros(1, np.float32)
grid, update, k = (random.normal(size=(4, 3)).astype(np.float32) for _ in range(3))
rows = np.arange(4).reshape(4, 1)
found = {
    f"ScatterND, {reduction}": told(
        grid, [("ScatterND", "x,i,u", "y", {"reduction": reduction})], {"i": rows, "u": update}
    )
    for reduction in ("add", "none")
}
found["Clip 0..2, Clip 3..5"] = told(row, *clips(0, 2, 3, 5))
found["Clip -2..-1, Relu"] = told(row, *clips(-2, -1))
found["Clip 3..5, Clip 0..2"] = told(row, *clips(3, 5, 0, 2))
found["Softmax of a constant, opset 11"] = told(
    np.zeros((1, 4, 3), np.float32),
    [("Softmax", "k", "s", {}), ("Add", "x,s", "y", {})],
    {"k": k.reshape(1, 4, 3)},
    opset=11,
)
for name, answer in found.items():
    print(f"{name}: {answer}")
seen = [
    "differs, graph is empty: y is the update",
    "the same",
    "2.0 instead of 3.0",
    "-1.0 instead of 0.0",
    "the same",
    "differs",
]
raise SystemExit(0 if list(found.values()) == seen else 1)
END
