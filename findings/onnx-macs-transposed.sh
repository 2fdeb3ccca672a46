#!/bin/sh
# How many multiplications a transposed convolution takes, as the decoders of segmentation have it: two counters and a count.
#
# onnx-tool 1.0.1, onnx-opcounter 0.0.4. The transposed ones have no padding, so that every input pixel meets every weight once.
# Expected: that number, as both give pixels times weights for a convolution. Seen: onnx-opcounter takes each output pixel to
# see the whole kernel, as in a convolution, which is too much by the square of the stride, and for a border at stride 1;
# onnx-tool is neither, too little at stride 1 and 8 times too much at 4. Ranked by them, a decoder that enlarges by transposed
# convolutions looks up to 16 times as dear as it is beside one that resizes.
#   Conv 3x3: 73728; onnx-tool 73728, onnx-opcounter 73728
#   Conv 3x3, 8 groups: 18432; onnx-tool 18432, onnx-opcounter 18432
#   ConvTranspose 3x3: 73728; onnx-tool 46656, onnx-opcounter 93312
#   ConvTranspose 2x2, stride 2: 32768; onnx-tool 65536, onnx-opcounter 131072
#   ConvTranspose 4x4, stride 4: 131072; onnx-tool 1048576, onnx-opcounter 2097152
#   ConvTranspose 2x2, stride 2, 8 groups: 8192; onnx-tool 32768, onnx-opcounter 32768
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnx-tool==1.0.1 \
    onnx-opcounter==0.0.4 onnxruntime==1.32.0
"$folder/venv/bin/python" - <<'END'
import contextlib
import io

import numpy as np
import onnx
import onnx_opcounter
import onnx_tool
from onnx import helper, numpy_helper


def graph(op, channels, weights, out, **attributes):
    """A graph of one node over 16x16 pixels"""
    info = [helper.make_tensor_value_info(n, 1, [1, *s]) for n, s in (("x", (channels, 16, 16)), ("y", out))]
    node = helper.make_node(op, ["x", "w"], ["y"], "node", kernel_shape=list(weights[2:]), **attributes)
    weights = numpy_helper.from_array(np.zeros(weights, np.float32), "w")
    made = helper.make_graph([node], "g", info[:1], info[1:], [weights])
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


def counted(model):
    counter = onnx_tool.Model(model).graph
    with contextlib.redirect_stdout(io.StringIO()):
        counter.shape_infer()
        counter.profile()
    return int(counter.macs[0]), int(onnx_opcounter.calculate_macs(model))


PIXELS = 16 * 16
found = {}
for name, right, model in (
    ("Conv 3x3", PIXELS * 8 * 4 * 9, graph("Conv", 8, (4, 8, 3, 3), (4, 16, 16), pads=[1, 1, 1, 1])),
    ("Conv 3x3, 8 groups", PIXELS * 8 * 9, graph("Conv", 8, (8, 1, 3, 3), (8, 16, 16), pads=[1, 1, 1, 1], group=8)),
    ("ConvTranspose 3x3", PIXELS * 8 * 4 * 9, graph("ConvTranspose", 8, (8, 4, 3, 3), (4, 18, 18))),
    ("ConvTranspose 2x2, stride 2", PIXELS * 8 * 4 * 4, graph("ConvTranspose", 8, (8, 4, 2, 2), (4, 32, 32), strides=[2, 2])),
    ("ConvTranspose 4x4, stride 4", PIXELS * 8 * 4 * 16, graph("ConvTranspose", 8, (8, 4, 4, 4), (4, 64, 64), strides=[4, 4])),
    (
        "ConvTranspose 2x2, stride 2, 8 groups",
        PIXELS * 8 * 4,
        graph("ConvTranspose", 8, (8, 1, 2, 2), (8, 32, 32), strides=[2, 2], group=8),
    ),
):
    found[name] = (right, *counted(model))
    print("%s: %d; onnx-tool %d, onnx-opcounter %d" % (name, *found[name]))
SEEN = {
    "Conv 3x3": (73728, 73728, 73728),
    "Conv 3x3, 8 groups": (18432, 18432, 18432),
    "ConvTranspose 3x3": (73728, 46656, 93312),
    "ConvTranspose 2x2, stride 2": (32768, 65536, 131072),
    "ConvTranspose 4x4, stride 4": (131072, 1048576, 2097152),
    "ConvTranspose 2x2, stride 2, 8 groups": (8192, 32768, 32768),
}
raise SystemExit(0 if found == SEEN else 1)
END
