"""The doctor's questions about the machine as a whole: memory to build in, room to write, a clock
to stamp frames by.

Knows the kernel's tables of memory and swap and two ways to ask whether the clock is synchronised.
"""

import ctypes
import os
import shutil
import time
from typing import Dict, List, Optional

from catseye.jetson.checks.check import Check, check_of
from catseye.jetson.sysfs import text_at

LITTLE_DISK_BYTES = 1000**3  # some ten minutes of 720p video
# An estimate: CUDA's and TensorRT's libraries, the weights twice over, and the builder's 256 MB of
# workspace.
BUILD_BYTES = 2.5e9
BORN_S = 1704067200.0  # 2024-01-01: a clock that shows less has no battery and no network
SYNCHRONISED = "run/systemd/timesync/synchronized"
UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
TIMEX_BYTES = 512  # more than struct timex takes anywhere; all zeros: change nothing
ADD_SWAP = (
    "sudo systemctl stop gdm3 lightdm; sudo fallocate -l 4G /swapfile; sudo chmod 600 /swapfile; "
    "sudo mkswap /swapfile; sudo swapon /swapfile"
)


def system_checks(root: str, folder: str) -> List[Check]:
    """folder: where sinks will write."""
    return [memory_check(root), disk_check(folder), writable_check(folder), clock_check(root)]


def memory_check(root: str) -> Check:
    """Free memory and swap against what building an engine takes; compressed memory (zram) is not
    counted as swap."""
    memory = memory_bytes(root)
    if "MemTotal" not in memory:
        return Check("memory", "ok", "unknown: no /proc/meminfo")
    swap, available = swap_bytes(root), memory.get("MemAvailable", 0)
    found = "%.1f GB, %.1f free, swap %s" % (
        memory["MemTotal"] / 1e9,
        available / 1e9,
        "%.1f GB" % (swap / 1e9) if swap else "none on disk",
    )
    return check_of(
        "memory",
        available + swap >= BUILD_BYTES,
        found,
        "%.1f GB free or as swap, to build an engine (an estimate)" % (BUILD_BYTES / 1e9),
        ADD_SWAP,
    )


def memory_bytes(root: str) -> Dict[str, int]:
    """{"MemTotal": ..., "MemAvailable": ...} in bytes."""
    rows = [line.split() for line in text_at(root, "proc/meminfo").splitlines()]
    return {
        row[0].rstrip(":"): int(row[1]) * 1024 for row in rows if len(row) >= 2 and row[1].isdigit()
    }


def swap_bytes(root: str) -> int:
    """Swap on a disk, as a file or a partition."""
    rows = [line.split() for line in text_at(root, "proc/swaps").splitlines()[1:]]
    return sum(
        int(row[2]) * 1024
        for row in rows
        if len(row) >= 3 and row[2].isdigit() and "zram" not in row[0]
    )


def disk_check(folder: str) -> Check:
    """Room for what sinks write, in the folder where `run` was started."""
    free = shutil.disk_usage(folder).free
    return check_of(
        "disk",
        free >= LITTLE_DISK_BYTES,
        "%.1f GB free in %s" % (free / 1e9, folder),
        "1 GB for recordings",
        "free some (sudo apt clean; journalctl --vacuum-size=100M), or give sinks another folder",
    )


def writable_check(folder: str) -> Check:
    """The folder for results and the user's cache: one `sudo` too many, and they are root's."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    locked = [
        path for path in (folder, cache) if os.path.exists(path) and not os.access(path, os.W_OK)
    ]
    return check_of(
        "permissions",
        not locked,
        (
            ("cannot write in " + ", ".join(locked))
            if locked
            else "may write in %s and %s" % (folder, cache)
        ),
        "folders of this user",
        "sudo chown -R $USER " + " ".join(locked),
    )


def clock_check(root: str) -> Check:
    """A clock that jumps makes ages and recordings wrong."""
    now_s = time.time()
    fix = (
        "sudo timedatectl set-ntp true; without a network: a clock battery, or chrony with GPS"
        " or PTP"
    )
    if now_s < BORN_S:
        return Check(
            "clock",
            "warn",
            time.strftime("it says %Y-%m-%d", time.gmtime(now_s)),
            "the date of today",
            fix,
        )
    answer = synchronised(root)
    words = {True: "synchronised", False: "not synchronised", None: "unknown"}[answer]
    return check_of("clock", answer is not False, words, "a clock that follows a reference", fix)


def synchronised(root: str) -> Optional[bool]:
    """By systemd's mark, else by the kernel's own word; None where neither tells."""
    if os.path.exists(os.path.join(root, SYNCHRONISED)):
        return True
    if root != "/":
        return False
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != UNSYNCHRONISED
