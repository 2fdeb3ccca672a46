#!/bin/sh
# The operators that detectors end in, NonMaxSuppression and RoiAlign, on small numbers: who keeps what, and what is inside.
#
# onnxruntime 1.32.0, openvino 2026.4.1, onnx 1.23.2's reference evaluator. A box is suppressed where its overlap is greater
# than iou_threshold, which is 0 unless given; max of RoiAlign is that of the interpolated samples; before opset 16 it has no
# shift by half a pixel. Expected: that, from all. Seen: OpenVINO suppresses at the threshold too, so that without one a
# class keeps one box, though no two touch; onnxruntime and the reference take the largest of corner times weight, which is no
# value of the picture: in one that is 8 everywhere they see 2 (onnxruntime says that it will be mended in 1.13); the
# reference shifts in opset 10 as from 16 on.
#   three boxes apart, no threshold: onnxruntime [0, 1, 2], openvino [0]
#   three boxes apart, threshold 0: onnxruntime [0, 1, 2], openvino [0], reference [0, 1, 2]
#   two boxes, overlap 0.5, threshold 0.5: onnxruntime [0, 1], openvino [0], reference [0, 1]
#   RoiAlign max of a picture of 8: onnxruntime 2.0, openvino 8.0, reference 2.0
#   RoiAlign avg of 0, 1, 2, ... by column, opset 10: onnxruntime 1.5, openvino 1.5, reference 1.0
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    openvino==2026.4.1
"$folder/venv/bin/python" - <<'END'
import numpy as np
import onnxruntime
import openvino
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator


def answers(op, inputs, kind, shape, opset, given=(), judged=True, **attributes):
    """What onnxruntime, OpenVINO and, where judged, the reference answer to a graph of one node; given: constants"""
    inputs = {name: np.asarray(value) for name, value in inputs.items()}
    asked = {name: value for name, value in inputs.items() if name not in given}
    graph = helper.make_graph(
        [helper.make_node(op, list(inputs), ["y"], **attributes)],
        "g",
        [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
            for name, value in asked.items()
        ],
        [helper.make_tensor_value_info("y", kind, shape)],
        [numpy_helper.from_array(inputs[name], name) for name in given],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    data, core = model.SerializeToString(), openvino.Core()
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    found = [
        session.run(None, asked)[0],
        core.compile_model(core.read_model(data), "CPU", exact)(asked)[0],
    ]
    return found + [ReferenceEvaluator(model).run(None, asked)[0]] if judged else found


def kept(boxes, threshold=None):
    scores = np.linspace(0.9, 0.7, len(boxes)).astype(np.float32).reshape(1, 1, -1)
    inputs = {"boxes": np.array([boxes], np.float32), "scores": scores, "most": np.array([9])}
    given = ["most"]
    if threshold is not None:
        inputs["threshold"] = np.array([threshold], np.float32)
        given.append("threshold")
    told = answers(
        "NonMaxSuppression", inputs, TensorProto.INT64, [None, 3], 11, given, judged=threshold is not None
    )
    return [sorted(each[:, 2].tolist()) for each in told]


def aligned(picture, box, opset, **attributes):
    inputs = {"x": picture, "boxes": np.array([box], np.float32), "which": np.array([0])}
    told = answers("RoiAlign", inputs, TensorProto.FLOAT, [1, 1, 1, 1], opset, output_height=1, output_width=1, **attributes)
    return [round(float(each.ravel()[0]), 3) for each in told]


apart = [[0, 0, 1, 1], [0, 5, 1, 6], [0, 9, 1, 10]]
halves = [[0, 0, 1, 2], [0, 0, 1, 1]]
flat = np.full((1, 1, 6, 6), 8, np.float32)
columns = np.tile(np.arange(6, dtype=np.float32), (1, 1, 6, 1))
found = {
    "three boxes apart, no threshold": kept(apart),
    "three boxes apart, threshold 0": kept(apart, 0),
    "two boxes, overlap 0.5, threshold 0.5": kept(halves, 0.5),
    "RoiAlign max of a picture of 8": aligned(flat, [2.5, 2.5, 3.5, 3.5], 16, mode="max", sampling_ratio=1),
    "RoiAlign avg of 0, 1, 2, ... by column, opset 10": aligned(columns, [1, 1, 2, 2], 10, sampling_ratio=1),
}
for what, told in found.items():
    print(what + ": " + ", ".join(map("{0[0]} {0[1]}".format, zip(("onnxruntime", "openvino", "reference"), told))))
three, two = [0, 1, 2], [0, 1]
seen = [[three, [0]], [three, [0], three], [two, [0], two], [2.0, 8.0, 2.0], [1.5, 1.5, 1.0]]
raise SystemExit(0 if list(found.values()) == seen else 1)
END
