"""The processor an engine computes on when there is no accelerator: its name, and how many cores
this process may use.

Knows Linux's /proc and the device tree of ARM boards. Knows nothing of engines.
"""

import os
import platform

DEVICE_TREE_MODEL = "/proc/device-tree/model"  # "NVIDIA Jetson Nano Developer Kit", on boards only
CPU_INFO = "/proc/cpuinfo"


def usable_cores() -> int:
    """Cores this process may run on: a container's or taskset's share, where the system tells, else
    all of them."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def is_board() -> bool:
    """Whether this is a board with a device tree, as every Jetson is, and no PC."""
    return bool(_board_name())


def cpu_name() -> str:
    """The board's name where there is one, else the processor's, else its architecture."""
    return _board_name() or _processor_name() or platform.machine()


def _board_name() -> str:
    return _read(DEVICE_TREE_MODEL).strip("\0 \n")


def _processor_name() -> str:
    for line in _read(CPU_INFO).splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return " ".join(value.split())
    return ""


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
