"""What is wrong with this machine, and how to fix it: small checks, each of which gives a Check.

Knows the order of the questions, what `run` needs (Python, NumPy, OpenCV, a backend, a model) and
what it likes (the rest). Each check imports what it asks about, because the doctor must speak where
NumPy itself is broken.
"""

import os
import platform
import sys
from typing import Callable, List, Optional, Tuple

from catseye.jetson.checks.backends import backend_checks
from catseye.jetson.checks.cameras import camera_checks
from catseye.jetson.checks.check import Check, check_of
from catseye.jetson.checks.gpu import gpu_checks
from catseye.jetson.checks.opencv import opencv_checks
from catseye.jetson.checks.python import deadly_import, python_checks
from catseye.jetson.checks.speed import speed_checks
from catseye.jetson.checks.system import system_checks
from catseye.jetson.jetpack import Board, newest_jetpack_for, read_board
from catseye.jetson.power.power_mode import read_power_mode
from catseye.runtime.model_file.packed import archive_path, manifest
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.version import VERSION

Question = Tuple[str, Callable[[], List[Check]]]


def examine(root: str = "/") -> List[Check]:
    """Every check of this machine; `root` is where the board's and the devices' files are looked
    up."""
    board = read_board(root)
    deadly = deadly_import()
    questions = _about_packages(board) if deadly is None else [(deadly.name, lambda: [deadly])]
    questions += _about_machine(root, board)
    return [check for name, question in questions for check in _answered(name, question)]


def _about_packages(board: Optional[Board]) -> List[Question]:
    """What has to be imported to be asked."""
    return [
        ("python", lambda: python_checks(board)),
        ("opencv", lambda: opencv_checks(board, [folder or os.getcwd() for folder in sys.path])),
        ("backend", lambda: backend_checks(board)),
        ("model", lambda: [model_check()]),
    ]


def _about_machine(root: str, board: Optional[Board]) -> List[Question]:
    """What files can tell; some of it of boards only."""
    questions: List[Question] = [
        ("camera", lambda: camera_checks(root, board)),
        ("system", lambda: system_checks(root, os.getcwd())),
    ]
    if board is None:
        return questions
    return [
        ("board", lambda: [board_check(board)]),
        ("gpu", lambda: gpu_checks(root, board)),
        ("speed", lambda: speed_checks(root)),
    ] + questions


def machine_summary(root: str = "/") -> JsonObject:
    """What a report of trouble should name, as plain JSON types."""
    board, mode = read_board(root), read_power_mode(root)
    packed = manifest()
    return {
        "catseye": VERSION,
        "program": archive_path() or "installed",
        "code_sha256": packed.code_sha256 if packed else None,
        "python": platform.python_version(),
        "executable": sys.executable,
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "board": board.name if board else None,
        "l4t": board.l4t_text if board else None,
        "jetpack": board.jetpack.name if board and board.jetpack else None,
        "power_mode": str(mode) if mode else None,
    }


def board_check(board: Board) -> Check:
    """Whether the board's JetPack is one that this project was made for."""
    if board.jetpack:
        return Check(
            "board",
            "ok",
            "%s, JetPack %s (L4T %s)" % (board.name, board.jetpack.name, board.l4t_text),
        )
    if board.l4t is None:
        return Check(
            "board",
            "warn",
            board.name + ", unknown JetPack",
            "/etc/nv_tegra_release",
            "in a container mount it: -v /etc/nv_tegra_release:/etc/nv_tegra_release",
        )
    newest = newest_jetpack_for(board.family)
    fix = "flash JetPack %s" % newest.name if newest else "look for a newer catseye"
    return Check(
        "board",
        "warn",
        "%s, L4T %s" % (board.name, board.l4t_text),
        "a JetPack from 4.6 to 7.2",
        fix,
    )


def model_check() -> Check:
    """The model inside this .pyz, or the shipped ones, can be read and have whole cards and golden
    frames."""
    from catseye.runtime.errors import CatseyeError
    from catseye.runtime.model_file.load import load_model, zoo_names

    names = [""] if archive_path() else zoo_names()
    try:
        found = ", ".join(load_model(name).name for name in names)
    except CatseyeError as error:
        return Check(
            "model", "fail", str(error), "readable model files", "copy or install catseye again"
        )
    return check_of(
        "model",
        bool(names),
        found or "none shipped",
        "models with the package",
        "give `run` an .onnx file",
    )


def _answered(name: str, question: Callable[[], List[Check]]) -> List[Check]:
    try:
        return question()
    except Exception as error:  # the doctor must not die of the patient
        return [
            Check(
                name,
                "fail",
                "no answer: %s" % error,
                "one",
                "fix what fails above, then run it again",
            )
        ]
