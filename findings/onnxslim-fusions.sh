#!/bin/sh
# Five small graphs of two or three nodes through onnxslim and onnxsim, in FP32.
#
# onnxslim 0.1.98 and onnxsim 0.8.1, judged by onnxruntime 1.32.0 without optimisations. Expected: the same answers. Seen:
# onnxslim takes a factor per column for one per channel where picture and channels have the same number, as beside a
# convolution that ends at 6x6 with 6 channels, and so for a transposed convolution of two groups; it makes one tensor of 0 and
# -0, so that 1 / -0 changes its sign. Both read the pads of a Pad that names its axes (opset 18) as if it named none, so that
# height and width change places; onnxslim writes two pads instead of four where the axes are (2, 3), which does not load.
# For Add onnxslim compares the axes, for Mul it does not.
#   Conv, Mul by column: onnxslim differs, onnxsim the same
#   ConvTranspose, Mul by column: onnxslim differs, onnxsim the same
#   Pad of axes 0, 1, 3, 2, Conv: onnxslim shape (1, 6, 8, 7) -> (1, 6, 7, 8), onnxsim shape (1, 6, 8, 7) -> (1, 6, 7, 8)
#   Pad of axes 2, 3 at their ends, Conv: onnxslim does not load, onnxsim the same
#   Div by 0 and by -0: onnxslim differs, onnxsim the same
#   Conv, Add by column: onnxslim the same, onnxsim the same
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    onnxslim==0.1.98 onnxsim==0.8.1
"$folder/venv/bin/python" - <<'END'
import numpy as np
import onnx
import onnxruntime
import onnxsim
import onnxslim
from onnx import TensorProto, helper, numpy_helper

options = onnxruntime.SessionOptions()
options.log_severity_level = 4
options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
random = np.random.default_rng(0)


def noise(*shape):
    return random.normal(size=shape).astype(np.float32)


def run(model, x):
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"x": x})[0]


def graph(x, nodes, weights, shape):
    """A model from x to y; nodes: operator, inputs, output, attributes"""
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node(op, ins.split(","), [out], **attributes) for op, ins, out, attributes in nodes],
        "g",
        [value("x", TensorProto.FLOAT, x.shape)],
        [value("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(np.asarray(weight), name) for name, weight in weights.items()],
    )
    return x, helper.make_model(body, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def told(make, x, model):
    right = run(model, x)
    copy = onnx.ModelProto.FromString(model.SerializeToString())
    try:
        found = run(make(copy), x)
    except onnxruntime.capi.onnxruntime_pybind11_state.Fail:
        return "does not load"
    if found.shape != right.shape:
        return f"shape {right.shape} -> {found.shape}"
    return "the same" if np.allclose(found, right, atol=1e-4) else "differs"


picture, kernel, column = noise(1, 3, 8, 8), noise(6, 3, 3, 3), noise(6)
conv = ("Conv", "x,w", "c", {})
behind_pad = ("Conv", "p,w", "y", {})
cases = {
    "Conv, Mul by column": graph(
        picture, [conv, ("Mul", "c,k", "y", {})], {"w": kernel, "k": column}, (1, 6, 6, 6)
    ),
    "ConvTranspose, Mul by column": graph(
        noise(1, 4, 5, 3),
        [("ConvTranspose", "x,w", "c", {"group": 2}), ("Mul", "c,k", "y", {})],
        {"w": noise(4, 3, 1, 1), "k": noise(3)},
        (1, 6, 5, 3),
    ),
    "Pad of axes 0, 1, 3, 2, Conv": graph(
        picture,
        [("Pad", "x,pads,zero,axes", "p", {}), behind_pad],
        {"w": kernel, "pads": [0, 0, 1, 0, 0, 0, 0, 2], "zero": np.float32(0), "axes": [0, 1, 3, 2]},
        (1, 6, 8, 7),
    ),
    "Pad of axes 2, 3 at their ends, Conv": graph(
        picture,
        [("Pad", "x,pads,zero,axes", "p", {}), behind_pad],
        {"w": kernel, "pads": [0, 0, 1, 1], "zero": np.float32(0), "axes": [2, 3]},
        (1, 6, 7, 7),
    ),
    "Div by 0 and by -0": graph(
        np.ones(2, np.float32),
        [("Div", "x,k", "a", {}), ("Div", "x,l", "b", {}), ("Concat", "a,b", "y", {"axis": 0})],
        {"k": np.zeros(2, np.float32), "l": -np.zeros(2, np.float32)},
        (4,),
    ),
    "Conv, Add by column": graph(
        picture, [conv, ("Add", "c,k", "y", {})], {"w": kernel, "k": column}, (1, 6, 6, 6)
    ),
}
same, swapped = "the same", "shape (1, 6, 8, 7) -> (1, 6, 7, 8)"
seen = [
    ("differs", same),
    ("differs", same),
    (swapped, swapped),
    ("does not load", same),
    ("differs", same),
    (same, same),
]
found = []
for name, (x, model) in cases.items():
    found.append((told(onnxslim.slim, x, model), told(lambda copy: onnxsim.simplify(copy)[0], x, model)))
    print("%s: onnxslim %s, onnxsim %s" % (name, *found[-1]))
raise SystemExit(0 if found == seen else 1)
END
