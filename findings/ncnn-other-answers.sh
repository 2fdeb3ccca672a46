#!/bin/sh
# Five small ONNX graphs that pnnx makes ncnn files of without a word, and whose answers are other ones.
#
# pnnx 20261020 (fp16=0) and ncnn 1.0.20261020 (no FP16) against onnxruntime 1.32.0, which follows the specification in all of
# them. Each begins with a convolution that changes nothing, so that pnnx knows which axis is the batch. Expected: the same
# numbers, or a layer that ncnn says at loading that it does not have, as it does of a nearest Resize by half pixels. Seen: pnnx
# thinks in PyTorch's operators, and what these have not, or have otherwise, is lost.
#   Resize linear, asymmetric: 0, 0.67, 1.33 -> 0, 0.5, 1.17, as half_pixel
#   Resize cubic, coefficient -0.5: -0.41 -> -0.61, as -0.75
#   SpaceToDepth: the same numbers, in other channels, as PixelUnshuffle has them
#   Gather of the channels 2, 1, 0, as from BGR to RGB: three channels -> the second alone
#   Slice by -1 over all columns: mirrored -> as it was
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    ncnn==1.0.20261020
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps pnnx==20261020  # its program needs no torch
cd "$folder"
venv/bin/python - <<'END'
import subprocess
from pathlib import Path

import ncnn
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper


PNNX = next(Path("venv").glob("lib/*/site-packages/pnnx/pnnx"))


def answers(op, x, inputs="conv", weights=(), **attributes):
    """What onnxruntime and ncnn answer to a graph of a convolution that changes nothing, and one node"""
    channels = x.shape[1]
    still = ("still", np.eye(channels, dtype=np.float32).reshape(channels, channels, 1, 1))
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "still"], ["conv"]),
            helper.make_node(op, inputs.split(","), ["y"], **attributes),
        ],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(x.shape))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in (still, *weights)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(onnx.shape_inference.infer_shapes(model), "one.onnx")
    right = onnxruntime.InferenceSession("one.onnx", providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]
    shape = "inputshape=[%s]" % ",".join(map(str, x.shape))
    subprocess.run([PNNX, "one.onnx", "fp16=0", shape], check=True, capture_output=True)
    net = ncnn.Net()
    for option in ("fp16_storage", "fp16_arithmetic", "fp16_packed", "bf16_storage"):
        setattr(net.opt, "use_" + option, False)
    assert net.load_param("one.ncnn.param") == 0 and net.load_model("one.ncnn.bin") == 0
    run = net.create_extractor()
    run.input("in0", ncnn.Mat(np.ascontiguousarray(x[0])).clone())
    status, found = run.extract("out0")
    assert status == 0
    return right[0], np.array(found)


picture = np.arange(24, dtype=np.float32).reshape(1, 1, 4, 6)
three = np.arange(60, dtype=np.float32).reshape(1, 3, 4, 5)
to_9 = {"inputs": "conv,,,sizes", "weights": [("sizes", np.array([1, 1, 6, 9]))]}
reverse = [("first", [-1]), ("last", [-100]), ("axis", [3]), ("step", [-1])]
cases = {
    "Resize linear, half_pixel": answers("Resize", picture, **to_9, mode="linear"),
    "Relu": answers("Relu", three - 30),
    "Resize linear, asymmetric": answers(
        "Resize", picture, **to_9, mode="linear", coordinate_transformation_mode="asymmetric"
    ),
    "Resize cubic, coefficient -0.5": answers("Resize", picture, **to_9, mode="cubic", cubic_coeff_a=-0.5),
    "SpaceToDepth": answers("SpaceToDepth", np.arange(48, dtype=np.float32).reshape(1, 2, 4, 6), blocksize=2),
    "Gather of the channels 2, 1, 0": answers("Gather", three, "conv,order", [("order", [2, 1, 0])], axis=1),
    "Slice by -1 over all columns": answers("Slice", three, "conv,first,last,axis,step", reverse),
}
same = []
for name, (right, found) in cases.items():
    same.append(right.shape == found.shape and np.allclose(right, found, atol=1e-3))
    first = [each.ravel()[:5].astype(float).round(2).tolist() for each in (right, found)]
    print("%s: %s %s -> %s %s%s" % (name, right.shape, first[0], found.shape, first[1], ", the same" * same[-1]))
raise SystemExit(0 if same == [True] * 2 + [False] * 5 else 1)
END
