#!/bin/sh
# A setting of an onnxruntime session changes NumPy's arithmetic, and only the first session of a process has a say.
#
# onnxruntime 1.32.0, NumPy 2.4.6. `session.set_denormal_as_zero` is told to one session of several. Expected: the
# session's own sums flush small numbers, and nothing else changes. Seen: after its first run the calling thread's NumPy
# says that 1e-40 / 2 is 0; where another session was there before, the setting does nothing at all.
#   first session, asked for: 1e-40 / 2 = 0.0 in NumPy
#   second session, asked for: 1e-40 / 2 = 5e-41 in NumPy
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
cat >"$folder/ask.py" <<'END'
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

shape = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 64]) for name in "xy"]
graph = helper.make_graph([helper.make_node("Exp", ["x"], ["y"])], "g", shape[:1], shape[1:])
data = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8).SerializeToString()


def run(flush):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    if flush:
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    session.run(None, {"x": np.zeros((1, 64), np.float32)})


place = sys.argv[1]
if place == "second":
    run(flush=False)
run(flush=True)
half = float(np.divide(np.float32(1e-40), np.float32(2)))
print(f"{place} session, asked for: 1e-40 / 2 = {half:.0e} in NumPy".replace("0e+00", "0.0"))
raise SystemExit((half == 0) != (place == "first"))
END
for place in first second; do "$folder/venv/bin/python" "$folder/ask.py" $place; done
