"""The CUDA calls against the real libraries, as far as the machine has them."""

import ctypes
import json
import subprocess
import sys
from pathlib import Path

import fake_cuda
import numpy as np
import pytest
from brightest_model import FRAMES, brightest, brightest_onnx
from onnx import TensorProto

from catseye.runtime.engines import open_engine
from catseye.runtime.engines.cuda import cuda_graph, cudart
from catseye.runtime.engines.cuda.driver import require_driver
from catseye.runtime.engines.tensorrt.api import import_tensorrt
from catseye.runtime.engines.tensorrt.cache import open_cached
from catseye.runtime.engines.tensorrt.engine import TensorRTEngine
from catseye.runtime.engines.tensorrt.gated_build import built_engine, ordered
from catseye.runtime.engines.tensorrt.recipe import BuildSettings
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.golden import bounds_from_card, check_golden
from catseye.runtime.model_file.load import load_model


def real_cudart() -> ctypes.CDLL:
    for soname in cudart.SONAMES:
        try:
            return ctypes.CDLL(soname)
        except OSError:
            continue
    return pytest.skip("no libcudart here")


def test_the_real_library_has_every_call_and_answers_in_words() -> None:
    library = real_cudart()
    assert [
        name for name in (*cudart.ARGUMENTS, *cuda_graph.ARGUMENTS) if not hasattr(library, name)
    ] == []
    assert hasattr(library, "cudaGraphInstantiateWithFlags") or hasattr(
        library, "cudaGraphInstantiate"
    )
    runtime = cudart.CudaRuntime(library)
    try:
        assert runtime.device_count() >= 0
    except CatseyeError as error:
        assert "cudaGetDeviceCount failed with CUDA error" in str(error)
        assert "(unknown)" not in str(error)


def test_a_library_of_pips_cuda_package_is_found_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "nvidia" / "cuda_runtime" / "lib" / "libcudart.so.12"
    library.parent.mkdir(parents=True)
    library.touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    found = list(cudart.candidates())
    assert (
        found.index("libcudart.so.12")
        < found.index(str(library))
        < found.index("libcudart.so.11.0")
    )


def require_tensorrt() -> None:
    """Skip the test where TensorRT, its driver or CUDA are missing."""
    try:
        require_driver()
        import_tensorrt()
        cudart.load_cudart()
    except CatseyeError as error:
        pytest.skip(str(error))


def test_the_lists_of_calls_are_those_of_cuda() -> None:
    """The fake's signatures were written from CUDA's headers by themselves: both must agree."""
    for name, types in {**cudart.ARGUMENTS, **cuda_graph.ARGUMENTS}.items():
        assert fake_cuda.SIGNATURES[name] == types
    assert cuda_graph.WITH_FLAGS == fake_cuda.INSTANTIATE_FROM_12
    assert cuda_graph.WITH_LOG == fake_cuda.INSTANTIATE_UP_TO_11


@pytest.mark.tensorrt
@pytest.mark.parametrize("bytes_in", [True, False], ids=["uint8", "jp4"])
def test_real_hardware_answers_as_numpy_does(bytes_in: bool) -> None:
    require_tensorrt()
    types = (
        (TensorProto.UINT8, TensorProto.UINT8)
        if bytes_in
        else (TensorProto.FLOAT, TensorProto.INT32)
    )
    with open_engine(brightest_onnx(*types), "tiny", "tensorrt") as engine:
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
                engine.infer, model.golden, bounds_from_card(dict(model.card, precision=precision))
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
    script = Path(__file__).parents[3] / "benchmarks" / "tensorrt_engines.py"
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
