"""Full disks: a file system of 8 MB that fills while something is written to it, and /dev/full.
What was whole before is whole after it, one line says so, and once there is room it goes on.

Mounting wants root; without it /dev/full is all that is tried.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drill import Program, Row, Settings, staged_in, wait_until

STREET = "synthetic://road?frames=60"
RESERVE = 4 << 20
LEFT = 60_000  # bytes that a drill leaves free
SINKS = (
    "out.mp4",
    "jsonl://rows",
    "record://log",
    "out/",
    "folder://out?limit=9MB",
    "dataset://set",
)
FULL_STDOUT = (
    ["run", "digits", "--source", "synthetic://road?frames=2", "--json"],
    ["doctor", "--json"],
    ["cache", "list", "--json"],
    ["eval", "digits", "--data", "demo", "--json"],
    ["verify", "digits", "--json"],
)
DONE_IN_S = 300.0


def drill(settings: Settings) -> list[Row]:
    rows = [_row("full standard output", settings, _full_stdout)]
    if os.geteuid() != 0:
        return [*rows, Row("full disk", 0, note="left out: mounting wants root")]
    return rows + [
        _row("full disk: train, --resume", settings, _training),
        _row("full disk: export, pack", settings, _files),
        _row("full disk: sinks", settings, _sinks),
    ]


class _Count:
    """Adds up what was found wrong."""

    def __init__(self) -> None:
        self.tries = self.lost = self.crashed = self.hung = self.leaked = 0
        self.notes: list[str] = []

    def program(self, folder: Path, words: "list[str]", codes: "tuple[int, ...]") -> str:
        """Run it to its end; what it said."""
        self.tries += 1
        with Program(folder, *words) as program:
            if not program.ended(DONE_IN_S):
                self.hung += 1
            elif program.crashed or program.process.returncode not in codes:
                self.crashed += 1
                code = program.process.returncode
                self.notes.append("%s: %d %s" % (words[0], code, program.said[-200:]))
            return program.said

    def expect(self, right: bool, words: str) -> None:
        if not right:
            self.lost += 1
            self.notes.append(words)


def _row(name, settings, check) -> Row:  # type: ignore[no-untyped-def]
    begun_s, count = time.monotonic(), _Count()
    check(settings.folder, count)
    counts = (count.tries, count.lost, count.crashed, count.hung, count.leaked)
    note = "; ".join(count.notes)[:400].replace("\n", " ")
    return Row(name, *counts, time.monotonic() - begun_s, note)


def _full_stdout(folder: Path, count: _Count) -> None:
    for words in FULL_STDOUT:
        place = folder / "stdout"
        place.unlink(missing_ok=True)
        place.symlink_to("/dev/full")
        said = count.program(folder, words, (2,))
        lines = [line for line in said.splitlines() if "cannot write standard output" in line]
        count.expect(len(lines) == 1, "%s: no one line" % words[0])
        place.unlink()


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    disk = folder / "disk"
    disk.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def _fill(disk: Path, left: int = LEFT) -> Path:
    """A file that leaves so many bytes."""
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    filler = disk / "filler"
    filler.write_bytes(bytes(max(0, free - left)))
    return filler


def _training(folder: Path, count: _Count) -> None:
    """Fill the disk under a training: it ends, the checkpoint stays, and what is resumed ends with
    the weights of a training that was never stopped."""
    words = ["train", "digits", "--data", "demo", "--epochs", "6", "--out"]
    count.program(folder, [*words, str(folder / "unbroken")], (0,))
    with _small_disk(folder) as disk:
        out = disk / "out"
        with Program(folder, *words, str(out)) as program:
            count.tries += 1
            wait_until((out / "meta.json").exists, DONE_IN_S)
            _halt_between_writes(program, out)
            before, filler = _digest(out / "model.pt"), _fill(disk, 20_000)
            program.process.send_signal(signal.SIGCONT)
            count.hung += not program.ended(DONE_IN_S)
            count.crashed += program.crashed
            right = program.process.returncode == 2 and "No space left" in program.said
            count.expect(right, "train: " + program.said[-200:])
        count.expect(before == _digest(out / "model.pt"), "the earlier checkpoint is another")
        filler.unlink()
        count.program(folder, [*words, str(out), "--resume"], (0,))
        unbroken = _digest(folder / "unbroken" / "model.pt")
        count.expect(_digest(out / "model.pt") == unbroken, "resumed: other weights")
        count.leaked += len(staged_in(disk))


def _halt_between_writes(program: Program, folder: Path) -> None:
    program.process.send_signal(signal.SIGSTOP)
    while staged_in(folder):
        program.process.send_signal(signal.SIGCONT)
        time.sleep(0.01)
        program.process.send_signal(signal.SIGSTOP)


def _files(folder: Path, count: _Count) -> None:
    for words, name in ((["export", "digits"], "digits.onnx"), (["pack", "digits"], "digits.pyz")):
        with _small_disk(folder) as disk:
            path = disk / name
            count.program(folder, [*words, "-o", str(path)], (0,))
            before, filler = _digest(path), _fill(disk)
            said = count.program(folder, [*words, "-o", str(path)], (2,))
            count.expect("No space left" in said, words[0] + ": does not say why")
            count.expect(_digest(path) == before, name + " is another")
            filler.unlink()
            count.program(folder, [*words, "-o", str(path)], (0,))
            count.leaked += len(staged_in(disk))


def _sinks(folder: Path, count: _Count) -> None:
    """Each begins with room and meets its reserve: one line, 4 MB stay free, what was counted as
    written is there."""
    for sink in SINKS:
        with _small_disk(folder) as disk:
            _fill(disk, RESERVE + (10_000 if "rows" in sink else 900_000))
            words = ["run", "road-nano", "--source", STREET, "--sink", sink, "--json"]
            said = _in(disk, words, count)
            failing = said.count("fails, the run goes on")
            count.expect(failing == 1, "%s: %d lines" % (sink, failing))
            free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
            slack = 1_500_000 if ".mp4" in sink else 0  # a second of video, met at its end
            count.expect(free >= RESERVE - slack, "%s: %d bytes free" % (sink, free))
            count.leaked += len(staged_in(disk))


def _in(disk: Path, words: "list[str]", count: _Count) -> str:
    """Run it in the small disk, its own words elsewhere."""
    place = disk.parent / "said"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    sink = words[words.index("--sink") + 1]
    scheme, mark, path = sink.rpartition("://")
    words[words.index(sink)] = (
        scheme + mark + str(disk / path) + ("/" if sink.endswith("/") else "")
    )
    said = count.program(place, words, (1,))
    taken = json.loads((place / "stdout").read_text())["sinks"][0]
    count.expect(taken["written"] + taken["lost"] == 60, "%s: not all counted" % sink)
    return said


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
