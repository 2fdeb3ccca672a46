"""One tensor's memory on host and device, allocated once.

Knows which kind of memory suits which board. On a Tegra, CPU and GPU share their memory: what goes
in is MAPPED, the GPU reads the CPU's pages and nothing is copied. What comes back is copied even
there, because on TX1, Nano and TX2 mapped memory is uncached for the CPU, and slow to read a mask
from. A discrete card gets PINNED memory and copies both ways.
"""

import ctypes
from contextlib import ExitStack

import numpy as np

from catseye.runtime.engines.cuda import cudart
from catseye.runtime.engines.cuda.cudart import CudaRuntime
from catseye.runtime.model_file.tensors import TensorSpec


class Buffer:
    """array: the host's side, shaped as the tensor.  device: the address by which TensorRT knows
    it."""

    def __init__(self, cuda: CudaRuntime, spec: TensorSpec, mapped: bool, stack: ExitStack) -> None:
        """Allocate both sides, or one that both share where `mapped`; `stack` gives them back."""
        self._cuda, self._mapped = cuda, mapped
        self._size = int(np.prod(spec.shape)) * spec.dtype.itemsize
        self._host = cuda.host_alloc(self._size, cudart.MAPPED if mapped else cudart.PINNED)
        stack.callback(cuda.free_host, self._host)
        if mapped:
            self.device = cuda.device_from_host(self._host)
        else:
            self.device = cuda.malloc(self._size)
            stack.callback(cuda.free, self.device)
        memory = (ctypes.c_uint8 * self._size).from_address(self._host)
        self.array = np.frombuffer(memoryview(memory), spec.dtype).reshape(spec.shape)

    def write(self, array: np.ndarray) -> None:
        """Put `array` on the host's side, widened on the way where the graph has a wider type."""
        np.copyto(self.array, array, casting="safe")

    def upload(self, stream: int) -> None:
        """Queue the copy to the device, where the device does not read the host's side itself."""
        if not self._mapped:
            self._cuda.copy_async(
                self.device, self._host, self._size, cudart.HOST_TO_DEVICE, stream
            )

    def download(self, stream: int) -> None:
        """Queue the copy of what the device wrote; it is in `array` once the stream is done."""
        self._cuda.copy_async(self._host, self.device, self._size, cudart.DEVICE_TO_HOST, stream)


def is_integrated(cuda: CudaRuntime) -> bool:
    """Whether CPU and GPU share their memory, as on every Tegra, so that nothing need be copied
    in."""
    return all(
        cuda.device_attribute(number) for number in (cudart.INTEGRATED, cudart.CAN_MAP_HOST_MEMORY)
    )
