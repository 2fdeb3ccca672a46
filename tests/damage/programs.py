"""Broken programs: bytes of a .pyz. What is asked is its own check, and once in a while Python."""

import subprocess
import sys
import zipfile
from pathlib import Path
from random import Random
from typing import Any

from catseye.packed_main import MANIFEST, damage_of
from damage import breaking
from damage.hearing import REFUSED, Heard, Outcome, hear, judged, verb

STARTED = 0.05  # of the cases: a process each


class Programs:
    """One whole program, and a place for broken ones."""

    def __init__(self, folder: Path) -> None:
        self.path, self._data = folder / "digits.pyz", b""

    def bits(self, random: Random) -> Outcome:
        """Bytes of the file."""
        if not self._data:
            verb("pack", "digits", "-o", self.path)
            self._data = self.path.read_bytes()
        data, broken = breaking.broken_bytes(self._data, random)
        self.path.write_bytes(data)
        if random.random() < STARTED:
            return self._started(broken)
        heard = hear(lambda: self._checked())
        return judged(heard, data == self._data, 0, broken)

    def _checked(self) -> tuple[int, Any]:
        """The program's own look at itself, told as it tells it."""
        damage = damage_of(str(self.path))
        if damage:
            print("catseye: %s" % damage.splitlines()[0], file=sys.stderr)
        return (2, None) if damage else (0, None)

    def _started(self, broken: str) -> Outcome:
        words = [sys.executable, str(self.path), "--version"]
        answer = subprocess.run(words, capture_output=True, text=True, errors="replace")
        if answer.returncode and not self._python_reads_it():
            return Outcome(REFUSED, "python finds no program in it: " + broken)
        return judged(
            Heard(answer.returncode, None, answer.stderr, 0), False, 0, "started: " + broken
        )

    def _python_reads_it(self) -> bool:
        """Whether Python finds the check that a .pyz starts with, byte for byte."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                archive.read(MANIFEST)
                return (
                    archive.read("__main__.py")
                    == Path(sys.modules[damage_of.__module__].__file__ or "").read_bytes()
                )
        except Exception:
            return False
