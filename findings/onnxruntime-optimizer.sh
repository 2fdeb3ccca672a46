#!/bin/sh
# Small graphs run by onnxruntime as a session runs them unless told otherwise, and with its optimisations off.
#
# onnxruntime 1.32.0, CPU; onnx 1.23.2's reference evaluator agrees with the unoptimised answers. Expected: the same, to rounding.
# Seen: what looks like a layer normalisation becomes one, and is not looked at closely: mean - x instead of x - mean loses its
# sign, any power is taken for a square, and deviation / difference for difference / deviation. (1 / x) * y becomes y / x of
# integers too, 0 to 2. A quantised convolution whose weights have a step per input channel (axis 1 of DequantizeLinear) is
# computed with those steps per output channel. Nothing is raised, and these are the default.
#   layer normalisation: largest error 0.0 of 1.8
#   of mean - x: largest error 3.6 of 1.8
#   with the fourth power: largest error 1.6 of 0.4
#   upside down: largest error 2.7 of 3.0
#   quantised Conv, a step per output channel: largest error 0.0 of 3.1
#   quantised Conv, a step per input channel: largest error 2.5 of 1.9
#   (1 / x) * y of integers 3, 2 and 7, 5: [2, 2] instead of [0, 0]
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
"$folder/venv/bin/python" - <<'END'
import numpy as np
import onnxruntime
from onnx import helper, numpy_helper, shape_inference
from onnx.reference import ReferenceEvaluator

LEVELS = onnxruntime.GraphOptimizationLevel
node = helper.make_node


def answers(nodes, inputs, constants, opset=17):
    """A graph's answer `y` without optimisations and with them"""
    given = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
        for name, value in inputs.items()
    ]
    kept = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "g", given, [helper.make_empty_tensor_value_info("y")], kept)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    model = shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    found = []
    for level in (LEVELS.ORT_DISABLE_ALL, LEVELS.ORT_ENABLE_ALL):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = level
        content = model.SerializeToString()
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        found.append(session.run(None, inputs)[0])
    np.testing.assert_allclose(ReferenceEvaluator(model).run(None, inputs)[0], found[0], rtol=1e-3, atol=1e-3)
    return found


def error(pair):
    plain, optimised = pair
    return round(float(np.abs(optimised - plain).max()), 1), round(float(np.abs(plain).max()), 1)


def normalised(difference=("x", "m"), power=2, quotient=("d", "s")):
    x = np.array([[1, 2, 4, 8, 16], [3, -1, 4, -1, 5]], np.float32)
    nodes = [
        node("ReduceMean", ["x"], ["m"], axes=[-1]),
        node("Sub", difference, ["d"]),
        node("Pow", ["d", "power"], ["p"]),
        node("ReduceMean", ["p"], ["v"], axes=[-1]),
        node("Add", ["v", "least"], ["a"]),
        node("Sqrt", ["a"], ["s"]),
        node("Div", quotient, ["n"]),
        node("Mul", ["n", "one"], ["o"]),
        node("Add", ["o", "zero"], ["y"]),
    ]
    one = np.ones(5, np.float32)
    return answers(nodes, {"x": x}, {"power": np.float32(power), "least": np.float32(1e-5), "one": one, "zero": 0 * one})


def convolved(axis):
    rng = np.random.default_rng(0)
    nodes = [
        node("QuantizeLinear", ["x", "step", "middle"], ["q"]),
        node("DequantizeLinear", ["q", "step", "middle"], ["d"]),
        node("DequantizeLinear", ["weights", "steps", "zeros"], ["w"], axis=axis),
        node("Conv", ["d", "w"], ["c"]),
        node("QuantizeLinear", ["c", "step", "middle"], ["r"]),
        node("DequantizeLinear", ["r", "step", "middle"], ["y"]),
    ]
    x = rng.uniform(-3, 3, (1, 4, 6, 6)).astype(np.float32)
    # seven bits, so that processors without VNNI do not saturate
    weights = rng.integers(-60, 61, (4, 4, 3, 3), dtype=np.int8)
    steps = np.array([0.0005, 0.001, 0.002, 0.004], np.float32)
    constants = {"weights": weights, "steps": steps, "zeros": np.zeros(4, np.int8)}
    constants.update({"step": np.float32(0.03), "middle": np.uint8(128)})
    return answers(nodes, {"x": x}, constants, opset=19)


quotient = answers(
    [node("Div", ["one", "x"], ["a"]), node("Mul", ["a", "z"], ["y"])],
    {"x": np.array([3, 2]), "z": np.array([7, 5])},
    {"one": np.array([1])},
)
found = {
    "layer normalisation": error(normalised()),
    "of mean - x": error(normalised(("m", "x"))),
    "with the fourth power": error(normalised(power=4)),
    "upside down": error(normalised(quotient=("s", "d"))),
    "quantised Conv, a step per output channel": error(convolved(0)),
    "quantised Conv, a step per input channel": error(convolved(1)),
}
for name, told in found.items():
    print("%s: largest error %.1f of %.1f" % (name, *told))
whole = [each.tolist() for each in quotient]
print("(1 / x) * y of integers 3, 2 and 7, 5: %s instead of %s" % (whole[1], whole[0]))
seen = [(0.0, 1.8), (3.6, 1.8), (1.6, 0.4), (2.7, 3.0), (0.0, 3.1), (2.5, 1.9)]
raise SystemExit(0 if list(found.values()) == seen and whole == [[0, 0], [2, 2]] else 1)
END
