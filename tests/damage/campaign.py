"""Many seeded cases through a process that may die of them, counted by kind and outcome."""

import json
import os
import select
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from damage.hearing import BAD, CRASH, OUTCOMES, Outcome

PATIENCE_S = 120  # a case that takes longer counts as a crash


class Case(NamedTuple):
    """One try. seed: with the kind it makes the same case again."""

    kind: str
    seed: int
    outcome: Outcome

    @property
    def bad(self) -> bool:
        return self.outcome.what in BAD


class Campaign:
    """Runs cases one after another, in a `with` block; the process is started again after each
    death."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="damage-")
        self._worker: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Campaign":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._folder.cleanup()

    def case(self, kind: str, seed: int) -> Case:
        """The case of this seed."""
        worker = self._worker or self._started()
        assert worker.stdin is not None and worker.stdout is not None
        worker.stdin.write("%s %d\n" % (kind, seed))
        worker.stdin.flush()
        in_time = select.select([worker.stdout], [], [], PATIENCE_S)[0]
        line = worker.stdout.readline() if in_time else ""
        if line:
            return Case(kind, seed, Outcome(*json.loads(line)))
        words = self._last_words() if in_time else "still at it after %d s" % PATIENCE_S
        assert worker.returncode is None or worker.returncode < 0, words  # a fault of the worker
        self._end()
        return Case(kind, seed, Outcome(CRASH, words))

    def _started(self) -> "subprocess.Popen[str]":
        with open(self._stderr, "a+b") as stderr:
            self._worker = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("worker.py")), self._folder.name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env=dict(os.environ, OMP_NUM_THREADS="1"),
            )
        assert self._worker.stdout is not None
        assert self._worker.stdout.readline() == "ready\n", self._last_words()
        return self._worker

    def _end(self) -> None:
        if self._worker is not None:
            self._worker.kill()
            self._worker.communicate()
            self._worker = None

    @property
    def _stderr(self) -> str:
        return os.path.join(self._folder.name, "stderr")

    def _last_words(self) -> str:
        assert self._worker is not None
        words = Path(self._stderr).read_text("utf-8", "replace").strip()[-300:]
        return "exit %d: %s" % (self._worker.wait(), " | ".join(words.splitlines()))


def table_of(cases: Iterable[Case]) -> str:
    """Tries and outcomes by kind, and all together."""
    counts: dict[str, Counter[str]] = {}
    for case in cases:
        counts.setdefault(case.kind, Counter())[case.outcome.what] += 1
    total: Counter[str] = sum(counts.values(), Counter())
    rows = [("kind", "tries", *OUTCOMES)]
    for kind, count in [*counts.items(), ("all", total)]:
        rows.append((kind, str(count.total()), *(str(count[what]) for what in OUTCOMES)))
    return "\n".join(
        "| " + " | ".join(row) + " |" for row in [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    )


def seeds(seed: int, tries: int) -> Iterator[int]:
    """Seeds of single cases; those of two campaigns have none in common."""
    return iter(range(seed * 1_000_000, seed * 1_000_000 + tries))
