"""The doctor's questions about Python and NumPy: old enough, new enough, and built for each other.

Knows what JetPack's own packages were built against. A NumPy that kills the interpreter (OpenBLAS
on a TX1 or Nano does: illegal instruction) is asked in a process of its own.
"""

import platform
import subprocess
import sys
from typing import List, Optional

from catseye.jetson.checks.check import Check, check_of, imported, numbers
from catseye.jetson.checks.complaints import SIGNALS, fix_of
from catseye.jetson.jetpack import Board
from catseye.runtime.model_file.installing import to_install

OLDEST_PYTHON = (3, 6)
OLDEST_NUMPY = (1, 13)
LONGEST_S = 60  # for importing NumPy and OpenCV from a slow card


def deadly_import() -> Optional[Check]:
    """A failed check where importing NumPy or OpenCV kills Python; None where both are survived."""
    for package in ("numpy", "cv2"):
        code = import_code(package)
        if code < 0:
            found = "Python dies of signal %d when it imports %s" % (-code, package)
            return Check(
                package,
                "fail",
                found,
                "an import",
                SIGNALS.get(-code, "install %s again" % package),
            )
    return None


def import_code(package: str) -> int:
    """How a process that imports `package` ends: 0, 1 for an error, -N for signal N."""
    command = [sys.executable, "-c", "import " + package]
    try:
        return subprocess.call(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=LONGEST_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return 1


def python_checks(board: Optional[Board]) -> List[Check]:
    return [python_check(board), numpy_check(board), numpy_abi_check(board)]


def python_check(board: Optional[Board]) -> Check:
    """Any Python since 3.6.9 runs; on a board only JetPack's own finds JetPack's OpenCV and
    TensorRT."""
    found = platform.python_version()
    if board is None or board.jetpack is None:
        return check_of(
            "python",
            sys.version_info >= OLDEST_PYTHON,
            found,
            "3.6.9 or later",
            "python3",
            otherwise="fail",
        )
    wanted = board.jetpack.python
    good = numbers(found)[:2] == numbers(wanted)
    return check_of(
        "python", good, found, "%s, JetPack's own" % wanted, "run it with /usr/bin/python3"
    )


def numpy_check(board: Optional[Board]) -> Check:
    install = to_install("numpy", "python3-numpy", board is not None)
    module, version = imported("numpy")
    good = module is not None and numbers(version) >= OLDEST_NUMPY
    return check_of(
        "numpy", good, version, "1.13 or later", fix_of(version, install), otherwise="fail"
    )


def numpy_abi_check(board: Optional[Board]) -> Check:
    """A board's OpenCV and TensorRT were built for NumPy 1 and do not import with 2; newer 1.x
    do."""
    module, version = imported("numpy")
    if board is None or board.jetpack is None or module is None:
        return Check("numpy-abi", "ok", version)
    wanted = board.jetpack.numpy
    return check_of(
        "numpy-abi",
        numbers(version)[:1] == numbers(wanted)[:1],
        "%s in %s" % (version, module.__path__[0]),
        "%s.x, what JetPack's OpenCV was built against" % wanted,
        "python3 -m pip uninstall numpy",
    )
