"""The dozen CUDA runtime calls an engine needs, through ctypes: no pycuda, no compiler, any CUDA from 10.2 to 13.

Knows memory, streams and error codes. Knows nothing of TensorRT. Device properties come from cudaDeviceGetAttribute,
one number at a time, because the property struct differs from release to release; the numbers and flags below are those
of CUDA's driver_types.h and have not changed since CUDA 6.
"""
import glob
import logging
import os
import sys
from ctypes import CDLL, POINTER, byref, c_char_p, c_int, c_size_t, c_uint, c_void_p
from typing import Any, Iterator

from catseye.runtime.errors import CatseyeError

SONAMES = ("libcudart.so.13", "libcudart.so.12", "libcudart.so.11.0", "libcudart.so.10.2")
ARGUMENTS = {
    "cudaGetDeviceCount": (POINTER(c_int),),
    "cudaDeviceGetAttribute": (POINTER(c_int), c_int, c_int),
    "cudaMalloc": (POINTER(c_void_p), c_size_t),
    "cudaFree": (c_void_p,),
    "cudaHostAlloc": (POINTER(c_void_p), c_size_t, c_uint),
    "cudaFreeHost": (c_void_p,),
    "cudaHostGetDevicePointer": (POINTER(c_void_p), c_void_p, c_uint),
    "cudaMemcpyAsync": (c_void_p, c_void_p, c_size_t, c_int, c_void_p),
    "cudaStreamCreate": (POINTER(c_void_p),),
    "cudaStreamDestroy": (c_void_p,),
    "cudaStreamSynchronize": (c_void_p,),
}
HOST_TO_DEVICE, DEVICE_TO_HOST = 1, 2
PINNED, MAPPED = 0, 2  # flags of cudaHostAlloc
INTEGRATED, CAN_MAP_HOST_MEMORY = 18, 19  # attributes of a device
OUT_OF_MEMORY, DRIVER_TOO_OLD = 2, 35
MENDS = {
    OUT_OF_MEMORY: "close other programs, or use a smaller model",
    DRIVER_TOO_OLD: "install a newer NVIDIA driver, or an older CUDA",
}


class CudaError(CatseyeError):
    """A CUDA call that did not succeed."""


class CudaRuntime:
    """libcudart with checked calls: every failure is a CudaError that names the call and CUDA's reason."""

    def __init__(self, library: Any) -> None:
        """Declare the types of the calls of `library`, a ctypes.CDLL, without which ctypes cuts pointers to 32 bits."""
        self._library = library
        for name, types in ARGUMENTS.items():
            function = getattr(library, name)
            function.argtypes, function.restype = list(types), c_int
        library.cudaGetErrorString.argtypes, library.cudaGetErrorString.restype = [c_int], c_char_p

    def device_count(self) -> int:
        count = c_int()
        self._call("cudaGetDeviceCount", byref(count))
        return count.value

    def device_attribute(self, attribute: int, device: int = 0) -> int:
        value = c_int()
        self._call("cudaDeviceGetAttribute", byref(value), attribute, device)
        return value.value

    def malloc(self, size: int) -> int:
        """The address of `size` bytes on the device."""
        address = c_void_p()
        self._call("cudaMalloc", byref(address), size)
        return address.value or 0

    def free(self, address: int) -> None:
        self._give_back("cudaFree", address)

    def host_alloc(self, size: int, flags: int = PINNED) -> int:
        """The address of `size` bytes on the host that the device reaches by DMA (PINNED) or directly (MAPPED)."""
        address = c_void_p()
        self._call("cudaHostAlloc", byref(address), size, flags)
        return address.value or 0

    def free_host(self, address: int) -> None:
        self._give_back("cudaFreeHost", address)

    def device_from_host(self, address: int) -> int:
        """The address by which the device knows MAPPED host memory."""
        device = c_void_p()
        self._call("cudaHostGetDevicePointer", byref(device), address, 0)
        return device.value or 0

    def copy_async(self, target: int, source: int, size: int, kind: int, stream: int) -> None:
        self._call("cudaMemcpyAsync", target, source, size, kind, stream)

    def create_stream(self) -> int:
        stream = c_void_p()
        self._call("cudaStreamCreate", byref(stream))
        return stream.value or 0

    def destroy_stream(self, stream: int) -> None:
        self._give_back("cudaStreamDestroy", stream)

    def synchronize(self, stream: int) -> None:
        """Wait until everything queued on `stream` is done; errors of that work surface here."""
        self._call("cudaStreamSynchronize", stream)

    def _give_back(self, name: str, address: int) -> None:
        """Free something; failing at that is logged, for after a crash on the device every call fails, and the first
        failure is the one to hear of."""
        try:
            self._call(name, address)
        except CudaError as error:
            logging.getLogger("catseye").debug("%s", error)

    def _call(self, name: str, *arguments: Any) -> None:
        code = getattr(self._library, name)(*arguments)
        if code:
            reason = (self._library.cudaGetErrorString(code) or b"unknown").decode("ascii", "replace")
            raise CudaError("%s failed with CUDA error %d (%s)" % (name, code, reason),
                            mend=MENDS.get(code, "run catseye doctor"))


def load_cudart() -> CudaRuntime:
    """The newest CUDA runtime on this machine that its driver can serve."""
    reason = "none of %s is installed" % ", ".join(SONAMES)
    for path in candidates():
        try:
            runtime = CudaRuntime(CDLL(path))
            runtime.device_count()
            return runtime
        except OSError:
            continue
        except CudaError as error:
            reason = "%s: %s" % (path, error)
    raise CatseyeError("no usable CUDA runtime (%s)" % reason, "CUDA 10.2, 11, 12 or 13", "run catseye doctor")


def candidates() -> Iterator[str]:
    """Paths to try, newest release first: by the loader's own search, then where pip's packages put it."""
    for soname in SONAMES:
        yield soname
        for folder in sys.path:
            yield from sorted(glob.glob(os.path.join(glob.escape(folder), "nvidia", "*", "lib", soname)))
