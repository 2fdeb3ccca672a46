#!/bin/sh
# Graphs of one node brought to another opset by onnx.version_converter, which refuses what it cannot convert.
#
# onnx 1.23.2, run by onnxruntime 1.32.0 before and after. Expected: the same answers, or a refusal. Seen: four that answer
# otherwise, and one that does not load. Resize (10) and Upsample (9) take x / scale; from 11 on another rule is the
# default, and the converter does not write the old one. Softmax (13) takes one axis, and in 11 all from there on; the way
# up is right, the way down is not. Hardmax has the same change, and its way up is not right. GroupNormalization has a scale
# per group in 18 and per channel in 21; the converter's scale does not fit.
#   Resize linear, 10 to 11: differs, of a row 0, 1, 2 the second pixel is 0.25 instead of 0.5
#   Upsample linear, 9 to 11: differs, of a row 0, 1, 2 the second pixel is 0.25 instead of 0.5
#   Softmax, 11 to 13: the same
#   Softmax, 13 to 11: differs
#   Hardmax, 11 to 13: differs
#   GroupNormalization, 18 to 21: does not load
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
"$folder/venv/bin/python" - <<'END'
import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper, version_converter

quiet = onnxruntime.SessionOptions()
quiet.log_severity_level = 4


def run(model, x):
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), quiet, providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"x": x})[0]


def told(op, old, new, x, weights=(), **attributes):
    graph = helper.make_graph(
        [helper.make_node(op, ["x", *dict(weights)], ["y"], **attributes)],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(x.shape))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None] * x.ndim)],
        [numpy_helper.from_array(np.array(value, np.float32), name) for name, value in weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", old)], ir_version=8)
    right = run(model, x)
    try:
        found = run(version_converter.convert_version(model, new), x)
    except onnxruntime.capi.onnxruntime_pybind11_state.Fail:
        return "does not load"
    if np.allclose(right, found, atol=1e-5):
        return "the same"
    if "mode" not in attributes:
        return "differs"
    pixels = found.ravel()[1], right.ravel()[1]
    return "differs, of a row 0, 1, 2 the second pixel is %g instead of %g" % pixels


row = np.arange(3, dtype=np.float32).reshape(1, 1, 1, 3)
many = np.random.RandomState(0).randn(1, 4, 4, 6).astype(np.float32)
twice = [("scales", [1, 1, 1, 2])]
found = {
    "Resize linear, 10 to 11": told("Resize", 10, 11, row, twice, mode="linear"),
    "Upsample linear, 9 to 11": told("Upsample", 9, 11, row, twice, mode="linear"),
    "Softmax, 11 to 13": told("Softmax", 11, 13, many, axis=1),
    "Softmax, 13 to 11": told("Softmax", 13, 11, many, axis=1),
    "Hardmax, 11 to 13": told("Hardmax", 11, 13, many, axis=1),
    "GroupNormalization, 18 to 21": told(
        "GroupNormalization", 18, 21, many, [("scale", [1, 2]), ("bias", [0, 1])], num_groups=2
    ),
}
for what, answer in found.items():
    print(f"{what}: {answer}")
pixel = "differs, of a row 0, 1, 2 the second pixel is 0.25 instead of 0.5"
raise SystemExit(
    list(found.values()) != [pixel, pixel, "the same", "differs", "differs", "does not load"]
)
END
