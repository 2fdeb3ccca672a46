#!/bin/sh
# An FP16 graph that overflows gives the right answer on x86, and infinity where one looks at the sum between.
#
# onnxruntime 1.32.0, x86-64 (most processors: no half kernels): x * 200 + x * 200 = 102000 is beyond half's 65504, and
# an 850th part of it is 120. Expected: infinity, as every backend that computes in half gives. Seen: 120, because
# the pairs of casts around the sum are taken out and float goes through; with the sum as one more output of the same
# graph that output is inf, and in the very same run its 850th part is 120 still.
#   answer alone: 120.0
#   sum and answer: inf 120.0
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
[ "$(uname -m)" = x86_64 ] || { echo "not x86-64: processors with half arithmetic give inf"; exit 0; }
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
"$folder/venv/bin/python" - <<'END'
import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

HALF, FLOAT = TensorProto.FLOAT16, TensorProto.FLOAT


def answers(outputs):
    nodes = [
        helper.make_node("Cast", ["x"], ["half"], to=HALF),
        helper.make_node("Mul", ["half", "by"], ["large"]),
        helper.make_node("Add", ["large", "large"], ["sum"]),
        helper.make_node("Mul", ["sum", "part"], ["small"]),
        helper.make_node("Cast", ["small"], ["answer"], to=FLOAT),
    ]
    types = {"sum": HALF, "answer": FLOAT}
    weights = {"by": 200, "part": 1 / 850}
    graph = helper.make_graph(
        nodes,
        "overflow",
        [helper.make_tensor_value_info("x", FLOAT, [1])],
        [helper.make_tensor_value_info(name, types[name], [1]) for name in outputs],
        [numpy_helper.from_array(np.array(value, np.float16), name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return [float(value[0]) for value in session.run(outputs, {"x": np.array([255], np.float32)})]


alone, both = answers(["answer"]), answers(["sum", "answer"])
print("answer alone: %.1f" % alone[0])
print("sum and answer: %.1f %.1f" % tuple(both))
raise SystemExit(not (abs(alone[0] - 120) < 0.5 and np.isinf(both[0]) and abs(both[1] - 120) < 0.5))
END
