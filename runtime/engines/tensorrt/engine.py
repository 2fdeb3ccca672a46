"""The engine that runs a TensorRT plan on an NVIDIA GPU or board.

Knows plans, one stream, and how the host waits for it. How an API release speaks of tensors is
dialects.py's business, how a plan is made builder.py's, whether it may be trusted
engine_file.py's. Knows nothing of frames.
"""

import logging
from contextlib import ExitStack
from typing import Dict, Optional

import numpy as np

from catseye.runtime.engines.base import Engine
from catseye.runtime.engines.cpu import cpu_name
from catseye.runtime.engines.cuda import cudart
from catseye.runtime.engines.cuda.cuda_graph import CudaGraph
from catseye.runtime.engines.cuda.device_buffer import Buffer, is_integrated
from catseye.runtime.engines.cuda.driver import gpu_name
from catseye.runtime.engines.tensorrt.api import (
    created,
    deserialized,
    import_tensorrt,
    make_log,
    started,
)
from catseye.runtime.engines.tensorrt.dialects import speak
from catseye.runtime.errors import BackendError, CatseyeError

log = logging.getLogger("catseye")


class TensorRTEngine(Engine):
    """A plan, its execution context, one stream, and one buffer for each tensor, allocated once.

    The first inference queues its work piece by piece, because TensorRT settles things then; the
    second records it as a CUDA graph, and the rest launch that. Where it cannot be recorded (a
    DLA's work cannot) the first way stays.
    """

    backend = "tensorrt"
    provider = "cuda"

    def __init__(
        self,
        plan: bytes,
        name: str,
        *,
        precision: str = "unknown",
        dla_core: Optional[int] = None,
        spin: bool = False,
        graph: bool = True,
    ) -> None:
        """Open `plan`; `name` is what errors call it, `precision` what it was built with, which a
        plan does not tell.

        dla_core: which DLA a plan built for one runs on.  spin: wait for the GPU on a busy core,
        which is sooner, and not asleep.  graph: record a CUDA graph.
        Raises CatseyeError without TensorRT, driver or CUDA, on a plan of another machine, and
        where memory is short.
        """
        self.precision, self._name, self._spin, self._wants_graph = precision, name, spin, graph
        self._graph: Optional[CudaGraph] = None
        self._runs = 0
        self._stack = ExitStack()
        try:
            self._acquire(plan, dla_core)
        except BaseException:
            self._stack.close()
            raise

    def _acquire(self, plan: bytes, dla_core: Optional[int]) -> None:
        """Take everything that the engine holds; each thing taken puts its own return on the
        stack."""
        trt = import_tensorrt()
        self.version = str(trt.__version__)
        self._cuda = cudart.load_cudart()
        # before TensorRT wakes the device
        self._cuda.schedule(cudart.SPIN if self._spin else cudart.SLEEP)
        self._log = make_log(trt)
        self._stack.callback(self._forget)
        self._runtime = started(trt.Runtime, self._log)
        if dla_core is not None:
            self._runtime.DLA_core = dla_core
        self._engine = deserialized(self._runtime, plan, self._name, self._log)
        self._context = created(
            self._engine.create_execution_context(), "an execution context", self._log
        )
        self._dialect = speak(self._engine, self._context)
        self.inputs, self.outputs = self._dialect.inputs, self._dialect.outputs
        self._stream = self._cuda.create_stream()
        self._stack.callback(self._cuda.destroy_stream, self._stream)
        self._done = self._cuda.create_event(self._spin)
        self._stack.callback(self._cuda.destroy_event, self._done)
        self._allocate()

    def _allocate(self) -> None:
        integrated = is_integrated(self._cuda)
        self.device = cpu_name() if integrated else gpu_name()  # a board has one name for both
        # by the plan's own types: `promise` may declare others for the answers
        self._ins = {
            spec.name: Buffer(self._cuda, spec, integrated, self._stack) for spec in self.inputs
        }
        self._outs = {
            spec.name: Buffer(self._cuda, spec, False, self._stack) for spec in self.outputs
        }
        for name, buffer in list(self._ins.items()) + list(self._outs.items()):
            if not self._dialect.bind(name, buffer.device):
                raise BackendError(
                    "TensorRT refuses the buffer of %s (%s)" % (name, self._log.last())
                )

    def _run(self, arrays: Dict[str, np.ndarray]) -> Dict[str, np.ndarray]:
        for name, buffer in self._ins.items():
            buffer.write(arrays[name])
        self._launch()
        self._cuda.wait(self._done, self._stream)
        # the next run reuses it
        return {name: buffer.array.copy() for name, buffer in self._outs.items()}

    def _launch(self) -> None:
        """Queue one inference: piece by piece, or all of it at once where that was recorded."""
        if self._wants_graph and self._runs == 1:
            self._graph = self._recorded()
        self._runs += 1
        if self._graph is not None:
            self._graph.launch()
        else:
            self._queue()

    def _queue(self) -> None:
        for buffer in self._ins.values():
            buffer.upload(self._stream)
        if not self._dialect.enqueue(self._stream):
            raise BackendError(
                "TensorRT cannot run %s (%s)" % (self._name, self._log.last()),
                fix="build it again",
            )
        for buffer in self._outs.values():
            buffer.download(self._stream)

    def _recorded(self) -> Optional[CudaGraph]:
        try:
            graph = CudaGraph(self._cuda, self._stream, self._queue)
        except CatseyeError as error:
            log.info("%s: runs without a CUDA graph (%s)", self._name, str(error).partition(";")[0])
            return None
        self._stack.callback(graph.close)
        return graph

    def close(self) -> None:
        super().close()
        self._stack.close()

    def _forget(self) -> None:
        """Let TensorRT's objects die before the log and the runtime they lean on."""
        for name in ("_dialect", "_context", "_engine", "_runtime"):
            vars(self).pop(name, None)
