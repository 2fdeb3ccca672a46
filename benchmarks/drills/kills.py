"""A hundred kills of each writer. Half of them hit while something is being written, which is
waited for; the others come at any moment. Afterwards everything that was said to be kept must be
there, and one clean start must leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import survivors
from drill import STAGED, Row, Settings, environment, staged_in
from writers import WRITERS

KILLS = 100
BEGINS_IN_S = 120.0
LONGEST_LIFE_S = 0.6
AIM_S = 60.0  # how long the moment is waited for, at most
NEVER_STAGED = ("jsonl",)  # rows are appended: all kills come at any moment


def drill(settings: Settings) -> list[Row]:
    return [_kills(kind, settings) for kind in WRITERS]


def _kills(kind: str, settings: Settings) -> Row:
    folder = settings.folder / kind.replace(" ", "-")
    folder.mkdir()
    begun_s, tries = time.monotonic(), settings.tries(KILLS)
    writer, kept, troubles = _Writer(kind, folder), list[int](), list[str]()
    hung = crashed = halves = 0
    for number in range(tries):
        try:
            count, status = writer.killed(
                settings, aimed=number % 2 == 0 and kind not in NEVER_STAGED
            )
        except TimeoutError:
            hung += 1
            writer = _Writer(kind, folder)
            continue
        kept.append(count)
        crashed += status != signal.SIGKILL
        halves += bool(staged_in(folder))
        troubles += survivors.after_a_kill(kind, folder, any(kept))
    count, status = writer.ended_well()
    crashed += status != 0
    troubles += survivors.in_the_end(kind, folder, kept + [count])
    leaked = staged_in(folder)
    halves_said = ["%d left a half, gone with the next start" % halves] if halves else []
    note = "; ".join([*halves_said, *troubles[:2], *leaked[:1], *writer.words()[:1]])
    seconds = time.monotonic() - begun_s
    return Row("kill: " + kind, tries, len(troubles), crashed, hung, len(leaked), seconds, note)


class _Writer:
    """writers.py and its processes, one after another."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._folder, self._stderr = folder, folder.with_suffix(".stderr")
        with open(self._stderr, "ab") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("writers.py")), kind, str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env=environment(),
            )

    def killed(self, settings: Settings, aimed: bool) -> tuple[int, int]:
        """Results kept and status of a process that is killed, aimed: while it writes."""
        pid, kept = self._begin("go")
        if aimed:
            self._wait_for_a_staged_file()
        else:
            time.sleep(settings.random.random() * LONGEST_LIFE_S)
        with suppress(ProcessLookupError):  # it has failed by itself
            os.kill(pid, signal.SIGKILL)
        return self._end(kept)

    def ended_well(self) -> tuple[int, int]:
        """Results kept and status of a process that ends by itself; the writer ends too."""
        answer = self._end(self._begin("once")[1])
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        return answer

    def words(self) -> list[str]:
        return self._stderr.read_text("utf-8", "replace").splitlines()

    def _begin(self, word: str) -> tuple[int, int]:
        """Process number, and how many it has kept already."""
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()
        pid, begun, kept = 0, False, 0
        while not (pid and begun):
            name, _, number = self._line().partition(" ")
            pid = int(number) if name == "pid" else pid
            kept = int(number) if name == "kept" else kept
            begun = begun or name == "begun"
        return pid, kept

    def _end(self, kept: int) -> tuple[int, int]:
        while True:
            name, _, number = self._line().partition(" ")
            if name == "dead":
                return kept, int(number)
            kept = int(number) if name == "kept" else kept

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise TimeoutError("the writer is gone: " + "; ".join(self.words()[-1:]))
        return line

    def _wait_for_a_staged_file(self) -> None:
        until_s = time.monotonic() + AIM_S
        before = _staged_in_newest(self._folder)
        while not _staged_in_newest(self._folder) - before and time.monotonic() < until_s:
            pass


def _staged_in_newest(folder: Path) -> set[str]:
    """What is half written in a folder and in the newest ones below it: quick, however many runs
    there were."""
    found: set[str] = set()
    while True:
        with os.scandir(folder) as entries:
            below = [entry for entry in entries if entry.is_dir() or STAGED.match(entry.name)]
        found |= {entry.path for entry in below if STAGED.match(entry.name)}
        folders = [Path(entry.path) for entry in below if not STAGED.match(entry.name)]
        if not folders:
            return found
        folder = max(folders, key=lambda each: each.stat().st_mtime_ns)
