#!/bin/sh
# A softmax between two quantisations, as quantisers leave it at the end of a network, in tract: how sure it is of what.
#
# tract 0.23.9 against onnxruntime 1.32.0 and onnx 1.23.2's reference evaluator, which agree to a step. Four classes with logits
# 1, 2, 3, -1, steps of 0.05 in and 1/256 out. Expected: 0.09, 0.24, 0.66, 0.01. Seen: 0.996 for all four, the largest number
# that the output holds, in int8 as in uint8, whatever the logits; LogSoftmax becomes 0. Any threshold is passed, by all classes.
# Where nothing is quantised behind the softmax, where nothing is before it, and with other functions, answers are right.
#   Softmax, int8: reference [0.09, 0.24, 0.66, 0.01], tract [1.0, 1.0, 1.0, 1.0]
#   Softmax, uint8: reference [0.09, 0.24, 0.66, 0.01], tract [1.0, 1.0, 1.0, 1.0]
#   LogSoftmax, int8: reference [-2.42, -1.43, -0.43, -4.43], tract [0.0, 0.0, 0.0, 0.0]
#   Softmax, int8, quantised before it alone: reference [0.09, 0.24, 0.66, 0.01], tract the same
#   Softmax, int8, quantised behind it alone: reference [0.09, 0.24, 0.66, 0.01], tract the same
#   Sigmoid, int8: reference [0.73, 0.88, 0.95, 0.27], tract the same
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    tract==0.23.9
"$folder/venv/bin/python" - "$folder" <<'END'
import sys

import numpy as np
import onnx
import onnxruntime
import tract
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

LOGITS = np.array([[1, 2, 3, -1]], np.float32)
path = sys.argv[1] + "/graph.onnx"


def answers(op, kind, before=True, behind=True, step=1 / 256, lowest=True):
    """The reference's answer and tract's; lowest: 0 is the lowest number of the output, or else the highest"""
    nodes, name = [], "x"
    if before:
        nodes.append(helper.make_node("QuantizeLinear", ["x", "s0", "z0"], ["q0"]))
        nodes.append(helper.make_node("DequantizeLinear", ["q0", "s0", "z0"], ["d0"]))
        name = "d0"
    nodes.append(helper.make_node(op, [name], ["c" if behind else "y"]))
    if behind:
        nodes.append(helper.make_node("QuantizeLinear", ["c", "s1", "z1"], ["q1"]))
        nodes.append(helper.make_node("DequantizeLinear", ["q1", "s1", "z1"], ["y"]))
    ends = np.iinfo(kind)
    middle = kind((int(ends.min) + int(ends.max) + 1) // 2)
    edge = kind(ends.min if lowest else ends.max)
    kept = {"s0": np.float32(0.05), "z0": middle, "s1": np.float32(step), "z1": edge}
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, LOGITS.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, LOGITS.shape)],
        [numpy_helper.from_array(np.asarray(kept[n + i]), n + i) for i in "01"[not before : 1 + behind] for n in "sz"],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)
    onnx.save(model, path)
    right = ReferenceEvaluator(model).run(None, {"x": LOGITS})[0]
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(None, {"x": LOGITS})[0], right, atol=1.1 * step)
    told = tract.onnx().load(path).into_model().into_runnable().run([LOGITS])[0].to_numpy()
    return tuple([round(float(each), 2) for each in answer[0]] for answer in (right, told))


found = {
    "Softmax, int8": answers("Softmax", np.int8),
    "Softmax, uint8": answers("Softmax", np.uint8),
    "LogSoftmax, int8": answers("LogSoftmax", np.int8, step=1 / 40, lowest=False),
    "Softmax, int8, quantised before it alone": answers("Softmax", np.int8, behind=False),
    "Softmax, int8, quantised behind it alone": answers("Softmax", np.int8, before=False),
    "Sigmoid, int8": answers("Sigmoid", np.int8),
}
for name, (right, told) in found.items():
    print("%s: reference %s, tract %s" % (name, right, "the same" if told == right else told))
shares, logarithms, sigmoids = [0.09, 0.24, 0.66, 0.01], [-2.42, -1.43, -0.43, -4.43], [0.73, 0.88, 0.95, 0.27]
seen = [
    (shares, [1.0] * 4),
    (shares, [1.0] * 4),
    (logarithms, [0.0] * 4),
    (shares, shares),
    (shares, shares),
    (sigmoids, sigmoids),
]
raise SystemExit(0 if list(found.values()) == seen else 1)
END
