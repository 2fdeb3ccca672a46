"""The CUDA calls against the real libraries, as far as the machine has them."""
import ctypes
import sys
from pathlib import Path

import numpy as np
import pytest
from brightest_model import FRAMES, brightest, brightest_onnx
from onnx import TensorProto

from catseye.runtime.engines import cudart, open_engine
from catseye.runtime.engines.cuda_driver import require_driver
from catseye.runtime.engines.tensorrt_api import import_tensorrt
from catseye.runtime.errors import CatseyeError


def real_cudart() -> ctypes.CDLL:
    for soname in cudart.SONAMES:
        try:
            return ctypes.CDLL(soname)
        except OSError:
            continue
    return pytest.skip("no libcudart here")


def test_the_real_library_has_every_call_and_answers_in_words() -> None:
    runtime = cudart.CudaRuntime(real_cudart())
    try:
        assert runtime.device_count() >= 0
    except CatseyeError as error:
        assert "cudaGetDeviceCount failed with CUDA error" in str(error)
        assert "(unknown)" not in str(error)


def test_a_library_of_pips_cuda_package_is_found_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "nvidia" / "cuda_runtime" / "lib" / "libcudart.so.12"
    library.parent.mkdir(parents=True)
    library.touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    found = list(cudart.candidates())
    assert found.index("libcudart.so.12") < found.index(str(library)) < found.index("libcudart.so.11.0")


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
    types = (TensorProto.UINT8, TensorProto.UINT8) if bytes_in else (TensorProto.FLOAT, TensorProto.INT32)
    with open_engine(brightest_onnx(*types), "tiny", "tensorrt") as engine:
        for frame in FRAMES * 2:
            np.testing.assert_array_equal(engine.infer({"frame": frame})["mask"], brightest(frame))
