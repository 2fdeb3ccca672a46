#!/bin/sh
# Means that torch.onnx.export(dynamo=True) writes as something else: cells of a grid seen from above, and a pool.
#
# torch 2.13.0, onnxscript 0.7.2, onnx 1.23.2, run by onnxruntime 1.32.0 without optimisations. Expected: torch's answers,
# or a refusal, as of operators that ONNX has not. Seen: scatter_reduce with "mean", by which points become the cells of
# a grid, is written without a reduction, since ScatterElements has no mean, and a cell gets one of its points alone; "sum" and
# "amax" are right; the divisor_override of avg_pool2d is dropped, and the pool divides by its window. Nothing is said, and
# where no two points share a cell the answers agree.
#   scatter_reduce mean, without the cell: torch [2.0, 5.0], exported [1.0, 5.0]
#   scatter_reduce mean, with the cell: torch [4.67, 7.5], exported [1.0, 5.0]
#   scatter_reduce sum, without the cell: torch [4.0, 5.0], exported the same
#   scatter_reduce amax, without the cell: torch [3.0, 5.0], exported the same
#   avg_pool2d, divisor_override 1: torch [10.0, 18.0], exported [2.5, 4.5]
#   avg_pool2d: torch [2.5, 4.5], exported the same
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 torch==2.13.0 onnx==1.23.2 \
    onnxscript==0.7.2 onnxruntime==1.32.0
"$folder/venv/bin/python" -W ignore - 2>/dev/null <<'END'
import onnxruntime
import torch
from torch.nn import functional

options = onnxruntime.SessionOptions()
options.log_severity_level = 4
options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL


def scattered(how, include_self):
    class Scattered(torch.nn.Module):
        def forward(self, points):
            cells, cell_of_point = torch.full((1, 2), 10.0), torch.tensor([[0, 0, 1]])
            return cells.scatter_reduce(1, cell_of_point, points, how, include_self=include_self)

    return Scattered(), torch.tensor([[3.0, 1.0, 5.0]])


def pooled(**settings):
    class Pooled(torch.nn.Module):
        def forward(self, picture):
            return functional.avg_pool2d(picture, 2, **settings)

    return Pooled(), torch.tensor([[[[1.0, 2, 3, 4], [3, 4, 5, 6]]]])


def answers(module, x):
    right = module.eval()(x)
    data = torch.onnx.export(module, (x,), dynamo=True, verbose=False).model_proto.SerializeToString()
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    found = session.run(None, {session.get_inputs()[0].name: x.numpy()})[0]
    return [[round(float(each), 2) for each in answer.ravel()] for answer in (right.numpy(), found)]


cases = {
    "scatter_reduce mean, without the cell": (scattered("mean", False), [[2, 5], [1, 5]]),
    "scatter_reduce mean, with the cell": (scattered("mean", True), [[4.67, 7.5], [1, 5]]),
    "scatter_reduce sum, without the cell": (scattered("sum", False), [[4, 5], [4, 5]]),
    "scatter_reduce amax, without the cell": (scattered("amax", False), [[3, 5], [3, 5]]),
    "avg_pool2d, divisor_override 1": (pooled(divisor_override=1), [[10, 18], [2.5, 4.5]]),
    "avg_pool2d": (pooled(), [[2.5, 4.5], [2.5, 4.5]]),
}
as_seen = True
for name, (asked, seen) in cases.items():
    found = answers(*asked)
    print("%s: torch %s, exported %s" % (name, found[0], found[1] if found[1] != found[0] else "the same"))
    as_seen &= found == seen
raise SystemExit(0 if as_seen else 1)
END
