#!/bin/sh
# Logits of a hundred, all in range for floats, through three operators whose answers are in range too: who overflows.
#
# onnxruntime 1.32.0, openvino 2026.4.1, opencv-python-headless 5.0.0.93, tract 0.23.9, tinygrad 0.14.0 and onnx 1.23.2's
# reference evaluator. Expected: all subtract the largest first, as every textbook does. Seen: LogSoftmax is the logarithm of a
# softmax in OpenCV, in tract and in the reference, the judge of many a test: minus infinity where -201 is right; tract's
# third answer is -87.06 where -103 is right, finite and wrong. ReduceLogSumExp of 100 and 101 is infinite in OpenCV,
# tract and tinygrad, Softplus of 100 in OpenCV and tract. Only onnxruntime and OpenVINO get through.
#   LogSoftmax of 100, -101, -3: onnxruntime [0.0, -201.0, -103.0], openvino the same, tinygrad the same
#     opencv [0.0, -inf, -inf], tract [0.0, -inf, -87.06], reference [0.0, -inf, -103.28]
#   ReduceLogSumExp of 100, 101: onnxruntime, openvino, reference 101.31, opencv, tract, tinygrad inf
#   Softplus of 100: onnxruntime, openvino, reference, tinygrad 100.0, opencv, tract inf
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    openvino==2026.4.1 opencv-python-headless==5.0.0.93 tract==0.23.9 tinygrad==0.14.0
export DEV=PYTHON XDG_CACHE_HOME="$folder"  # tinygrad's device that needs no compiler; where it keeps things
"$folder/venv/bin/python" -W ignore - "$folder" <<'END'
import sys

import cv2
import numpy as np
import onnx
import onnxruntime
import openvino
import tract
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator
from tinygrad import Tensor
from tinygrad.nn.onnx import OnnxRunner


def answers(op, values, length, **attributes):
    """{library: its answer to a graph of one node}"""
    x = np.array([values], np.float32)
    graph = helper.make_graph(
        [helper.make_node(op, ["x"], ["y"], **attributes)],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(x.shape))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, length])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    data, path = model.SerializeToString(), sys.argv[1] + "/one.onnx"
    onnx.save(model, path)
    core, exact = openvino.Core(), {"INFERENCE_PRECISION_HINT": "f32"}
    net = cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8))
    net.setInput(x)
    plan = tract.onnx().load(path)
    plan.set_input_fact(0, f"1,{len(values)},f32")
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    found = {
        "onnxruntime": session.run(None, {"x": x})[0],
        "openvino": core.compile_model(core.read_model(data), "CPU", exact)([x])[0],
        "opencv": net.forward(),
        "tract": plan.into_model().into_runnable().run([x])[0].to_numpy(),
        "tinygrad": OnnxRunner(path)({"x": Tensor(x)})["y"].numpy(),
        "reference": ReferenceEvaluator(model).run(None, {"x": x})[0],
    }
    return {name: np.ravel(value).astype(float).round(2).tolist() for name, value in found.items()}


INF = float("inf")
logs = answers("LogSoftmax", [100, -101, -3], 3, axis=1)
sums = answers("ReduceLogSumExp", [100, 101], 1, axes=[1])
soft = answers("Softplus", [100], 1)
for what, found in (
    ("LogSoftmax of 100, -101, -3", logs),
    ("ReduceLogSumExp of 100, 101", sums),
    ("Softplus of 100", soft),
):
    print(what + ": " + ", ".join(f"{name} {value}" for name, value in found.items()))
right = [0, -201, -103]
raise SystemExit(
    list(logs.values())
    != [right, right, [0, -INF, -INF], [0, -INF, -87.06], right, [0, -INF, -103.28]]
    or list(sums.values()) != [[101.31], [101.31], [INF], [INF], [INF], [101.31]]
    or list(soft.values()) != [[100], [100], [INF], [INF], [100], [100]]
)
END
