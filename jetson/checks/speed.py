"""The doctor's questions about what makes a board slow: its power mode, its clocks, its heat, its
power supply.

Knows when slowness is worth a warning; what the files say is power_mode.py's and heat.py's
business.
"""

from typing import List

from catseye.jetson.checks.check import Check, check_of
from catseye.jetson.power.heat import over_current_events, read_zones, slowed_by
from catseye.jetson.power.power_mode import read_clocks, read_power_mode

NEAR_C = 5.0  # degrees below a zone's limit that are too near for a long run


def speed_checks(root: str) -> List[Check]:
    return [power_mode_check(root), clocks_check(root), heat_check(root), supply_check(root)]


def power_mode_check(root: str) -> Check:
    """A slow mode may be meant: a warning, never more."""
    mode = read_power_mode(root)
    if mode is None:
        return Check(
            "power-mode",
            "warn",
            "unknown",
            "a mode of nvpmodel",
            "sudo nvpmodel -q; in a container mount /etc/nvpmodel.conf and /var/lib/nvpmodel",
        )
    fastest = mode.fastest
    return check_of(
        "power-mode",
        mode.number == fastest,
        str(mode),
        "%s for full speed" % mode.modes[fastest],
        "sudo nvpmodel -m %d, or leave it if it is meant" % fastest,
    )


def clocks_check(root: str) -> Check:
    """Clocks that follow the load are as they should be, except for measuring."""
    clocks = read_clocks(root)
    if not clocks:
        return Check("clocks", "ok", "unknown")
    words = [
        "%s %s MHz%s"
        % (
            clock.name,
            clock.highest if clock.fixed else "%d-%d" % (clock.lowest, clock.highest),
            ", fixed" if clock.fixed else "",
        )
        for clock in clocks
    ]
    floating = not all(clock.fixed for clock in clocks)
    return Check(
        "clocks",
        "ok",
        "; ".join(words) + ("; before measuring: sudo jetson_clocks" if floating else ""),
    )


def heat_check(root: str) -> Check:
    """Whether the board slows itself down now, or soon will."""
    zones, slowed = read_zones(root), slowed_by(root)
    if not zones:
        return Check("heat", "ok", "unknown")
    hottest = max(zones, key=lambda zone: zone.celsius)
    near = [
        zone for zone in zones if zone.limit_c is not None and zone.celsius > zone.limit_c - NEAR_C
    ]
    found = "%s %.0f degrees" % (hottest.name, hottest.celsius)
    found += ", slowed down by " + ", ".join(slowed) if slowed else ""
    limit = min((zone.limit_c for zone in zones if zone.limit_c is not None), default=None)
    return check_of(
        "heat",
        not near and not slowed,
        found,
        "below %g degrees" % (limit or 85.0),
        "a fan or a larger heat sink (sudo jetson_clocks --fan); or a lower power mode",
    )


def supply_check(root: str) -> Check:
    """Over-current events since boot: the supply, or the limit of the power mode, is too small for
    the load."""
    events = {name: count for name, count in over_current_events(root).items() if count}
    found = ", ".join("%s %d times" % item for item in sorted(events.items()))
    return check_of(
        "power-supply",
        not events,
        found or "no over-current event",
        "none since boot",
        "a stronger supply (Nano: 5 V 4 A through the barrel jack), or a lower power mode",
    )
