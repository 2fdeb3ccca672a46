#!/bin/sh
# Numbers beyond float8's largest, cast by four libraries: to the largest, to infinity, to no number?
#
# onnxruntime 1.32.0, openvino 2026.4.1, onnx 1.23.2's reference evaluator, ml_dtypes 0.6.0. Cast of opset 19 to E4M3FN
# (up to 448) and E5M2 (up to 57344). Expected of `saturate` 1: the largest; of 0: NaN in E4M3FN, which has no infinity, and
# infinity in E5M2. Seen: with saturate 0 onnxruntime makes NaN of 465, but 448 of 480 to 495, and NaN again of 496; in E5M2
# it makes NaN of 61440 and infinity of 65536. OpenVINO casts as if saturate were 0 always, and its QuantizeLinear works as
# if it were 1 always.
#   E4M3FN, saturate 0, of 465, 480, 495, 496: onnxruntime [nan, 448.0, 448.0, nan], the others four times nan
#   E4M3FN, saturate 1, of the same: onnxruntime and reference four times 448.0, openvino four times nan
#   E5M2, saturate 0, of 57344, 61440, 65408, 65536: onnxruntime [57344.0, nan, nan, inf], the others [57344.0, inf, inf, inf]
#   E4M3FN by QuantizeLinear, saturate 0: onnxruntime [nan, 448.0, 448.0, nan], openvino four times 448.0
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    openvino==2026.4.1 ml_dtypes==0.6.0
"$folder/venv/bin/python" - <<'END'
import ml_dtypes
import numpy as np
import onnxruntime
import openvino
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

E4M3, E5M2 = TensorProto.FLOAT8E4M3FN, TensorProto.FLOAT8E5M2
INF, NAN = float("inf"), float("nan")


def answers(values, kind, saturate, quantised=False):
    """{library: what it makes of values}"""
    scale = [helper.make_tensor("scale", TensorProto.FLOAT, [], [1.0]), helper.make_tensor("zero", kind, [], [0.0])]
    first = (
        helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["small"], saturate=saturate)
        if quantised
        else helper.make_node("Cast", ["x"], ["small"], to=kind, saturate=saturate)
    )
    graph = helper.make_graph(
        [first, helper.make_node("Cast", ["small"], ["y"], to=TensorProto.FLOAT)],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])],
        scale if quantised else [],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)
    data, x = model.SerializeToString(), np.array(values, np.float32)
    core, exact = openvino.Core(), {"INFERENCE_PRECISION_HINT": "f32"}
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    found = {
        "onnxruntime": session.run(None, {"x": x})[0],
        "openvino": core.compile_model(core.read_model(data), "CPU", exact)([x])[0],
    }
    if not quantised:
        found["reference"] = ReferenceEvaluator(model).run(None, {"x": x})[0]
        if not saturate:
            small = {E4M3: ml_dtypes.float8_e4m3fn, E5M2: ml_dtypes.float8_e5m2}[kind]
            found["ml_dtypes"] = x.astype(small).astype(np.float32)
    return {name: value.tolist() for name, value in found.items()}


near, far = [465, 480, 495, 496], [57344, 61440, 65408, 65536]
odd, none, largest, infinite = [NAN, 448, 448, NAN], [NAN] * 4, [448] * 4, [57344, INF, INF, INF]
cases = {
    "E4M3FN, saturate 0": (
        answers(near, E4M3, 0),
        {"onnxruntime": odd, "openvino": none, "reference": none, "ml_dtypes": none},
    ),
    "E4M3FN, saturate 1": (
        answers(near, E4M3, 1),
        {"onnxruntime": largest, "openvino": none, "reference": largest},
    ),
    "E5M2, saturate 0": (
        answers(far, E5M2, 0),
        {"onnxruntime": [57344, NAN, NAN, INF], "openvino": infinite, "reference": infinite, "ml_dtypes": infinite},
    ),
    "E4M3FN by QuantizeLinear, saturate 0": (
        answers(near, E4M3, 0, quantised=True),
        {"onnxruntime": odd, "openvino": largest},
    ),
}
as_seen = True
for what, (found, seen) in cases.items():
    print(what + ": " + ", ".join(f"{name} {value}" for name, value in found.items()))
    as_seen &= found.keys() == seen.keys()
    as_seen &= all(np.array_equal(found[name], seen[name], equal_nan=True) for name in seen)
raise SystemExit(not as_seen)
END
