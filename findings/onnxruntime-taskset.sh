#!/bin/sh
# onnxruntime's workers leave the cores that taskset gave to the process, unless their number is said.
#
# onnxruntime 1.32.0 on two or more cores. Expected: a process under `taskset -c 0` stays on core 0. Seen: with
# intra_op_num_threads left at 0 the worker is pinned to core 1 and takes it from whoever it was kept free for; with
# intra_op_num_threads = 2 it stays on core 0.
#   0 threads: process on [0], workers on [[1]]
#   2 threads: process on [0], workers on [[0]]
set -eu
[ "$(nproc)" -gt 1 ] || { echo "one core: nothing to see"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
cat >"$folder/ask.py" <<'END'
import os
import sys
import time

import onnxruntime
from onnx import TensorProto, helper

cores = sorted(os.sched_getaffinity(0))
os.sched_setaffinity(0, cores[:1])  # what taskset does
border = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
graph = helper.make_graph([helper.make_node("Exp", ["x"], ["y"])], "g", border[:1], border[1:])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(sys.argv[1])
before = set(os.listdir("/proc/self/task"))
session = onnxruntime.InferenceSession(
    model.SerializeToString(), options, providers=["CPUExecutionProvider"]
)
time.sleep(3)  # a worker pins itself when it first runs
workers = sorted(
    sorted(os.sched_getaffinity(int(task))) for task in set(os.listdir("/proc/self/task")) - before
)
print(f"{sys.argv[1]} threads: process on {cores[:1]}, workers on {workers}")
outside = any(set(each) - set(cores[:1]) for each in workers)
raise SystemExit(not workers or outside != (sys.argv[1] == "0"))
END
for threads in 0 2; do "$folder/venv/bin/python" "$folder/ask.py" $threads; done
