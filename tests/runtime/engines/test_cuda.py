"""The CUDA calls against the real libraries, as far as the machine has them."""
import ctypes
import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto
from tiny_model import FRAME, tiny_mask, tiny_onnx

from catseye.runtime.engines import cudart, open_engine
from catseye.runtime.engines.cuda_driver import require_driver
from catseye.runtime.engines.tensorrt import import_tensorrt
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


@pytest.mark.tensorrt
@pytest.mark.parametrize("bytes_in", [True, False], ids=["uint8", "jp4"])
def test_real_hardware_answers_as_numpy_does(bytes_in: bool) -> None:
    try:
        require_driver()
        import_tensorrt()
        cudart.load_cudart()
    except CatseyeError as error:
        pytest.skip(str(error))
    model = tiny_onnx() if bytes_in else tiny_onnx(TensorProto.FLOAT, TensorProto.INT32)
    with open_engine(model, "tiny.onnx", "tensorrt") as engine:
        mask = engine.infer({"frame": FRAME})["mask"]
    assert np.mean(mask == tiny_mask(FRAME)) > 0.99  # TF32 may tip a tie
