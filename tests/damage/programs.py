"""Broken programs: bytes of a .pyz. What is asked is its check of itself, and once in a while the
program; where Python no longer finds that check, the complaint is Python's own."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path
from random import Random

from catseye import packed_main
from damage import breaking
from damage.hearing import Judge, Outcome, verb

STARTED = 0.1  # of the cases: a process each


class Files:
    """One whole program, and a place for broken ones."""

    def __init__(self, folder: Path) -> None:
        self.whole, self.path = folder / "whole.pyz", folder / "broken.pyz"
        self._judge = Judge()

    def bits(self, random: Random) -> Outcome:
        """Bytes of the file."""
        if not self.whole.exists():
            verb("pack", "digits", "-o", self.whole)
        data, broken = breaking.broken_bytes(self.whole.read_bytes(), random)
        self.path.write_bytes(data)
        ask = _started if random.random() < STARTED and _check_is_found(self.path) else _checked
        return self._judge.judged(
            broken, lambda: ask(self.path), ask.__name__, lambda: ask(self.whole)
        )


def _checked(path: Path) -> tuple[int, str]:
    """The program's look at itself, told as it tells it; its answer is the file's digest."""
    damage = packed_main.damage_of(str(path))
    if damage:
        print("catseye: %s" % damage, file=sys.stderr)
    return (2 if damage else 0), _digest(path)


def _started(path: Path) -> tuple[int, str]:
    code = subprocess.run([sys.executable, str(path), "--version"], stdout=subprocess.DEVNULL)
    return code.returncode, _digest(path)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _check_is_found(path: Path) -> bool:
    """Whether Python finds a program there that begins with the check, byte for byte."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read("__main__.py") == Path(packed_main.__file__).read_bytes()
    except Exception:  # on damaged bytes zipfile fails in many ways that share no base class
        return False
