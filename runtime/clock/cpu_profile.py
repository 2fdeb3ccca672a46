"""Where a run's processor time goes: by stage of the loop, and by thread.

Knows the kernel's count of each thread (/proc, so Linux; in steps of 10 ms, which many frames
average out) and whose name a thread has; not what it does. A thread's time says more than the time
on the wall: where cores are few, all wait for all.
"""

import os
import threading
import time
from contextlib import contextmanager
from typing import Dict, Iterator, List, NamedTuple, Tuple

from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.system.masking import masked
from catseye.runtime.timing import STAGES, StageTimers

TASKS = "/proc/self/task"
LOOK_EVERY_S = 0.2  # what a thread that ends may take with it
OF_LIBRARIES, ENDED = "libraries' threads", "ended threads"
LOOP = "loop"


class CpuShares(NamedTuple):
    """Milliseconds of processor time a frame. total_ms: of the process.  stages_ms: of the loop's
    own thread in each stage; other threads' share of a stage stands under theirs.  threads_ms: by
    name, those of one name together, the most first."""

    frames: int
    total_ms: float
    stages_ms: Dict[str, float]
    threads_ms: Dict[str, float]

    def as_json(self) -> JsonObject:
        return dict(self._asdict())


class CpuProfile:
    """Told when a run begins, asked now and then while it goes on, and at its end; all in the
    loop's thread."""

    def __init__(self) -> None:
        self._timers: List[ProfilingTimers] = []
        self._begun: Dict[int, float] = {}
        self._seconds: Dict[int, float] = {}
        self._names: Dict[int, str] = {}
        self._begun_s = self._ended_s = self._looked_s = 0.0

    def timers(self) -> StageTimers:
        """For one camera of the run."""
        self._timers.append(ProfilingTimers())
        return self._timers[-1]

    def begin(self) -> None:
        """What was spent before is no part of it."""
        self._begun, self._begun_s = _seconds_by_thread(), time.process_time()

    def look(self) -> None:
        """Called for every frame; costs something five times a second."""
        if time.perf_counter() - self._looked_s >= LOOK_EVERY_S:
            self.end()

    def end(self) -> None:
        """Look at what there is."""
        self._looked_s, self._ended_s = time.perf_counter(), time.process_time()
        self._seconds.update(_seconds_by_thread())
        self._names.update(_names_of_threads())

    def shares(self, frames: int) -> CpuShares:
        """Of a run of so many frames, up to the last look."""
        per_frame_ms = 1e3 / max(1, frames)
        total_s = self._ended_s - self._begun_s
        by_name: Dict[str, float] = {}
        for thread, seconds in self._seconds.items():
            name = self._names.get(thread, OF_LIBRARIES)
            spent_s = seconds - self._begun.get(thread, 0.0)
            by_name[name] = by_name.get(name, 0.0) + spent_s
        by_name[ENDED] = max(0.0, total_s - sum(by_name.values()))
        most_first = sorted(by_name.items(), key=lambda item: -item[1])
        return CpuShares(
            frames=frames,
            total_ms=total_s * per_frame_ms,
            stages_ms={
                stage: sum(timers.cpu_s[stage] for timers in self._timers) * per_frame_ms
                for stage in STAGES[1:]  # capture is another thread's
            },
            threads_ms={
                name: seconds * per_frame_ms for name, seconds in most_first if seconds > 0.0
            },
        )


class ProfilingTimers(StageTimers):
    """Stage timers that count the processor time of their thread too."""

    def __init__(self) -> None:
        super().__init__()
        self.cpu_s = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        begun_s = _thread_s()
        try:
            with super().measure(stage):
                yield
        finally:
            self.cpu_s[stage] += _thread_s() - begun_s


def _thread_s() -> float:
    """`time.thread_time` came with Python 3.7."""
    return time.clock_gettime(time.CLOCK_THREAD_CPUTIME_ID)


def _seconds_by_thread() -> Dict[int, float]:
    """User and system time of each thread that lives; {} where the kernel does not tell."""
    return dict(_spent())


def _spent() -> Iterator[Tuple[int, float]]:
    tick_s = 1.0 / os.sysconf("SC_CLK_TCK")
    try:
        threads = [int(name) for name in os.listdir(TASKS)]
    except OSError:
        return
    for thread in threads:
        try:
            with open("%s/%d/stat" % (TASKS, thread), "rb") as stream:
                # behind the name, which may hold blanks and brackets (proc_pid_stat(5))
                fields = stream.read().rsplit(b")", 1)[1].split()
        except OSError:  # it has ended
            continue
        yield thread, (int(fields[11]) + int(fields[12])) * tick_s


def _names_of_threads() -> Dict[int, str]:
    """By the kernel's number, which Python tells from 3.8 on; before, only of the main thread."""
    names = {os.getpid(): LOOP}
    for thread in threading.enumerate():
        number = getattr(thread, "native_id", None)
        if number is not None and number != os.getpid():
            names[number] = masked(thread.name)
    return names
