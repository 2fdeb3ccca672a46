#!/bin/sh
# How long is the answer of one node: onnx's shape inference (strict), its reference evaluator and onnxruntime.
#
# onnx 1.23.2, onnxruntime 1.32.0; valid graphs of one axis; SAME is what TensorFlow's exporter writes. Expected: one number.
# Seen: each of the three is alone at times, so a buffer that is set aside by the shape in the file, or a judgement by the
# reference, is one off; onnxruntime writes a warning where its own answer is not what was inferred. By the specification SAME
# means size / stride, rounded up, of a pooling, dilated or not, and size * stride of a transposed convolution; ends of a slice
# are cut to what there is.
#   MaxPool, SAME_LOWER, kernel 2, stride 2, of 5: inferred 3, reference 2, onnxruntime 3; specified 3
#   MaxPool, SAME_UPPER, kernel 2, dilation 2, of 5: inferred 5, reference 5, onnxruntime 4; specified 5
#   AveragePool, VALID, kernel 2, dilation 2, of 5: inferred 3, reference 4, onnxruntime 3; specified 3
#   ConvTranspose, SAME_UPPER, kernel 2, stride 3, of 5: inferred 14, reference 15, onnxruntime 14; specified 15
#   ConvTranspose, SAME_UPPER, kernel 2, stride 2, output_padding 1, of 5: inferred 11, reference 10, onnxruntime 10; specified 10
#   Slice from -20 to -20 by -1, of 10: inferred 1, reference 0, onnxruntime 1; specified 1
#   Slice from -3 to the largest int64 by -3, of 10: inferred 0, reference 0, onnxruntime 3; specified 0
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
"$folder/venv/bin/python" - <<'END'
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

quiet = onnxruntime.SessionOptions()
quiet.log_severity_level = 4


def sizes(op, length, weights=(), flat=False, **attributes):
    x = np.arange(length, dtype=np.float32).reshape((-1,) if flat else (1, 1, -1))
    graph = helper.make_graph(
        [helper.make_node(op, ["x", *dict(weights)], ["y"], **attributes)],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None] * x.ndim)],
        [numpy_helper.from_array(np.array(value), name) for name, value in weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    onnx.checker.check_model(model)
    told = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), quiet, providers=["CPUExecutionProvider"]
    )
    return (
        told.graph.output[0].type.tensor_type.shape.dim[-1].dim_value,
        ReferenceEvaluator(model).run(None, {"x": x})[0].shape[-1],
        session.run(None, {"x": x})[0].shape[-1],
    )


def slice_of(start, end, step):
    weights = [("start", [start]), ("end", [end]), ("axis", [0]), ("step", [step])]
    return sizes("Slice", 10, weights, flat=True)


kernel = [("w", np.ones((1, 1, 2), np.float32))]
two = {"kernel_shape": [2]}
found = {
    "MaxPool, SAME_LOWER, kernel 2, stride 2, of 5": sizes("MaxPool", 5, auto_pad="SAME_LOWER", strides=[2], **two),
    "MaxPool, SAME_UPPER, kernel 2, dilation 2, of 5": sizes("MaxPool", 5, auto_pad="SAME_UPPER", dilations=[2], **two),
    "AveragePool, VALID, kernel 2, dilation 2, of 5": sizes("AveragePool", 5, auto_pad="VALID", dilations=[2], **two),
    "ConvTranspose, SAME_UPPER, kernel 2, stride 3, of 5": sizes(
        "ConvTranspose", 5, kernel, auto_pad="SAME_UPPER", strides=[3]
    ),
    "ConvTranspose, SAME_UPPER, kernel 2, stride 2, output_padding 1, of 5": sizes(
        "ConvTranspose", 5, kernel, auto_pad="SAME_UPPER", strides=[2], output_padding=[1]
    ),
    "Slice from -20 to -20 by -1, of 10": slice_of(-20, -20, -1),
    "Slice from -3 to the largest int64 by -3, of 10": slice_of(-3, 2**63 - 1, -3),
}
SPECIFIED = (3, 5, 3, 15, 10, 1, 0)
for (what, three), right in zip(found.items(), SPECIFIED):
    print("%s: inferred %d, reference %d, onnxruntime %d; specified %d" % (what, *three, right))
seen = [(3, 2, 3), (5, 5, 4), (3, 4, 3), (14, 15, 14), (11, 10, 10), (1, 0, 1), (0, 0, 3)]
raise SystemExit(0 if list(found.values()) == seen else 1)
END
