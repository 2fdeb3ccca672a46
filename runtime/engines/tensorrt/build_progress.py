"""How far a build is: the time that has passed, and from TensorRT 10 on the share of the work that
is done.

Knows trt.IProgressMonitor and how to do without it. Knows nothing of networks. A line every ten
seconds, for a build takes minutes on a board, and whoever waits must see that it lives.
"""

import logging
import threading
import time
from typing import Dict, Optional

from catseye.runtime.clock.waits import Event
from catseye.runtime.engines.tensorrt.api import BuilderConfig, TensorRT

EVERY_S = 10.0

log = logging.getLogger("catseye")


class BuildProgress:
    """Used as a `with` block around a build; `seconds` is how long it took."""

    def __init__(self, name: str, every_s: float = EVERY_S) -> None:
        """name: of the model, for the lines."""
        self.seconds = 0.0
        self._name, self._every_s = name, every_s
        self._phases: Dict[str, float] = {}  # share done of each outermost phase
        self._phase = ""
        self._ended = Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)

    def attach(self, trt: TensorRT, config: BuilderConfig) -> None:
        """Let TensorRT report to this one, where it can."""
        if hasattr(trt, "IProgressMonitor") and hasattr(config, "progress_monitor"):
            config.progress_monitor = make_monitor(trt, self)

    def line(self) -> str:
        """`road: building for 40 s, Building Engine 35 %`."""
        text = "%s: building for %d s" % (self._name, time.perf_counter() - self._begun_s)
        phase = self._phase  # another thread may be at the next one
        if phase:
            text += ", %s %d %%" % (phase, 100 * self._phases.get(phase, 0.0))
        return text

    def reached(self, phase: str, share: float) -> None:
        """An outermost phase has come this far (0 to 1)."""
        self._phase = phase
        self._phases[phase] = share

    def _tell(self) -> None:
        while not self._ended.wait(self._every_s):
            log.info("%s", self.line())

    def __enter__(self) -> "BuildProgress":
        self._begun_s = time.perf_counter()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self.seconds = time.perf_counter() - self._begun_s


def make_monitor(trt: TensorRT, progress: BuildProgress) -> object:
    """A trt.IProgressMonitor; TensorRT calls it from several threads."""

    class Monitor(trt.IProgressMonitor):
        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)  # pybind11 demands this very form
            self._steps: Dict[str, int] = {}

        def phase_start(self, phase_name: str, parent_phase: Optional[str], num_steps: int) -> None:
            if parent_phase is None:
                self._steps[phase_name] = num_steps
                progress.reached(phase_name, 0.0)

        def step_complete(self, phase_name: str, step: int) -> bool:
            if phase_name in self._steps:
                progress.reached(phase_name, (step + 1) / max(self._steps[phase_name], 1))
            return True  # False would cancel the build

        def phase_finish(self, phase_name: str) -> None:
            if phase_name in self._steps:
                progress.reached(phase_name, 1.0)

    return Monitor()
