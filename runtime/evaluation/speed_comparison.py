"""Two benchmarks side by side: how much faster, and whether they may be compared at all.

Knows the JSON that `catseye bench --json` prints. A board in another power mode, or another device,
is another machine: their ratio says nothing about the model, so it is refused unless somebody
insists.
"""

import json
from typing import Any, Dict, List, NamedTuple, Optional

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.files import read_bytes

PERCENTILES = ("p50", "p95", "p99")
TOLD = ("device", "power_mode", "model", "backend", "provider", "precision", "threads", "size")


class Machine(NamedTuple):
    """What must be the same. power_mode: as nvpmodel calls it, None where there is none."""

    device: str
    power_mode: Optional[str]


class Comparison(NamedTuple):
    """speedup: old latency over new, above 1 where the new one is faster.  changed: what else is
    not the same."""

    old: str
    speedup: Dict[str, float]
    changed: List[str]

    def as_json(self) -> Dict[str, Any]:
        return dict(self._asdict())


def read_bench(path: str) -> Dict[str, Any]:
    """A document that `bench --json` wrote. Raises CatseyeError for anything else."""
    try:
        document = json.loads(read_bytes(path).decode("utf-8"))
        machine_of(document)
        if not all(float(document["latency_ms"][key]) > 0 for key in PERCENTILES):
            raise ValueError("a latency of nothing")
    except (ValueError, TypeError, KeyError):
        raise CatseyeError(
            "%s is no whole benchmark" % path,
            "what `catseye bench --json` prints",
            "make it with: catseye bench MODEL --json > OLD.json",
        ) from None
    return document


def machine_of(document: Dict[str, Any]) -> Machine:
    return Machine(document["device"], document["power"]["power_mode"])


def refuse_other_machine(path: str, old: Machine, new: Machine, force: bool) -> None:
    """Raise CatseyeError where they are not the same, unless forced."""
    if old != new and not force:
        raise CatseyeError(
            "%s was measured on %s in power mode %s, this is %s in %s"
            % ((path,) + _words(old) + _words(new)),
            "one device in one power mode",
            "set the mode with nvpmodel, or insist with --force",
        )


def compared(path: str, old: Dict[str, Any], new: Dict[str, Any]) -> Comparison:
    """The new benchmark against the old one."""
    speedup = {key: old["latency_ms"][key] / new["latency_ms"][key] for key in PERCENTILES}
    before, after = [dict(document, **machine_of(document)._asdict()) for document in (old, new)]
    changed = [
        "%s %s -> %s" % (key, before.get(key), after.get(key))
        for key in TOLD
        if before.get(key) != after.get(key)
    ]
    return Comparison(path, speedup, changed)


def _words(machine: Machine) -> Any:
    return machine.device, machine.power_mode or "none"
