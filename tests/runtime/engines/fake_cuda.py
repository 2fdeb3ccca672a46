"""A libcudart and a libcuda that exist in Python only, strict where the real ones would crash or
corrupt.

Functions come as bare C pointers, as ctypes.CDLL gives them: whoever forgets argtypes sends
pointers cut to 32 bits, and whoever declares those of another release is found out. Device
addresses are numbers that nobody can dereference; host addresses are real memory. Work queued on a
stream is done when an event behind it is waited for, not before; while a stream is captured, work
is recorded and not done. Every misuse is written into `violations`.
"""

import ctypes
from collections import Counter
from collections.abc import Callable
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_uint, c_ulonglong, c_void_p
from typing import Any

import numpy as np

FIRST_DEVICE_ADDRESS = 0x7F00_0000_0000  # far above 32 bits
TO_DEVICE, TO_HOST, WITHIN_DEVICE = 1, 2, 3
INVALID_VALUE, CAPTURE_UNSUPPORTED = 1, 900
ATTRIBUTES = {19: 1, 75: 8, 76: 7}  # can map host memory; compute capability 8.7
POINTER_OUT = POINTER(c_void_p)
SIGNATURES: dict[str, tuple[Any, ...]] = {
    "cudaGetLastError": (),
    "cudaGetDeviceCount": (POINTER(c_int),),
    "cudaRuntimeGetVersion": (POINTER(c_int),),
    "cudaSetDeviceFlags": (c_uint,),
    "cudaMemGetInfo": (POINTER(c_size_t), POINTER(c_size_t)),
    "cudaDeviceGetAttribute": (POINTER(c_int), c_int, c_int),
    "cudaMalloc": (POINTER_OUT, c_size_t),
    "cudaFree": (c_void_p,),
    "cudaHostAlloc": (POINTER_OUT, c_size_t, c_uint),
    "cudaFreeHost": (c_void_p,),
    "cudaHostGetDevicePointer": (POINTER_OUT, c_void_p, c_uint),
    "cudaMemcpyAsync": (c_void_p, c_void_p, c_size_t, c_int, c_void_p),
    "cudaStreamCreateWithFlags": (POINTER_OUT, c_uint),
    "cudaStreamDestroy": (c_void_p,),
    "cudaEventCreateWithFlags": (POINTER_OUT, c_uint),
    "cudaEventDestroy": (c_void_p,),
    "cudaEventRecord": (c_void_p, c_void_p),
    "cudaEventSynchronize": (c_void_p,),
    "cudaStreamBeginCapture": (c_void_p, c_int),
    "cudaStreamEndCapture": (c_void_p, POINTER_OUT),
    "cudaGraphLaunch": (c_void_p, c_void_p),
    "cudaGraphDestroy": (c_void_p,),
    "cudaGraphExecDestroy": (c_void_p,),
}
INSTANTIATE_UP_TO_11 = (POINTER_OUT, c_void_p, POINTER_OUT, c_char_p, c_size_t)
INSTANTIATE_FROM_12 = (POINTER_OUT, c_void_p, c_ulonglong)


class FakeCuda:
    """The library. integrated: a Tegra, whose GPU reaches mapped host memory.  version: 10020 is
    CUDA 10.2."""

    def __init__(self, integrated: bool = False, version: int = 12060) -> None:
        self.integrated, self.version = integrated, version
        self.violations: list[str] = []
        self.calls: Counter = Counter()
        self.copies: list[tuple[int, int]] = []  # (kind, size)
        self.flags: dict[str, int] = {}  # newest flags by call
        self._failures: dict[str, tuple[int, int]] = {}
        self._next_address = FIRST_DEVICE_ADDRESS
        self._device: dict[int, np.ndarray] = {}  # address -> bytes
        self._host: dict[int, tuple[Any, int]] = {}  # address -> (memory, flags)
        self._streams: dict[int, list[Callable[[], None]]] = {}
        # of the streams that are being captured
        self._captures: dict[int, list[Callable[[], None]]] = {}
        self._events: dict[int, Any] = {}  # event -> the stream that it was recorded on
        self._graphs: dict[int, list[Callable[[], None]]] = {}
        self._executables: dict[int, list[Callable[[], None]]] = {}
        self._prototypes = [
            self._export(name, name, types) for name, types in self._signatures().items()
        ]
        self._message = ctypes.create_string_buffer(b"out of luck")
        self._prototypes.append(
            self._export_as(
                "cudaGetErrorString",
                c_void_p,
                (c_int,),
                lambda code: ctypes.addressof(self._message),
            )
        )

    def fail(self, name: str, code: int, after: int = 0) -> None:
        """Let the call `name` answer `code` once it has succeeded `after` times."""
        self._failures[name] = (code, after)

    def leaks(self) -> list[str]:
        return [
            f"{kind} {address:#x}"
            for kind, held in (
                ("device", self._device),
                ("host", self._host),
                ("stream", self._streams),
                ("event", self._events),
                ("graph", self._graphs),
                ("executable", self._executables),
            )
            for address in held
        ]

    def device_bytes(self, address: int, size: int) -> np.ndarray:
        """The memory behind an address that the device knows: its own, or the host's where that is
        mapped."""
        if address in self._device and len(self._device[address]) == size:
            return self._device[address]
        if address - FIRST_DEVICE_ADDRESS in self._host:
            memory, flags = self._host[address - FIRST_DEVICE_ADDRESS]
            if flags == 2 and len(memory) == size:
                return np.frombuffer(memory, np.uint8)
        self.violations.append(f"{address:#x} is not {size} bytes of device memory")
        return np.zeros(size, np.uint8)

    def enqueue(self, stream: int, work: Callable[[], None]) -> None:
        """Put work on a stream, as a kernel launch does; record it where the stream is captured."""
        if stream in self._streams:
            self._captures.get(stream, self._streams[stream]).append(work)
        else:
            self.violations.append(f"work on {stream:#x}, which is no stream")

    def is_capturing(self, stream: int) -> bool:
        return stream in self._captures

    def _signatures(self) -> dict[str, tuple[Any, ...]]:
        """The calls of this release: cudaGraphInstantiate changed at 12, and got a lasting twin in
        11.4."""
        calls = dict(SIGNATURES)
        calls["cudaGraphInstantiate"] = (
            INSTANTIATE_FROM_12 if self.version >= 12000 else INSTANTIATE_UP_TO_11
        )
        if self.version >= 11040:
            calls["cudaGraphInstantiateWithFlags"] = INSTANTIATE_FROM_12
        return calls

    def _export(self, name: str, implementation: str, types: tuple[Any, ...]) -> Any:
        function = getattr(self, "_" + implementation)

        def call(*arguments: Any) -> int:
            self.calls[name] += 1
            if list(getattr(self, name).argtypes or ()) != list(types):
                self.violations.append(
                    f"{name} is called with the types of another release, or with none"
                )
                return INVALID_VALUE
            code, after = self._failures.get(name, (0, 0))
            if not code or self.calls[name] <= after:
                return function(*arguments) or 0
            if name == "cudaStreamEndCapture":  # which ends the capture even where it fails
                self._captures.clear()
            return code

        return self._export_as(name, c_int, types, call)

    def _export_as(
        self, name: str, result: Any, types: tuple[Any, ...], function: Callable[..., Any]
    ) -> Any:
        prototype = ctypes.CFUNCTYPE(result, *types)(function)
        address = ctypes.cast(prototype, c_void_p).value
        setattr(self, name, ctypes.CDLL(None)._FuncPtr(address))  # type: ignore[attr-defined]
        return prototype  # must live as long as the pointer

    def _address(self) -> int:
        self._next_address += 0x10000
        return self._next_address

    def _cudaGetLastError(self) -> None:
        pass

    def _cudaGetDeviceCount(self, count: Any) -> None:
        count[0] = 1

    def _cudaRuntimeGetVersion(self, version: Any) -> None:
        version[0] = self.version

    def _cudaSetDeviceFlags(self, flags: int) -> None:
        self.flags["device"] = flags

    def _cudaMemGetInfo(self, free: Any, total: Any) -> None:
        free[0], total[0] = 3 << 30, 4 << 30

    def _cudaDeviceGetAttribute(self, value: Any, attribute: int, device: int) -> None:
        value[0] = int(self.integrated) if attribute == 18 else ATTRIBUTES[attribute]

    def _cudaMalloc(self, address: Any, size: int) -> int:
        if self._captures:
            return CAPTURE_UNSUPPORTED
        address[0] = self._address()
        self._device[address[0]] = np.full(size, 0xAB, np.uint8)
        return 0

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
        if kind == WITHIN_DEVICE:
            self.enqueue(
                stream,
                lambda: np.copyto(self.device_bytes(target, size), self.device_bytes(source, size)),
            )
            return 0
        host, device = (source, target) if kind == TO_DEVICE else (target, source)
        if host not in self._host or len(self._host[host][0]) != size or device not in self._device:
            self.violations.append(f"cudaMemcpyAsync({target}, {source}, {size}, {kind})")
            return INVALID_VALUE
        host_bytes, device_bytes = (
            np.frombuffer(self._host[host][0], np.uint8),
            self.device_bytes(device, size),
        )
        to, of = (device_bytes, host_bytes) if kind == TO_DEVICE else (host_bytes, device_bytes)

        def copy() -> None:
            self.copies.append((kind, size))
            np.copyto(to, of)

        self.enqueue(stream, copy)
        return 0

    def _cudaStreamCreateWithFlags(self, stream: Any, flags: int) -> None:
        self.flags["stream"] = flags
        stream[0] = self._address()
        self._streams[stream[0]] = []

    def _cudaStreamDestroy(self, stream: int) -> None:
        self._release(self._streams, stream, "cudaStreamDestroy")

    def _cudaEventCreateWithFlags(self, event: Any, flags: int) -> None:
        self.flags["event"] = flags
        event[0] = self._address()
        self._events[event[0]] = None

    def _cudaEventDestroy(self, event: int) -> None:
        self._release(self._events, event, "cudaEventDestroy")

    def _cudaEventRecord(self, event: int, stream: int) -> int:
        if stream in self._captures:
            return CAPTURE_UNSUPPORTED
        self._events[event] = stream
        return 0

    def _cudaEventSynchronize(self, event: int) -> int:
        if self._captures:
            return CAPTURE_UNSUPPORTED
        stream = self._events[event]
        if stream is None:
            self.violations.append("waits for an event that was never recorded")
            return INVALID_VALUE
        work, self._streams[stream] = self._streams[stream], []
        for piece in work:
            piece()
        return 0

    def _cudaStreamBeginCapture(self, stream: int, mode: int) -> int:
        if stream in self._captures or self._streams[stream]:
            return CAPTURE_UNSUPPORTED
        self._captures[stream] = []
        return 0

    def _cudaStreamEndCapture(self, stream: int, graph: Any) -> int:
        if stream not in self._captures:
            return INVALID_VALUE
        graph[0] = self._address()
        self._graphs[graph[0]] = self._captures.pop(stream)
        return 0

    def _cudaGraphInstantiate(self, executable: Any, graph: int, *_: Any) -> None:
        executable[0] = self._address()
        self._executables[executable[0]] = list(self._graphs[graph])

    _cudaGraphInstantiateWithFlags = _cudaGraphInstantiate

    def _cudaGraphLaunch(self, executable: int, stream: int) -> None:
        for piece in self._executables[executable]:
            self.enqueue(stream, piece)

    def _cudaGraphDestroy(self, graph: int) -> None:
        self._release(self._graphs, graph, "cudaGraphDestroy")

    def _cudaGraphExecDestroy(self, executable: int) -> None:
        self._release(self._executables, executable, "cudaGraphExecDestroy")

    def _release(self, held: dict[int, Any], address: int, name: str) -> None:
        if address not in held:
            self.violations.append(f"{name}({address!r}): never allocated, or freed already")
        held.pop(address, None)


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
