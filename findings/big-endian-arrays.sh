#!/bin/sh
# An array of big-endian numbers, as NumPy reads them from IDX files, 16-bit PGM or network order: who minds the order.
#
# onnxruntime 1.32.0, opencv-python-headless 5.0.0.93, openvino 2026.4.1 on x86-64. Expected: the numbers, or an error, as
# torch.from_numpy raises one. Seen: OpenVINO answers right; onnxruntime and OpenCV look at the kind of number and not at
# its order, and compute with swapped bytes, without a word.
#   onnxruntime Identity, >f4: 4.6006e-41 for 1.0
#   OrtValue.ortvalue_from_numpy, >f4: 4.6006e-41 for 1.0
#   openvino Identity, >f4: 1 for 1.0
#   cv2.resize, >u2: 256 for 1
#   cv2.imencode .png, >u2: 256 for 1
#   cv2.dnn.blobFromImage, >f4: 4.6006e-41 for 1.0
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    openvino==2026.4.1 opencv-python-headless==5.0.0.93
"$folder/venv/bin/python" - <<'END'
import cv2
import numpy as np
import onnxruntime
import openvino
from onnx import TensorProto, helper

row = [[1, 2], [3, 4]]
floats, shorts = np.array(row, ">f4"), np.array(row, ">u2")
graph = helper.make_graph(
    [helper.make_node("Identity", ["x"], ["y"])],
    "g",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 2])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 2])],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
data = model.SerializeToString()
session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
core = openvino.Core()
found = {
    "onnxruntime Identity, >f4": session.run(None, {"x": floats})[0],
    "OrtValue.ortvalue_from_numpy, >f4": onnxruntime.OrtValue.ortvalue_from_numpy(floats).numpy(),
    "openvino Identity, >f4": core.compile_model(core.read_model(data), "CPU")([floats])[0],
    "cv2.resize, >u2": cv2.resize(shorts, (2, 2)),
    "cv2.imencode .png, >u2": cv2.imdecode(cv2.imencode(".png", shorts)[1], cv2.IMREAD_UNCHANGED),
    "cv2.dnn.blobFromImage, >f4": cv2.dnn.blobFromImage(floats)[0, 0],
}
for name, answer in found.items():
    print(f"{name}: {answer[0, 0]:.5g} for {1.0 if 'f4' in name else 1}")
right = {name for name, answer in found.items() if np.array_equal(answer, row)}
swapped = {
    name
    for name, answer in found.items()
    if np.array_equal(answer, (floats if "f4" in name else shorts).view(f"<{name[-2:]}"))
}
raise SystemExit(right != {"openvino Identity, >f4"} or swapped != found.keys() - right)
END
