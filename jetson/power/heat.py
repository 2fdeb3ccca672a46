"""Heat: how warm the board is, how far from its limit, and whether it slows itself down.

Knows the kernel's thermal zones and cooling devices, and the over-current counters of JetPack 5 and
later. Knows no units but degrees Celsius.
"""

import os
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from catseye.jetson.sysfs import number_at, paths_like, text_at

ZONES = "sys/class/thermal/thermal_zone*/type"
COOLERS = "sys/class/thermal/cooling_device*/type"
OVER_CURRENT = "sys/class/hwmon/hwmon*/oc*_event_cnt"
NOT_MEASURED = ("PMIC-Die",)  # answers 100 degrees, whatever the weather
# where the kernel begins to slow down; "critical" is where it switches off
SLOWING_TRIPS = ("passive", "hot")
HARMLESS = "fan"  # a cooling device that costs no speed


class Zone(NamedTuple):
    """limit_c: where slowing down begins, None where the zone does not tell."""

    name: str
    celsius: float
    limit_c: Optional[float]


def read_zones(root: str = "/") -> List[Zone]:
    """Every zone that answers; one whose part is switched off does not."""
    return [
        Zone(name, celsius, _limit_c(root, folder)) for folder, name, celsius in _temperatures(root)
    ]


def hottest_c(root: str = "/") -> Optional[float]:
    """Degrees of the hottest zone, None where there is none."""
    return max((celsius for _, _, celsius in _temperatures(root)), default=None)


def slowed_by(root: str = "/") -> List[str]:
    """Cooling devices that are at work now and cost speed, such as `cpu-throttle-alert`; a fan is
    none."""
    names = []
    for path in paths_like(root, COOLERS):
        name, state = (
            text_at(root, path),
            number_at(root, os.path.join(os.path.dirname(path), "cur_state")),
        )
        if state and HARMLESS not in name:
            names.append(name)
    return names


def over_current_events(root: str = "/") -> Dict[str, int]:
    """Since boot, by counter: {"oc1": 0, "oc3": 12}; {} where the kernel does not count."""
    counts = {}
    for path in paths_like(root, OVER_CURRENT):
        count = number_at(root, path)
        if count is not None:
            counts[os.path.basename(path).split("_")[0]] = count
    return counts


def _temperatures(root: str) -> Iterator[Tuple[str, str, float]]:
    """Folder, name and degrees of each zone that measures."""
    for path in paths_like(root, ZONES):
        name, folder = text_at(root, path), os.path.dirname(path)
        millidegrees = number_at(root, os.path.join(folder, "temp"))
        if millidegrees is not None and name not in NOT_MEASURED:
            yield folder, name, millidegrees / 1e3


def _limit_c(root: str, folder: str) -> Optional[float]:
    limits = []
    for path in paths_like(root, os.path.join(folder, "trip_point_*_type")):
        millidegrees = number_at(root, path[: -len("type")] + "temp")
        if text_at(root, path) in SLOWING_TRIPS and millidegrees and millidegrees > 0:
            limits.append(millidegrees / 1e3)
    return min(limits) if limits else None
