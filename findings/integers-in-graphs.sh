#!/bin/sh
# The largest and the sum of two integers, in ONNX graphs of int32 and int64: who computes with integers?
#
# onnxruntime 1.32.0, openvino 2026.4.1, opencv-python-headless 5.0.0.93, tract 0.23.9. Expected: integers, or a refusal; the
# largest of two numbers is one of them. Seen: OpenVINO reduces in float32, so that the largest of 16777217 and 2 is
# 16777216 and the largest of 2147483646 and 1 is -2147483648, and it holds int64 as int32 (a time in nanoseconds comes out of
# Identity as another number), as OpenCV does; onnxruntime adds int64 in float64 and is 277 off; tract adds int64 as int32.
#   ReduceMax of int32 16777217, 2: onnxruntime 16777217, openvino 16777216, opencv 16777217, tract 16777217
#   ReduceMax of int32 2147483646, 1: onnxruntime 2147483646, openvino -2147483648, opencv 2147483646, tract 2147483646
#   Identity of int64 1700000000123456789, 0: onnxruntime 1700000000123456789, openvino 1032178965, opencv 1032178965,
#     tract 1700000000123456789
#   ReduceSum of int64 1700000000123456789, 1700000000000000000: onnxruntime 3400000000123456512, openvino 1940901120,
#     opencv 1940901141, tract 1940901141; right is 3400000000123456789
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    openvino==2026.4.1 opencv-python-headless==5.0.0.93 tract==0.23.9
"$folder/venv/bin/python" - "$folder" <<'END'
import sys

import cv2
import numpy as np
import onnx
import onnxruntime
import openvino
import tract
from onnx import TensorProto, helper, numpy_helper


def answers(op, values, kind):
    """{library: the first number that it answers to a graph of one node}"""
    name, size = ("i64", 64) if kind == TensorProto.INT64 else ("i32", 32)
    x = np.array([values], f"int{size}")
    length = 2 if op == "Identity" else 1
    node = {
        "Identity": helper.make_node("Identity", ["x"], ["y"]),
        "ReduceMax": helper.make_node("ReduceMax", ["x"], ["y"], axes=[1]),
        "ReduceSum": helper.make_node("ReduceSum", ["x", "axis"], ["y"]),
    }[op]
    axis = [numpy_helper.from_array(np.array([1], np.int64), "axis")] if op == "ReduceSum" else []
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", kind, [1, 2])],
        [helper.make_tensor_value_info("y", kind, [1, length])],
        axis,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    data, path = model.SerializeToString(), sys.argv[1] + "/one.onnx"
    onnx.save(model, path)
    core, exact = openvino.Core(), {"INFERENCE_PRECISION_HINT": "f32"}
    net = cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8))
    net.setInput(x, "x")
    plan = tract.onnx().load(path)
    plan.set_input_fact(0, f"1,2,{name}")
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    found = {
        "onnxruntime": session.run(None, {"x": x})[0],
        "openvino": core.compile_model(core.read_model(data), "CPU", exact)([x])[0],
        "opencv": net.forward(),
        "tract": plan.into_model().into_runnable().run([x])[0].to_numpy(),
    }
    return {name: int(np.ravel(value)[0]) for name, value in found.items()}


time = 1700000000123456789
cases = [
    ("ReduceMax", [16777217, 2], "INT32", [16777217, 16777216, 16777217, 16777217]),
    ("ReduceMax", [2147483646, 1], "INT32", [2147483646, -2147483648, 2147483646, 2147483646]),
    ("Identity", [time, 0], "INT64", [time, 1032178965, 1032178965, time]),
    ("ReduceSum", [time, 1700000000000000000], "INT64", [3400000000123456512, 1940901120, 1940901141, 1940901141]),
]
as_seen = True
for op, values, kind, seen in cases:
    found = answers(op, values, getattr(TensorProto, kind))
    told = ", ".join(f"{name} {value}" for name, value in found.items())
    print(f"{op} of {kind.lower()} {values[0]}, {values[1]}: {told}")
    as_seen &= list(found.values()) == seen
raise SystemExit(not as_seen)
END
