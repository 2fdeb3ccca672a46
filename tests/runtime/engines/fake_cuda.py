"""A libcudart and a libcuda that exist in Python only, strict where the real ones would crash or corrupt.

Functions come as bare C pointers, as ctypes.CDLL gives them: whoever forgets argtypes sends pointers cut to 32 bits.
Device addresses are numbers that nobody can dereference; host addresses are real memory. Work queued on a stream is
done when the stream is synchronised, not before. Every misuse is written into `violations`.
"""
import ctypes
from collections import Counter
from collections.abc import Callable
from ctypes import POINTER, c_int, c_size_t, c_uint, c_void_p
from typing import Any

import numpy as np

FIRST_DEVICE_ADDRESS = 0x7F00_0000_0000  # far above 32 bits
TO_DEVICE, TO_HOST = 1, 2
INVALID_VALUE = 1
SIGNATURES: dict[str, tuple[Any, ...]] = {
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


class FakeCuda:
    """The library. integrated: a Tegra, whose GPU reaches mapped host memory."""

    def __init__(self, integrated: bool = False) -> None:
        self.integrated = integrated
        self.violations: list[str] = []
        self.calls: Counter = Counter()
        self.copies: list[tuple[int, int]] = []  # (kind, size)
        self._failures: dict[str, tuple[int, int]] = {}
        self._next_address = FIRST_DEVICE_ADDRESS
        self._device: dict[int, np.ndarray] = {}  # address -> bytes
        self._host: dict[int, tuple[Any, int]] = {}  # address -> (memory, flags)
        self._streams: dict[int, list[Callable[[], None]]] = {}
        self._prototypes = [self._export(name, types) for name, types in SIGNATURES.items()]
        self._message = ctypes.create_string_buffer(b"out of luck")
        self._prototypes.append(self._export_as(
            "cudaGetErrorString", c_void_p, (c_int,), lambda code: ctypes.addressof(self._message)))

    def fail(self, name: str, code: int, after: int = 0) -> None:
        """Let the call `name` answer `code` once it has succeeded `after` times."""
        self._failures[name] = (code, after)

    def leaks(self) -> list[str]:
        return [f"{kind} {address:#x}" for kind, held in (
            ("device", self._device), ("host", self._host), ("stream", self._streams)) for address in held]

    def device_bytes(self, address: int, size: int) -> np.ndarray:
        """The memory behind an address that the device knows: its own, or the host's where that is mapped."""
        if address in self._device and len(self._device[address]) == size:
            return self._device[address]
        if address - FIRST_DEVICE_ADDRESS in self._host:
            memory, flags = self._host[address - FIRST_DEVICE_ADDRESS]
            if flags == 2 and len(memory) == size:
                return np.frombuffer(memory, np.uint8)
        self.violations.append(f"{address:#x} is not {size} bytes of device memory")
        return np.zeros(size, np.uint8)

    def enqueue(self, stream: int, work: Callable[[], None]) -> None:
        """Put work on a stream, as a kernel launch does."""
        if stream in self._streams:
            self._streams[stream].append(work)
        else:
            self.violations.append(f"work on {stream:#x}, which is no stream")

    def _export(self, name: str, types: tuple[Any, ...]) -> Any:
        implementation = getattr(self, "_" + name)

        def call(*arguments: Any) -> int:
            self.calls[name] += 1
            code, after = self._failures.get(name, (0, 0))
            return code if code and self.calls[name] > after else implementation(*arguments) or 0

        return self._export_as(name, c_int, types, call)

    def _export_as(self, name: str, result: Any, types: tuple[Any, ...], function: Callable[..., Any]) -> Any:
        prototype = ctypes.CFUNCTYPE(result, *types)(function)
        address = ctypes.cast(prototype, c_void_p).value
        setattr(self, name, ctypes.CDLL(None)._FuncPtr(address))  # type: ignore[attr-defined]
        return prototype  # must live as long as the pointer

    def _cudaGetDeviceCount(self, count: Any) -> None:
        count[0] = 1

    def _cudaDeviceGetAttribute(self, value: Any, attribute: int, device: int) -> None:
        value[0] = int(self.integrated) if attribute == 18 else 1

    def _cudaMalloc(self, address: Any, size: int) -> None:
        self._next_address += 0x10000
        self._device[self._next_address] = np.full(size, 0xAB, np.uint8)
        address[0] = self._next_address

    def _cudaFree(self, address: int) -> None:
        self._release(self._device, address, "cudaFree")

    def _cudaHostAlloc(self, address: Any, size: int, flags: int) -> None:
        memory = (ctypes.c_uint8 * size)(*([0xCD] * size))
        self._host[ctypes.addressof(memory)] = (memory, flags)
        address[0] = ctypes.addressof(memory)

    def _cudaFreeHost(self, address: int) -> None:
        self._release(self._host, address, "cudaFreeHost")

    def _cudaHostGetDevicePointer(self, device: Any, host: int, flags: int) -> None:
        if host not in self._host:
            self.violations.append(f"cudaHostGetDevicePointer of {host!r}")
        device[0] = FIRST_DEVICE_ADDRESS + host

    def _cudaMemcpyAsync(self, target: int, source: int, size: int, kind: int, stream: int) -> int:
        host, device = (source, target) if kind == TO_DEVICE else (target, source)
        if host not in self._host or len(self._host[host][0]) != size or device not in self._device:
            self.violations.append(f"cudaMemcpyAsync({target}, {source}, {size}, {kind})")
            return INVALID_VALUE
        self.copies.append((kind, size))
        host_bytes, device_bytes = np.frombuffer(self._host[host][0], np.uint8), self.device_bytes(device, size)
        to, of = (device_bytes, host_bytes) if kind == TO_DEVICE else (host_bytes, device_bytes)
        self.enqueue(stream, lambda: np.copyto(to, of))
        return 0

    def _cudaStreamCreate(self, stream: Any) -> None:
        self._next_address += 0x10000
        self._streams[self._next_address] = []
        stream[0] = self._next_address

    def _cudaStreamDestroy(self, stream: int) -> None:
        self._release(self._streams, stream, "cudaStreamDestroy")

    def _cudaStreamSynchronize(self, stream: int) -> None:
        for work in self._streams[stream]:
            work()
        self._streams[stream] = []

    def _release(self, held: dict[int, Any], address: int, name: str) -> None:
        if held.pop(address, None) is None:
            self.violations.append(f"{name}({address!r}): never allocated, or freed already")


class FakeDriver:
    """libcuda.so.1. code: what cuInit answers."""

    def __init__(self, code: int = 0) -> None:
        self._code = code

    def cuInit(self, flags: int) -> int:
        return self._code

    def cuDeviceGet(self, device: Any, index: int) -> int:
        return 0

    def cuDeviceGetName(self, name: Any, size: Any, device: Any) -> int:
        name.value = b"Fake GPU"
        return 0
