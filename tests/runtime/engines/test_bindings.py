"""What the code does with NVIDIA's own bindings, as far as they go without a driver: where wheels
are at hand.

    pip download --no-deps -d wheels tensorrt-cu12-bindings==10.3.0
    pip download --no-deps -d wheels tensorrt-cu13-bindings==11.4.0.106
    CATSEYE_TENSORRT_WHEELS=wheels pytest tests/runtime/engines/test_bindings.py
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
WHEELS = sorted(
    Path(os.environ.get("CATSEYE_TENSORRT_WHEELS", "/nowhere")).glob(
        "tensorrt*_bindings-*-cp%d%d-*.whl" % sys.version_info[:2]
    )
)

# in a process of its own, because a module of C++ cannot be unloaded
SCRIPT = """
import json, sys
from pathlib import Path
sys.path.insert(0, {here!r})
from list_bindings import imported, lists_of_wheel
from catseye.runtime.engines.tensorrt.build_progress import BuildProgress, make_monitor
from catseye.runtime.engines.tensorrt.api import make_log, started
from catseye.runtime.engines.tensorrt.builder import network_flags
from catseye.runtime.engines.tensorrt.recipe import BuildSettings, recipe_for
from catseye.runtime.errors import CatseyeError

trt = imported(Path({wheel!r}))
log = make_log(trt)
log.log(trt.ILogger.Severity.ERROR, "no GPU")
assert isinstance(log, trt.ILogger) and log.last() == "no GPU"
for kind in (trt.Runtime, trt.Builder):
    try:
        started(kind, log)
        raise SystemExit("started without a library")
    except CatseyeError as error:
        assert "TensorRT does not start (no GPU)" in str(error)
for precision in ("fp32", "fp16", "int8"):
    recipe = recipe_for(trt, precision, BuildSettings(), {{}})
    assert network_flags(trt, recipe) in (1, 3)
    for flag in recipe.flags + recipe.cleared:
        assert isinstance(getattr(trt.BuilderFlag, flag), trt.BuilderFlag)
if hasattr(trt, "IProgressMonitor"):
    progress = BuildProgress("road")
    monitor = make_monitor(trt, progress)
    monitor.phase_start("Building Engine", None, 4)
    assert isinstance(monitor, trt.IProgressMonitor)
    assert monitor.step_complete("Building Engine", 0) is True
for name in ("FLOAT", "HALF", "INT8", "INT32"):
    assert getattr(trt.DataType, name).name == name
print(json.dumps(lists_of_wheel(Path({wheel!r}))))
"""


@pytest.mark.skipif(
    not WHEELS,
    reason="no binding wheels of this Python: set CATSEYE_TENSORRT_WHEELS to their folder",
)
@pytest.mark.parametrize("wheel", WHEELS, ids=lambda wheel: wheel.name.split("-")[1])
def test_the_code_and_the_lists_agree_with_the_real_bindings(wheel: Path) -> None:
    script = SCRIPT.format(here=str(HERE), wheel=str(wheel))
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=300
    )
    assert answer.returncode == 0, answer.stderr
    version = wheel.name.split("-")[1]
    assert json.loads(answer.stdout) == json.loads(
        (HERE / "bindings" / f"{version}.json").read_text()
    )
