"""What is wrong with this machine, and the mend: small checks, each of which answers with a Check.

Knows what `run` needs: Python, NumPy, OpenCV, a backend, a model; and what it likes: a camera, disk, the JetPack that
belongs to the board. Imports what it asks about inside each check, because it must speak where NumPy itself is broken.
"""

import glob
import os
import platform
import shutil
import sys
from typing import Any, Callable, Dict, List, Optional, Tuple

from catseye import __version__
from catseye.jetson.backend_checks import backend_checks
from catseye.jetson.check import Check, imported, judged, numbers
from catseye.jetson.jetpack import Board, newest_jetpack_for, read_board
from catseye.jetson.opencv_checks import opencv_checks
from catseye.runtime.packed import archive_path, manifest

OLDEST_PYTHON = (3, 6)
OLDEST_NUMPY = (1, 13)
INSTALL_NUMPY = "pip install numpy; on a board: sudo apt install python3-numpy"
LITTLE_DISK_BYTES = 1000 ** 3  # some ten minutes of 720p video


def examine(root: str = "/") -> List[Check]:
    """Every check of this machine; `root` is where the board's and the devices' files are looked up."""
    board = read_board(root)
    questions: Tuple[Tuple[str, Callable[[], List[Check]]], ...] = (
        ("python", lambda: [python_check(board), numpy_check()]),
        ("board", lambda: [board_check(board)] if board else []),
        ("opencv", lambda: opencv_checks(board, [folder or os.getcwd() for folder in sys.path])),
        ("backend", lambda: backend_checks(board)),
        ("model", lambda: [model_check()]),
        ("camera", lambda: [camera_check(root, board)]),
        ("disk", lambda: [disk_check(os.getcwd())]),
    )
    return [check for name, question in questions for check in _answered(name, question)]


def machine_facts(root: str = "/") -> Dict[str, Any]:
    """What a report of trouble should name, as plain JSON types."""
    board = read_board(root)
    packed = manifest()
    return {
        "catseye": __version__,
        "program": archive_path() or "installed",
        "code_sha256": packed["code_sha256"] if packed else None,
        "python": platform.python_version(),
        "executable": sys.executable,
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "board": board.name if board else None,
        "l4t": board.l4t_text if board else None,
        "jetpack": board.jetpack.name if board and board.jetpack else None,
    }


def python_check(board: Optional[Board]) -> Check:
    """Any Python since 3.6.9 runs; on a board only JetPack's own finds JetPack's OpenCV and TensorRT."""
    found = platform.python_version()
    if board is None or board.jetpack is None:
        return judged("python", sys.version_info >= OLDEST_PYTHON, found, "3.6.9 or later", "python3", otherwise="fail")
    wanted = board.jetpack.python
    good = numbers(found)[:2] == numbers(wanted)
    return judged("python", good, found, "%s, JetPack's own" % wanted, "run it with /usr/bin/python3")


def numpy_check() -> Check:
    module, version = imported("numpy")
    good = module is not None and numbers(version) >= OLDEST_NUMPY
    return judged("numpy", good, version, "1.13 or later", INSTALL_NUMPY, otherwise="fail")


def board_check(board: Board) -> Check:
    """Whether the board's JetPack is one that this project was made for."""
    if board.jetpack:
        return Check("board", "ok", "%s, JetPack %s (L4T %s)" % (board.name, board.jetpack.name, board.l4t_text))
    if board.l4t is None:
        return Check("board", "warn", board.name + ", unknown JetPack", "/etc/nv_tegra_release",
                     "in a container mount it: -v /etc/nv_tegra_release:/etc/nv_tegra_release")
    newest = newest_jetpack_for(board.family)
    mend = "flash JetPack %s" % newest.name if newest else "look for a newer catseye"
    return Check("board", "warn", "%s, L4T %s" % (board.name, board.l4t_text), "a JetPack from 4.6 to 7.2", mend)


def model_check() -> Check:
    """The model inside this .pyz, or the shipped ones, can be read and have whole cards and golden frames."""
    from catseye.runtime.errors import CatseyeError
    from catseye.runtime.model_file import load_model, zoo_names
    names = [""] if archive_path() else zoo_names()
    try:
        found = ", ".join(load_model(name).name for name in names)
    except CatseyeError as error:
        return Check("model", "fail", str(error), "readable model files", "copy or install catseye again")
    return judged("model", bool(names), found or "none shipped", "models with the package", "give `run` an .onnx file")


def camera_check(root: str, board: Optional[Board]) -> Check:
    """Cameras of the kernel, and whether this user may open them. A workstation may well have none."""
    devices = sorted(glob.glob(os.path.join(glob.escape(root), "dev", "video*")))
    locked = [device for device in devices if not (os.access(device, os.R_OK) and os.access(device, os.W_OK))]
    if locked:
        return Check("camera", "warn", "no permission for " + ", ".join(locked), "a user of the group video",
                     "sudo usermod -aG video $USER, then log in again")
    return judged("camera", bool(devices) or board is None, ", ".join(devices) or "none", "/dev/video0",
                  "check the ribbon and `dmesg`; without one: --source synthetic://road")


def disk_check(folder: str) -> Check:
    """Room for what sinks write, in the folder where `run` was started."""
    free = shutil.disk_usage(folder).free
    return judged("disk", free >= LITTLE_DISK_BYTES, "%.1f GB free in %s" % (free / 1e9, folder), "1 GB for recordings",
                  "free some, or give sinks another folder")


def _answered(name: str, question: Callable[[], List[Check]]) -> List[Check]:
    try:
        return question()
    except Exception as error:  # the doctor must not die of the patient
        return [Check(name, "fail", "no answer: %s" % error, "one", "mend what fails above, then ask again")]
