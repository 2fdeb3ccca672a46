"""A machine with a fake TensorRT on a fake CUDA, installed where the engine looks for the real
ones."""

import sys
from typing import Any

import pytest
from brightest_model import HEIGHT, WIDTH
from fake_cuda import FakeCuda, FakeDriver
from fake_tensorrt import Tensor, fake_tensorrt, plan_bytes

from catseye.runtime.engines.cuda import cudart
from catseye.runtime.engines.cuda import driver as cuda_driver
from catseye.runtime.engines.tensorrt.engine import TensorRTEngine


class Machine:
    """trt, cuda: the fakes.  libraries: what ctypes finds, by soname.  integrated: a board."""

    def __init__(self, api: str, monkeypatch: pytest.MonkeyPatch, integrated: bool = False) -> None:
        self.cuda = FakeCuda(integrated)
        self.trt = fake_tensorrt(api, self.cuda)
        self.libraries: dict[str, Any] = {
            "libcudart.so.12": self.cuda,
            "libcuda.so.1": FakeDriver(),
        }
        monkeypatch.setitem(sys.modules, "tensorrt", self.trt)
        monkeypatch.setattr(cudart, "CDLL", self._load)
        monkeypatch.setattr(cuda_driver, "CDLL", self._load)

    def _load(self, soname: str) -> Any:
        if soname not in self.libraries:
            raise OSError(f"{soname}: cannot open shared object file")
        return self.libraries[soname]

    def plan(self, **more: Any) -> bytes:
        """Bytes in and out where TensorRT has them, else the jp4 form."""
        has_bytes = hasattr(self.trt.DataType, "UINT8")
        types = ("UINT8", "UINT8") if has_bytes else ("FLOAT", "INT32")
        return plan_bytes(self.trt.__version__, tensors(*types), **more)

    def open(self, **options: Any) -> TensorRTEngine:
        return TensorRTEngine(self.plan(), "tiny.engine", **options)


def tensors(pixels: str, answer: str) -> list[Tensor]:
    return [
        {"name": "frame", "shape": [1, HEIGHT, WIDTH, 3], "dtype": pixels, "mode": "INPUT"},
        {"name": "mask", "shape": [1, HEIGHT, WIDTH], "dtype": answer, "mode": "OUTPUT"},
    ]
