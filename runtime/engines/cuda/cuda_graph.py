"""A CUDA graph: the work of one inference, recorded once and launched again with a single call.

Launching some hundred kernels one by one may cost the CPU of a board more time than the GPU needs
to run them. Knows the capture calls and how cudaGraphInstantiate changed: five arguments up to CUDA
11, three from 12 on, and from 11.4 on a second name with one form for both. Knows nothing of what
is recorded.
"""

from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_ulonglong, c_void_p
from typing import Callable

from catseye.runtime.engines.cuda.cudart import CudaError, CudaRuntime

# of cudaStreamCaptureMode: what other threads do with CUDA meanwhile is their business
THREAD_LOCAL = 1
CUDA_12 = 12000
ARGUMENTS = {
    "cudaStreamBeginCapture": (c_void_p, c_int),
    "cudaStreamEndCapture": (c_void_p, POINTER(c_void_p)),
    "cudaGraphLaunch": (c_void_p, c_void_p),
    "cudaGraphDestroy": (c_void_p,),
    "cudaGraphExecDestroy": (c_void_p,),
}
WITH_FLAGS = (POINTER(c_void_p), c_void_p, c_ulonglong)
WITH_LOG = (POINTER(c_void_p), c_void_p, POINTER(c_void_p), c_char_p, c_size_t)


class CudaGraph:
    """What `work` queued on a stream, ready to be launched on it."""

    def __init__(self, cuda: CudaRuntime, stream: int, work: Callable[[], None]) -> None:
        """Record `work`, which must only queue on `stream`; nothing runs yet. Raises CudaError
        where it cannot be recorded."""
        self._cuda, self._stream = cuda, stream
        for name, types in ARGUMENTS.items():
            if not cuda.declare(name, types):
                raise CudaError("this CUDA has no %s" % name)
        graph = captured(cuda, stream, work)
        try:
            self._executable = instantiated(cuda, graph)
        finally:
            cuda.call("cudaGraphDestroy", graph)

    def launch(self) -> None:
        """Queue the whole of it."""
        self._cuda.call("cudaGraphLaunch", self._executable, self._stream)

    def close(self) -> None:
        self._cuda.attempt("cudaGraphExecDestroy", self._executable)


def captured(cuda: CudaRuntime, stream: int, work: Callable[[], None]) -> int:
    """The graph of what `work` queues; the stream is out of capture afterwards, also where `work`
    failed."""
    cuda.call("cudaStreamBeginCapture", stream, THREAD_LOCAL)
    try:
        work()
    except BaseException:
        abandon_capture(cuda, stream)
        raise
    return end_capture(cuda, stream)


def end_capture(cuda: CudaRuntime, stream: int) -> int:
    """The graph of what was queued since the capture began."""
    graph = c_void_p()
    cuda.call("cudaStreamEndCapture", stream, byref(graph))
    return graph.value or 0


def abandon_capture(cuda: CudaRuntime, stream: int) -> None:
    """Bring the stream back to work; what broke the capture is the error to hear of, not that it is
    broken."""
    try:
        graph = end_capture(cuda, stream)
    except CudaError:
        return
    if graph:
        cuda.attempt("cudaGraphDestroy", graph)


def instantiated(cuda: CudaRuntime, graph: int) -> int:
    """An executable of `graph`, by the form that this release has."""
    executable = c_void_p()
    if cuda.declare("cudaGraphInstantiateWithFlags", WITH_FLAGS):
        cuda.call("cudaGraphInstantiateWithFlags", byref(executable), graph, 0)
    elif cuda.version() >= CUDA_12:
        cuda.declare("cudaGraphInstantiate", WITH_FLAGS)
        cuda.call("cudaGraphInstantiate", byref(executable), graph, 0)
    else:
        cuda.declare("cudaGraphInstantiate", WITH_LOG)
        cuda.call("cudaGraphInstantiate", byref(executable), graph, None, None, 0)
    return executable.value or 0
