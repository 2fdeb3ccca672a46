#!/bin/sh
# A crop and a picture with its channels brought to the front, as NumPy has them without a copy, handed to ncnn's Mat.
#
# ncnn 1.0.20261020 (Python) beside onnxruntime 1.32.0, openvino 2026.4.1 and av 18.1.0. Expected: the numbers of the array, or an
# error, as openvino.Tensor(shared_memory=True) raises. Seen: ncnn.Mat(array) takes the array's shape and the place of its
# first number, and not its strides: a crop is read on beyond its columns, and picture.transpose(2, 0, 1), the usual way from
# HWC to CHW, is HWC under another shape, so that a network gets stripes. clone() copies what is wrong. So does
# Mat.from_pixels with a crop. np.ascontiguousarray mends it. The others are right, or say no.
#   whole: all 100 % right
#   crop: ncnn.Mat 3 %, ncnn.Mat.clone 3 %, ncnn.Mat.from_pixels 3 %, onnxruntime, openvino, av 100 %, openvino shared says no
#   every second: ncnn's three 0 %, the others as above
#   channels first: ncnn.Mat 0 %, ncnn.Mat.clone 0 %, the others as above
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 ncnn==1.0.20261020 onnx==1.23.2 \
    onnxruntime==1.32.0 openvino==2026.4.1 av==18.1.0
"$folder/venv/bin/python" - <<'END'
import av
import ncnn
import numpy as np
import onnxruntime
import openvino
from onnx import helper

PICTURE = np.arange(48 * 64 * 3, dtype=np.float32).reshape(48, 64, 3)
BYTES = np.random.default_rng(1).integers(0, 256, (48, 64, 3), dtype=np.uint8)
graph = helper.make_graph(
    [helper.make_node("Identity", ["x"], ["y"])],
    "g",
    [helper.make_tensor_value_info("x", 1, [None, None, None])],
    [helper.make_tensor_value_info("y", 1, [None, None, None])],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
core = openvino.Core()
compiled = core.compile_model(core.read_model(model), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})


def shared(array):
    try:
        return openvino.Tensor(array, shared_memory=True).data
    except RuntimeError:
        return None


def pixels(array):
    mat = ncnn.Mat.from_pixels(array, ncnn.Mat.PixelType.PIXEL_BGR, array.shape[1], array.shape[0])
    return np.array(mat).transpose(1, 2, 0)


READERS = {
    "ncnn.Mat": lambda array: np.array(ncnn.Mat(array)),
    "ncnn.Mat.clone": lambda array: np.array(ncnn.Mat(array).clone()),
    "onnxruntime": lambda array: session.run(None, {"x": array})[0],
    "openvino": lambda array: compiled(array)[0],
    "openvino shared": shared,
}
BYTE_READERS = {
    "ncnn.Mat.from_pixels": pixels,
    "av": lambda array: av.VideoFrame.from_ndarray(array, format="bgr24").to_ndarray(),
}


def told(readers, array):
    """How much of `array` each reader has right, in percent; None: it says no"""
    shares = {}
    for name, read in readers.items():
        answer = read(array)
        shares[name] = None if answer is None else round(100 * float((answer == array).mean()))
    return shares


found = {
    "whole": {**told(READERS, PICTURE), **told(BYTE_READERS, BYTES)},
    "crop": {**told(READERS, PICTURE[8:40, 16:48]), **told(BYTE_READERS, BYTES[8:40, 16:48])},
    "every second": {**told(READERS, PICTURE[::2, ::2]), **told(BYTE_READERS, BYTES[::2, ::2])},
    "channels first": told(READERS, PICTURE.transpose(2, 0, 1)),
}
for which, shares in found.items():
    print(which + ": " + ", ".join("%s %s" % (n, "no" if s is None else "%d %%" % s) for n, s in shares.items()))
right = {"onnxruntime": 100, "openvino": 100}
whole = dict.fromkeys([*READERS, *BYTE_READERS], 100)
seen = {
    "whole": whole,
    "crop": {**whole, "openvino shared": None, **dict.fromkeys(("ncnn.Mat", "ncnn.Mat.clone", "ncnn.Mat.from_pixels"), 3)},
    "every second": {
        **whole,
        "openvino shared": None,
        **dict.fromkeys(("ncnn.Mat", "ncnn.Mat.clone", "ncnn.Mat.from_pixels"), 0),
    },
    "channels first": {**right, "ncnn.Mat": 0, "ncnn.Mat.clone": 0, "openvino shared": None},
}
raise SystemExit(0 if found == seen else 1)
END
