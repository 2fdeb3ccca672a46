"""The engine that runs a TensorRT plan on an NVIDIA GPU or board.

Knows plans, device buffers and one stream; how an API release speaks of tensors is tensorrt_dialects.py's business, how
a plan is made is tensorrt_builder.py's. Knows nothing of frames, and imports NVIDIA's package only when one is opened.
"""
import ctypes
import logging
from contextlib import ExitStack
from typing import Any, Dict, List, Optional

import numpy as np

from catseye.runtime.engines import cudart
from catseye.runtime.engines.base import Engine, TensorSpec
from catseye.runtime.engines.cpu import cpu_name
from catseye.runtime.engines.cuda_driver import gpu_name, require_driver
from catseye.runtime.engines.cudart import CudaRuntime
from catseye.runtime.engines.tensorrt_dialects import speak
from catseye.runtime.errors import CatseyeError


class TensorRTEngine(Engine):
    """A plan, its execution context, one stream, and one buffer for each tensor, allocated once."""

    backend = "tensorrt"
    provider = "cuda"

    def __init__(self, plan: bytes, name: str, precision: str = "unknown") -> None:
        """Open `plan`; `name` is what errors call it, `precision` what it was built with, which a plan does not tell.

        Raises CatseyeError without TensorRT, driver or CUDA, on a plan of another machine, and where memory is short.
        """
        self.precision = precision
        self._stack = ExitStack()
        try:
            self._acquire(plan, name)
        except BaseException:
            self._stack.close()
            raise

    def _acquire(self, plan: bytes, name: str) -> None:
        """Take everything that the engine holds; each thing taken puts its own return on the stack."""
        self._trt = import_tensorrt()
        self._cuda = cudart.load_cudart()
        self._log = make_log(self._trt)
        self._stack.callback(self._forget)
        self._runtime = started(self._trt.Runtime, self._log)
        self._engine = deserialize(self._runtime, plan, name, self._log)
        self._context = created(self._engine.create_execution_context(), "an execution context", self._log)
        self._dialect = speak(self._engine, self._context)
        self.inputs, self.outputs = self._dialect.inputs, self._dialect.outputs
        self._stream = self._cuda.create_stream()
        self._stack.callback(self._cuda.destroy_stream, self._stream)
        self._allocate()

    def _allocate(self) -> None:
        integrated = is_integrated(self._cuda)
        self.device = cpu_name() if integrated else gpu_name()  # a board has one name for both
        self._buffers: Dict[str, Buffer] = {}
        for spec in self.inputs + self.outputs:
            # Only the way in: memory the CPU shares with a TX1, Nano or TX2 is uncached, and slow to read a mask from.
            buffer = Buffer(self._cuda, spec, mapped=integrated and spec in self.inputs, stack=self._stack)
            if not self._dialect.bind(spec.name, buffer.device):
                raise CatseyeError("TensorRT refuses the buffer of %s (%s)" % (spec.name, self._log.last()))
            self._buffers[spec.name] = buffer

    def _run(self, arrays: Dict[str, np.ndarray]) -> Dict[str, np.ndarray]:
        for spec in self.inputs:
            self._buffers[spec.name].upload(arrays[spec.name], self._stream)
        if not self._dialect.enqueue(self._stream):
            raise CatseyeError("TensorRT cannot run the plan (%s)" % self._log.last(), mend="build it again")
        for spec in self.outputs:
            self._buffers[spec.name].download(self._stream)
        self._cuda.synchronize(self._stream)
        return {spec.name: self._buffers[spec.name].array.copy() for spec in self.outputs}  # the next run reuses it

    def close(self) -> None:
        super().close()
        self._stack.close()

    def _forget(self) -> None:
        """Let TensorRT's objects die before the log and the runtime they lean on."""
        self._dialect = self._context = self._engine = self._runtime = None


class Buffer:
    """One tensor's memory: an array on the host, and the address by which TensorRT knows it on the device."""

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

    def upload(self, array: np.ndarray, stream: int) -> None:
        """Write `array` where the device reads it, widened on the way where the graph has a wider type."""
        np.copyto(self.array, array, casting="safe")
        if not self._mapped:
            self._cuda.copy_async(self.device, self._host, self._size, cudart.HOST_TO_DEVICE, stream)

    def download(self, stream: int) -> None:
        """Queue the copy of what the device wrote; it is in `array` once the stream is synchronised."""
        self._cuda.copy_async(self._host, self.device, self._size, cudart.DEVICE_TO_HOST, stream)


def import_tensorrt() -> Any:
    """The package, on a machine that can run it; CatseyeError else."""
    try:
        import tensorrt
    except (ImportError, OSError) as error:
        raise CatseyeError("tensorrt cannot be imported (%s)" % error, "NVIDIA's tensorrt package",
                           "on a board install JetPack's python3-libnvinfer; or use --backend onnxruntime") from None
    require_driver()
    return tensorrt


def make_log(trt: Any) -> Any:
    """A trt.ILogger that passes all to logging and remembers the last error, which the API itself never gives."""

    class Log(trt.ILogger):
        def __init__(self) -> None:
            trt.ILogger.__init__(self)  # pybind11 demands this very form
            self.errors: List[str] = []

        def log(self, severity: Any, message: str) -> None:
            logging.getLogger("catseye.tensorrt").debug("%s: %s", severity.name, message)
            if severity.name in ("ERROR", "INTERNAL_ERROR"):
                self.errors.append(message)

        def last(self) -> str:
            return self.errors[-1] if self.errors else "no reason given"

    return Log()


def deserialize(runtime: Any, plan: bytes, name: str, log: Any) -> Any:
    """The ICudaEngine in `plan`."""
    engine = runtime.deserialize_cuda_engine(plan)
    if engine is None:
        raise CatseyeError("%s does not load here (%s)" % (name, log.last()),
                           "a plan built by this TensorRT on this GPU", "build it again: catseye build MODEL.onnx")
    return engine


def started(kind: Any, log: Any) -> Any:
    """A trt.Runtime or trt.Builder; pybind11 says TypeError where NVIDIA's code could not make one."""
    try:
        return kind(log)
    except TypeError as error:
        raise CatseyeError("TensorRT does not start (%s)" % log.last(), "a GPU with free memory and a driver that "
                           "fits this TensorRT", "run catseye doctor") from error


def created(thing: Optional[Any], what: str, log: Any) -> Any:
    """`thing`, unless TensorRT answered None."""
    if thing is None:
        raise CatseyeError("TensorRT cannot make %s (%s)" % (what, log.last()), mend=cudart.MENDS[cudart.OUT_OF_MEMORY])
    return thing


def is_integrated(cuda: CudaRuntime) -> bool:
    """Whether CPU and GPU share their memory, as on every Tegra, so that nothing need be copied in."""
    return all(cuda.device_attribute(number) for number in (cudart.INTEGRATED, cudart.CAN_MAP_HOST_MEMORY))
