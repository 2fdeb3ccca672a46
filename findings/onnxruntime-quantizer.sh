#!/bin/sh
# Small FP32 graphs through onnxruntime's own quantize_static, in 8 and in 16 bits: how far off the quantised graph is.
#
# onnxruntime 1.32.0, MinMax calibration on the very input that is asked, run without and with optimisations. Expected: errors
# of some steps of the weights, which have 8 bits, or a refusal. Seen: a Clip behind a convolution is taken out, as if
# the range of its output did the same; but that range always has 0 in it, so a lower bound above 0 is lost, and what was
# kept from 0 for a division becomes infinite. The beta of a Gemm goes into the step of its bias and then becomes 1, so that the
# bias is taken whole, or, by the optimiser and as QOperator, twice for a beta of a half; QOperator takes alpha on the bias too.
# Nothing is raised.
# Largest error in percent of the answers' range: 8 bits, the same optimised; activations of 16 bits; 8 bits as QOperator.
#   Clip 0..3: 5, 5, 4, 5
#   Clip 1..3: 33, 33, 33, 33
#   1 / Clip 0.5..: inf, inf, inf, inf
#   Gemm, alpha 1, beta 1: 0, 0, 0, 0
#   Gemm, alpha 1, beta 0.5: 19, 35, 19, 35
#   Gemm, alpha 0.5, beta 1: 0, 0, 0, 32
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 sympy==1.14.0
cd "$folder"
venv/bin/python - 2>noise.txt <<'END' || { cat noise.txt; exit 1; }
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

random = np.random.default_rng(0)
PLAIN = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
FULL = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL


def noise(*shape):
    return random.normal(size=shape).astype(np.float32)


class Once(CalibrationDataReader):
    def __init__(self, x):
        self.left = [{"x": x}]

    def get_next(self):
        return self.left.pop() if self.left else None


def run(path, x, level):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level, options.log_severity_level = level, 4
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


def percents(x, nodes, weights):
    """nodes: operator, inputs, output, attributes"""
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node(op, ins.split(","), [out], **attributes) for op, ins, out, attributes in nodes],
        "g",
        [value("x", TensorProto.FLOAT, x.shape)],
        [value("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(weight, np.float32), name) for name, weight in weights.items()],
    )
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(onnx.shape_inference.infer_shapes(model), "float.onnx")
    right = run("float.onnx", x, PLAIN)
    extent = max(right.max(), 0) - min(right.min(), 0)
    found = []
    for kind, activations, levels in (
        (QuantFormat.QDQ, QuantType.QUInt8, (PLAIN, FULL)),
        (QuantFormat.QDQ, QuantType.QUInt16, (PLAIN,)),
        (QuantFormat.QOperator, QuantType.QUInt8, (PLAIN,)),
    ):
        quantize_static("float.onnx", "integer.onnx", Once(x), kind, activation_type=activations)
        for level in levels:
            with np.errstate(over="ignore", invalid="ignore"):
                off = 100 * np.abs(run("integer.onnx", x, level) - right).max() / extent
            found.append(float(off))
    return found


conv = ("Conv", "x,w,b", "c", {})
picture, kernel, bias = noise(1, 4, 12, 12), noise(6, 4, 3, 3), noise(6)
cases = {}
for low in (0, 1):
    cases[f"Clip {low}..3"] = percents(
        picture,
        [conv, ("Clip", "c,low,high", "y", {})],
        {"w": kernel, "b": bias, "low": low, "high": 3},
    )
cases["1 / Clip 0.5.."] = percents(
    picture,
    [conv, ("Clip", "c,low,", "d", {}), ("Div", "one,d", "y", {})],
    {"w": kernel, "b": bias, "low": 0.5, "one": 1},
)
rows, weights, five = noise(3, 8), noise(5, 8), 5 * noise(5)
for alpha, beta in ((1.0, 1.0), (1.0, 0.5), (0.5, 1.0)):
    gemm = ("Gemm", "x,w,b", "y", {"transB": 1, "alpha": alpha, "beta": beta})
    cases[f"Gemm, alpha {alpha:g}, beta {beta:g}"] = percents(rows, [gemm], {"w": weights, "b": five})
for name, found in cases.items():
    print("%s: %.0f, %.0f, %.0f, %.0f" % (name, *found))
right, wrong = (lambda off: off < 8), (lambda off: off > 15)
SEEN = [[right] * 4, [wrong] * 4, [wrong] * 4, [right] * 4, [wrong] * 4, [right] * 3 + [wrong]]
as_seen = all(
    is_so(off) for expected, found in zip(SEEN, cases.values()) for is_so, off in zip(expected, found)
)
raise SystemExit(0 if as_seen else 1)
END
