"""What a drill comes to: one row of the table, and what the drills share."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
STAGED = re.compile(r"\.writing-")
ENDS_IN_S = 30  # what a run may take to finish after SIGTERM, on a busy machine
# the tests' servers, twins and broken files
TESTS = ("tests", "tests/runtime", "tests/runtime/sources/http")
sys.path[1:1] = [str(ROOT), *(str(ROOT / folder) for folder in TESTS)]


class Row(NamedTuple):
    """One drill. lost: what was kept, or said to be, and is not there or is another.  crashed:
    ended by a traceback or a signal that was not ours.  hung: not done in its time.  leaked: files,
    threads, handles or memory that stayed.  note: what was done, or what went wrong."""

    name: str
    tries: int
    lost: int = 0
    crashed: int = 0
    hung: int = 0
    leaked: int = 0
    seconds: float = 0.0
    note: str = ""

    @property
    def ok(self) -> bool:
        return not (self.lost or self.crashed or self.hung or self.leaked)


class Settings(NamedTuple):
    """share: of the full number of tries.  random: all drills draw from it.  folder: scratch, on a
    real disk."""

    share: float
    random: Random
    folder: Path

    def tries(self, full: int) -> int:
        return max(1, round(self.share * full))


Drill = Callable[[Settings], "list[Row]"]


class Program:
    """A `catseye` of its own, in a `with` block; killed at the end if it is still there."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.stdout, self.stderr = folder / "stdout", folder / "stderr"
        with open(self.stdout, "wb") as out, open(self.stderr, "wb") as err:
            command = [sys.executable, "-m", "catseye", *words]
            self.process = subprocess.Popen(
                command, stdout=out, stderr=err, cwd=folder, env=environment()
            )

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def said(self) -> str:
        return self.stderr.read_text("utf-8", "replace")

    @property
    def crashed(self) -> bool:
        """Whether it ended otherwise than by a code of ours, or with a traceback."""
        code = self.process.poll()
        return "Traceback" in self.said or code not in (None, 0, 1, 2)

    def ended(self, timeout_s: float = ENDS_IN_S) -> bool:
        """Whether it ends in time."""
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stopped(self) -> bool:
        """Whether SIGTERM ends it in time."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def size(self) -> tuple[int, int, float]:
        """Threads, open handles, resident MB."""
        proc = Path("/proc/%d" % self.process.pid)
        pages = int((proc / "statm").read_text().split()[1])
        megabytes = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
        return len(os.listdir(proc / "task")), len(os.listdir(proc / "fd")), megabytes


def environment() -> dict[str, str]:
    return dict(os.environ, PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1")


def wait_until(done: Callable[[], bool], timeout_s: float) -> bool:
    """Whether it came true in time."""
    until_s = time.monotonic() + timeout_s
    while time.monotonic() < until_s:
        if done():
            return True
        time.sleep(0.05)
    return done()


def staged_in(folder: Path) -> list[str]:
    """What writers left unfinished in a folder and below it."""
    return [str(path) for path in folder.rglob("*") if STAGED.match(path.name)]


def lines_of(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0
