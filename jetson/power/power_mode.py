"""Power mode and clocks: which of NVIDIA's modes the board is in, and how fast its processors may
run in it.

Knows nvpmodel's files, cpufreq and devfreq; all of them can be read by anybody. Sets nothing.
"""

import os
import re
from typing import Dict, List, NamedTuple, Optional

from catseye.jetson.sysfs import number_at, paths_like, text_at

STATUS = "var/lib/nvpmodel/status"  # pmode:0002
TABLE = "etc/nvpmodel.conf"  # < POWER_MODEL ID=2 NAME=MODE_15W >
MODE = re.compile(r"^\s*<\s*POWER_MODEL\s+ID=(\d+)\s+NAME=(\S+)\s*>", re.MULTILINE)
GPUS = ("gpu", "gp10b", "gv11b", "ga10b", "gpc")  # how devfreq calls it, from TX1 to Thor


class PowerMode(NamedTuple):
    """number, name: as nvpmodel says them.  modes: all that this board has."""

    number: int
    name: str
    modes: Dict[int, str]

    @property
    def fastest(self) -> int:
        """The number of MAXN, or of the mode with most watts."""
        return max(self.modes, key=lambda number: (_watts(self.modes[number]), -number))

    def __str__(self) -> str:
        return "%s (mode %d)" % (self.name, self.number)


class Clock(NamedTuple):
    """What a processor runs at, MHz: now, at least, at most in this mode, and at most in any."""

    name: str
    now: int
    lowest: int
    highest: int
    possible: int

    @property
    def fixed(self) -> bool:
        """Whether it stays at its highest, as after `jetson_clocks`."""
        return self.lowest == self.highest


class ClockFiles(NamedTuple):
    """Where a frequency governor of the kernel says what a Clock holds, and its units in a MHz."""

    now: str
    lowest: str
    highest: str
    possible: str
    per_mhz: float


CPUFREQ = ClockFiles(
    "scaling_cur_freq", "scaling_min_freq", "scaling_max_freq", "cpuinfo_max_freq", 1e3
)
DEVFREQ = ClockFiles("cur_freq", "min_freq", "max_freq", "available_frequencies", 1e6)


def read_power_mode(root: str = "/") -> Optional[PowerMode]:
    """The mode that nvpmodel set last; None where there is no nvpmodel, or it never set one."""
    modes = {int(number): name for number, name in MODE.findall(text_at(root, TABLE))}
    match = re.search(r"pmode:(\d+)", text_at(root, STATUS))
    if match is None or int(match.group(1)) not in modes:
        return None
    return PowerMode(int(match.group(1)), modes[int(match.group(1))], modes)


def read_clocks(root: str = "/") -> List[Clock]:
    """One for each group of CPU cores, and the GPU where it can be told."""
    cpus = [
        _clock(root, path, "CPU" + re.sub(r"\D", "", os.path.basename(path)), CPUFREQ)
        for path in paths_like(root, "sys/devices/system/cpu/cpufreq/policy*")
    ]
    gpus = [
        _clock(root, path, "GPU", DEVFREQ)
        for path in paths_like(root, "sys/class/devfreq/*")
        if any(word in path for word in GPUS)
    ]
    return [clock for clock in cpus + gpus[:1] if clock is not None]


def _clock(root: str, folder: str, name: str, files: ClockFiles) -> Optional[Clock]:
    values = [number_at(root, os.path.join(folder, file)) for file in files[:3]]
    if None in values:
        return None
    words = text_at(root, os.path.join(folder, files.possible)).split()
    most = max([int(word) for word in words if word.isdigit()] or [0])
    mhz = [int(value / files.per_mhz) for value in values + [most] if value is not None]
    return Clock(name, mhz[0], mhz[1], mhz[2], max(mhz[2:]))


def _watts(name: str) -> float:
    """MODE_15W -> 15; MAXN is above all watts, MAXN_SUPER above MAXN, a name without watts (MAXQ)
    below."""
    if name.startswith("MAXN"):
        return 1e6 + len(name)
    match = re.search(r"(\d+)W", name)
    return float(match.group(1)) if match else 0.0
