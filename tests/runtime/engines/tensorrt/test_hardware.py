"""TensorRT and CUDA as they really are: engines built and asked where there is an NVIDIA card."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from brightest_model import FRAMES, brightest, brightest_model
from onnx import TensorProto

from catseye.runtime.engines import open_engine
from catseye.runtime.engines.cuda import cudart
from catseye.runtime.engines.cuda.driver import require_driver
from catseye.runtime.engines.tensorrt.api import import_tensorrt
from catseye.runtime.engines.tensorrt.cache import open_cached
from catseye.runtime.engines.tensorrt.checked_build import built_engine, ordered
from catseye.runtime.engines.tensorrt.engine import TensorRTEngine
from catseye.runtime.engines.tensorrt.recipe import BuildSettings
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.golden import check_golden
from catseye.runtime.model_file.load import load_model
from catseye.runtime.tasks import bounds_of


def require_tensorrt() -> None:
    """Skip the test where TensorRT, its driver or CUDA are missing."""
    try:
        require_driver()
        import_tensorrt()
        cudart.load_cudart()
    except CatseyeError as error:
        pytest.skip(str(error))


@pytest.mark.tensorrt
@pytest.mark.parametrize("bytes_in", [True, False], ids=["uint8", "jp4"])
def test_real_hardware_answers_as_numpy_does(bytes_in: bool) -> None:
    require_tensorrt()
    types = (
        (TensorProto.UINT8, TensorProto.UINT8)
        if bytes_in
        else (TensorProto.FLOAT, TensorProto.INT32)
    )
    with open_engine(brightest_model(*types), "tensorrt") as engine:
        for frame in FRAMES * 2:
            np.testing.assert_array_equal(engine.infer({"frame": frame})["mask"], brightest(frame))


@pytest.mark.tensorrt
@pytest.mark.parametrize(
    ("name", "precision"), [("digits", "fp32"), ("road", "fp32"), ("road", "fp16")]
)
def test_real_hardware_builds_keeps_and_finds_the_shipped_models(
    name: str, precision: str, cache_of_its_own: Path
) -> None:
    require_tensorrt()
    model, settings = load_model(name), BuildSettings(precision)
    try:
        open_cached(model, settings).close()
    except CatseyeError as error:
        if "precision lives in the model file" in str(error):
            pytest.skip(str(error))
        raise
    times = {path: path.stat().st_mtime_ns for path in cache_of_its_own.glob("*.engine*")}
    assert len(times) == 2
    with open_cached(model, settings, spin=True) as engine:
        assert all(
            each.ok
            for each in check_golden(
                engine.infer, model.golden, bounds_of(model.card._replace(precision=precision))
            )
        )
    assert times == {path: path.stat().st_mtime_ns for path in cache_of_its_own.glob("*.engine*")}


@pytest.mark.tensorrt
def test_real_hardware_answers_alike_with_and_without_a_graph(cache_of_its_own: Path) -> None:
    require_tensorrt()
    model = load_model("road")
    built = built_engine(model, ordered(model, BuildSettings()))
    answers = []
    for graph in (True, False):
        with TensorRTEngine(built.plan, "road", graph=graph) as engine:
            answers.append([engine.infer(case.inputs)["mask"] for case in model.golden * 2])
            assert (engine._graph is not None) == graph
    np.testing.assert_array_equal(answers[0], answers[1])


@pytest.mark.tensorrt
def test_real_hardware_is_measured(tmp_path: Path) -> None:
    require_tensorrt()
    script = Path(__file__).parents[4] / "benchmarks" / "tensorrt_engines.py"
    answer = subprocess.run(
        [sys.executable, str(script), "digits", "--seconds", "0.2", "--json"],
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert answer.returncode == 0, answer.stderr
    for row in json.loads(answer.stdout)["rows"]:
        assert (
            0 < row["floor_ms"]
            and row["latency_ms"]["bare"]["p50"] <= row["latency_ms"]["no_graph"]["p99"]
        )
