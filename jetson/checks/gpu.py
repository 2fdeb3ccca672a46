"""The doctor's questions about what lies between TensorRT and the chip: CUDA, bindings, DLA, and
who may open them.

Knows where JetPack puts its libraries and what its device files are called. Looks at files; the one
library that it loads is CUDA's.
"""

import os
import platform
import re
from ctypes import CDLL
from typing import List, Tuple

from catseye.jetson.checks.check import Check, check_of, numbers
from catseye.jetson.jetpack import Board
from catseye.jetson.sysfs import paths_like

CUDART = ("usr/local/cuda*/lib64/libcudart.so.*", "usr/lib/*-linux-gnu/libcudart.so.*")
SONAMES = {
    "10.2": "libcudart.so.10.2",
    "11": "libcudart.so.11.0",
    "12": "libcudart.so.12",
    "13": "libcudart.so.13",
}
NVINFER = "usr/lib/*-linux-gnu/libnvinfer.so.*"
BINDINGS = "usr/lib/python3*/dist-packages/tensorrt/__init__.py"
PYTHON_OF = re.compile(r"usr/lib/python([0-9.]+)/")
DLA_NODES = "dev/nvhost-ctrl-nvdla*"
DLA_FAMILIES = ("Xavier", "Orin")
NO_DLA = ((10, 8), (11, 4, 1))  # from, until: the releases of TensorRT that cannot use it
GPU_NODES = (
    "dev/nvmap",
    "dev/nvhost-*gpu",
    "dev/nvidia0",
    "dev/nvidiactl",
    "dev/nvgpu/*/*",
    "dev/dri/renderD*",
)
INSTALL = "sudo apt install nvidia-jetpack"
LOADER = "echo /usr/local/cuda/lib64 | sudo tee /etc/ld.so.conf.d/cuda.conf; sudo ldconfig"


def gpu_checks(root: str, board: Board, python: str = "") -> List[Check]:
    """python: the version to find a binding for, the running one by default."""
    return [
        cuda_check(root, board),
        tensorrt_files_check(root, python or platform.python_version()),
        dla_check(root, board),
        gpu_access_check(root),
    ]


def cuda_check(root: str, board: Board) -> Check:
    """The CUDA runtime that came with the JetPack is there, and the loader finds it."""
    names = sorted(
        {os.path.basename(path) for pattern in CUDART for path in paths_like(root, pattern)}
    )
    wanted = cudart_of(board)
    expected = wanted or "libcudart.so"
    if not names:
        return Check("cuda", "warn", "no libcudart", expected, INSTALL)
    if wanted and not any(name.startswith(wanted) for name in names):
        return Check(
            "cuda",
            "warn",
            ", ".join(names),
            expected,
            "remove the CUDA that was installed by hand",
        )
    if root == "/" and not _loads(wanted or names[0]):
        return Check(
            "cuda", "warn", "%s, which the loader does not find" % names[0], expected, LOADER
        )
    return Check("cuda", "ok", ", ".join(names), expected)


def cudart_of(board: Board) -> str:
    """libcudart's name in the board's JetPack, "" where that is unknown."""
    if board.jetpack is None:
        return ""
    cuda = board.jetpack.cuda
    return SONAMES.get(cuda, SONAMES.get(cuda.split(".")[0], ""))


def tensorrt_files_check(root: str, python: str) -> Check:
    """TensorRT's library, and its binding for the Python that runs: they are two packages."""
    libraries = [os.path.basename(path).partition(".so.")[2] for path in paths_like(root, NVINFER)]
    pythons = sorted(
        {match.group(1) for match in map(PYTHON_OF.match, paths_like(root, BINDINGS)) if match}
    )
    if not libraries:
        return Check("tensorrt-files", "warn", "no libnvinfer", "TensorRT of the JetPack", INSTALL)
    found = "libnvinfer %s, binding for %s" % (
        max(libraries, key=numbers),
        ", ".join("Python " + name for name in pythons) or "no Python",
    )
    running = ".".join(str(number) for number in numbers(python)[:2])
    fix = (
        "run it with /usr/bin/python" + pythons[-1]
        if pythons
        else "sudo apt install python3-libnvinfer"
    )
    good = running in pythons or "3" in pythons
    return check_of("tensorrt-files", good, found, "a binding for Python " + running, fix)


def dla_check(root: str, board: Board) -> Check:
    """Whether `--dla` can be asked for; a board without is all right."""
    cores = len(paths_like(root, DLA_NODES))
    if not has_dla(board):
        return Check("dla", "ok", "none, as on every %s" % (board.family or "such board"))
    if board.jetpack and NO_DLA[0] <= numbers(board.jetpack.tensorrt) < NO_DLA[1]:
        return Check(
            "dla",
            "ok",
            "%d cores, which TensorRT %s does not use" % (cores, board.jetpack.tensorrt),
        )
    return check_of(
        "dla",
        cores > 0,
        "%d cores" % cores,
        "1 or 2 cores",
        "in a container give it /dev/nvhost-ctrl-nvdla0",
    )


def has_dla(board: Board) -> bool:
    """By the data sheets: Xavier and Orin have it, the Orin Nano does not."""
    return board.family in DLA_FAMILIES and "orin nano" not in board.name.lower()


def gpu_access_check(root: str) -> Check:
    """The device files that CUDA opens are here and open to this user."""
    nodes = [path for pattern in GPU_NODES for path in paths_like(root, pattern)]
    locked = locked_among(root, nodes)
    if not nodes:
        return Check(
            "gpu-access",
            "warn",
            "no device of the GPU",
            "/dev/nvmap",
            "in a container: --runtime nvidia",
        )
    return check_of(
        "gpu-access",
        not locked,
        ("no permission for " + ", ".join(locked)) if locked else "%d devices" % len(nodes),
        "read and write access",
        "sudo usermod -aG video,render $USER, then log in again",
    )


def locked_among(root: str, paths: List[str]) -> Tuple[str, ...]:
    """Those that this user may not read and write, as seen from `root`."""
    return tuple(
        "/" + path
        for path in paths
        if not all(os.access(os.path.join(root, path), right) for right in (os.R_OK, os.W_OK))
    )


def _loads(soname: str) -> bool:
    try:
        CDLL(soname)
        return True
    except OSError:
        return False
