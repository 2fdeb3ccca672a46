#!/bin/sh
# OpenVINO computes an FP32 network in bfloat16 where the processor has it, and answers in FP32.
#
# openvino 2026.4.1 against NumPy, on a processor with avx512_bf16 (AMD EPYC). A convolution of 64 channels whose exact
# sums are known. Expected of an FP32 file on a CPU: errors near 1e-7 of the largest sum. Seen: 3e-3, since
# INFERENCE_PRECISION_HINT is bfloat16 unless it is set to f32; 0.2 % of a segmentation network's pixels get another class.
#   bfloat16: error 2.8e-03 of the largest sum
#   float32: error 3.2e-07 of the largest sum
set -eu
grep -q 'bf16' /proc/cpuinfo || { echo "no bfloat16 in this processor: nothing to see"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 openvino==2026.4.1
"$folder/venv/bin/python" - <<'END'
import numpy as np
import openvino
from onnx import TensorProto, helper, numpy_helper

random = np.random.RandomState(0)
weights = random.randn(64, 64, 1, 1).astype(np.float32)
x = random.randn(1, 64, 32, 32).astype(np.float32)
graph = helper.make_graph(
    [helper.make_node("Conv", ["x", "w"], ["y"])],
    "sums",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(x.shape))],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, list(x.shape))],
    [numpy_helper.from_array(weights, "w")],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
exact = np.einsum("oi,nihw->nohw", weights[:, :, 0, 0].astype(np.float64), x)
core, errors = openvino.Core(), []
for config in ({}, {"INFERENCE_PRECISION_HINT": "f32"}):
    net = core.compile_model(core.read_model(model.SerializeToString()), "CPU", config)
    errors.append(float(np.abs(net([x])[0] - exact).max() / np.abs(exact).max()))
    kind = net.get_property("INFERENCE_PRECISION_HINT").get_type_name()
    print("%s: error %.1e of the largest sum" % ({"bf16": "bfloat16", "f32": "float32"}[kind], errors[-1]))
raise SystemExit(not (errors[0] > 1e-4 and errors[1] < 1e-5))
END
