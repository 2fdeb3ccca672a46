"""The CUDA runtime calls an engine needs, through ctypes: no pycuda, no compiler, any CUDA from
10.2 to 13.

Knows memory, streams, events and error codes; recorded graphs are cuda_graph.py's. Knows nothing of
TensorRT. Device properties come from cudaDeviceGetAttribute, one number at a time, because the
property struct differs from release to release; the numbers and flags below are those of CUDA's
driver_types.h and have not changed since CUDA 6.
"""

import glob
import logging
import os
import sys
from ctypes import CDLL, POINTER, byref, c_char_p, c_int, c_size_t, c_uint, c_void_p
from typing import Iterator, Sequence, Tuple

from catseye.runtime.errors import BackendError

SONAMES = ("libcudart.so.13", "libcudart.so.12", "libcudart.so.11.0", "libcudart.so.10.2")
ARGUMENTS = {
    "cudaGetLastError": (),
    "cudaGetDeviceCount": (POINTER(c_int),),
    "cudaRuntimeGetVersion": (POINTER(c_int),),
    "cudaSetDeviceFlags": (c_uint,),
    "cudaMemGetInfo": (POINTER(c_size_t), POINTER(c_size_t)),
    "cudaDeviceGetAttribute": (POINTER(c_int), c_int, c_int),
    "cudaMalloc": (POINTER(c_void_p), c_size_t),
    "cudaFree": (c_void_p,),
    "cudaHostAlloc": (POINTER(c_void_p), c_size_t, c_uint),
    "cudaFreeHost": (c_void_p,),
    "cudaHostGetDevicePointer": (POINTER(c_void_p), c_void_p, c_uint),
    "cudaMemcpyAsync": (c_void_p, c_void_p, c_size_t, c_int, c_void_p),
    "cudaStreamCreateWithFlags": (POINTER(c_void_p), c_uint),
    "cudaStreamDestroy": (c_void_p,),
    "cudaEventCreateWithFlags": (POINTER(c_void_p), c_uint),
    "cudaEventDestroy": (c_void_p,),
    "cudaEventRecord": (c_void_p, c_void_p),
    "cudaEventSynchronize": (c_void_p,),
}
HOST_TO_DEVICE, DEVICE_TO_HOST = 1, 2
PINNED, MAPPED = 0, 2  # flags of cudaHostAlloc
NON_BLOCKING_STREAM = 1  # does not wait for the default stream, which another library may use
BLOCKING_EVENT, UNTIMED_EVENT = 1, 2
SPIN, SLEEP = 1, 4  # cudaDeviceScheduleSpin, cudaDeviceScheduleBlockingSync
INTEGRATED, CAN_MAP_HOST_MEMORY, MAJOR, MINOR = 18, 19, 75, 76  # attributes of a device
OUT_OF_MEMORY, DRIVER_TOO_OLD = 2, 35
FIXES = {
    OUT_OF_MEMORY: "close other programs, or use a smaller model",
    DRIVER_TOO_OLD: "install a newer NVIDIA driver, or an older CUDA",
    46: "another program holds the GPU for itself: end it",
    100: "run nvidia-smi: no GPU answers",
    209: "this CUDA has no code for this GPU: install the CUDA of its JetPack or driver",
    700: (
        "the GPU stopped at a bad address: start the program again, and build the engine again if"
        " it comes back"
    ),
    719: "the GPU stopped: start the program again; see sudo dmesg",
    999: "start the machine again: the driver is in an unknown state",
}


class CudaError(BackendError):
    """A CUDA call that did not succeed."""


class CudaRuntime:
    """libcudart with checked calls: every failure is a CudaError that names the call and CUDA's
    reason."""

    def __init__(self, library: CDLL) -> None:
        """Declare the types of the calls of `library`, a ctypes.CDLL, without which ctypes cuts
        pointers to 32 bits."""
        self._library = library
        for name, types in ARGUMENTS.items():
            self.declare(name, types)
        library.cudaGetErrorString.argtypes, library.cudaGetErrorString.restype = [c_int], c_char_p

    def declare(self, name: str, types: Sequence[object]) -> bool:
        """Say what the call `name` takes; False where this CUDA does not have it."""
        function = getattr(self._library, name, None)
        if function is not None:
            function.argtypes, function.restype = list(types), c_int
        return function is not None

    def device_count(self) -> int:
        count = c_int()
        self.call("cudaGetDeviceCount", byref(count))
        return count.value

    def version(self) -> int:
        """10020 is CUDA 10.2, 12060 is 12.6."""
        version = c_int()
        self.call("cudaRuntimeGetVersion", byref(version))
        return version.value

    def schedule(self, flags: int) -> None:
        """How the host waits for the device, SPIN or SLEEP. CUDA may refuse once the device is in
        use: no matter, for the event that an engine waits on says it too."""
        self.attempt("cudaSetDeviceFlags", flags)

    def memory_info(self) -> Tuple[int, int]:
        """(free, total) bytes of the device's memory."""
        free, total = c_size_t(), c_size_t()
        self.call("cudaMemGetInfo", byref(free), byref(total))
        return free.value, total.value

    def device_attribute(self, attribute: int, device: int = 0) -> int:
        value = c_int()
        self.call("cudaDeviceGetAttribute", byref(value), attribute, device)
        return value.value

    def malloc(self, size: int) -> int:
        """The address of `size` bytes on the device."""
        address = c_void_p()
        self.call("cudaMalloc", byref(address), size)
        return address.value or 0

    def free(self, address: int) -> None:
        self.attempt("cudaFree", address)

    def host_alloc(self, size: int, flags: int = PINNED) -> int:
        """The address of `size` bytes on the host that the device reaches by DMA (PINNED) or
        directly (MAPPED)."""
        address = c_void_p()
        self.call("cudaHostAlloc", byref(address), size, flags)
        return address.value or 0

    def free_host(self, address: int) -> None:
        self.attempt("cudaFreeHost", address)

    def device_from_host(self, address: int) -> int:
        """The address by which the device knows MAPPED host memory."""
        device = c_void_p()
        self.call("cudaHostGetDevicePointer", byref(device), address, 0)
        return device.value or 0

    def copy_async(self, target: int, source: int, size: int, kind: int, stream: int) -> None:
        self.call("cudaMemcpyAsync", target, source, size, kind, stream)

    def create_stream(self) -> int:
        stream = c_void_p()
        self.call("cudaStreamCreateWithFlags", byref(stream), NON_BLOCKING_STREAM)
        return stream.value or 0

    def destroy_stream(self, stream: int) -> None:
        self.attempt("cudaStreamDestroy", stream)

    def create_event(self, spin: bool) -> int:
        """Something to wait on: asleep, or (spin) on a busy core, which hears of the end sooner."""
        event = c_void_p()
        self.call(
            "cudaEventCreateWithFlags",
            byref(event),
            UNTIMED_EVENT | (0 if spin else BLOCKING_EVENT),
        )
        return event.value or 0

    def destroy_event(self, event: int) -> None:
        self.attempt("cudaEventDestroy", event)

    def wait(self, event: int, stream: int) -> None:
        """Until everything queued on `stream` is done; errors of that work surface here."""
        self.call("cudaEventRecord", event, stream)
        self.call("cudaEventSynchronize", event)

    def attempt(self, name: str, argument: int) -> None:
        """Free or set something; failing at it is logged, for after a crash on the device every
        call fails, and the first failure is the one to hear of."""
        try:
            self.call(name, argument)
        except CudaError as error:
            logging.getLogger("catseye").debug("%s", error)

    def call(self, name: str, *arguments: object) -> None:
        """One call of the library. Raises CudaError where it does not succeed."""
        code = getattr(self._library, name)(*arguments)
        if code:
            # forget it, or the next kernel launch of TensorRT is blamed for it
            self._library.cudaGetLastError()
            reason = (self._library.cudaGetErrorString(code) or b"unknown").decode(
                "ascii", "replace"
            )
            raise CudaError(
                "%s failed with CUDA error %d (%s)" % (name, code, reason),
                fix=FIXES.get(code, "run catseye doctor"),
            )


def load_cudart() -> CudaRuntime:
    """The newest CUDA runtime on this machine that its driver can serve. Raises BackendError where
    there is none."""
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
    raise BackendError(
        "no usable CUDA runtime (%s)" % reason, "CUDA 10.2, 11, 12 or 13", "run catseye doctor"
    )


def candidates() -> Iterator[str]:
    """Paths to try, newest release first: by the loader's own search, then where pip's packages put
    it."""
    for soname in SONAMES:
        yield soname
        for folder in sys.path:
            yield from sorted(
                glob.glob(os.path.join(glob.escape(folder), "nvidia", "*", "lib", soname))
            )
