"""Two benchmarks side by side: how much faster, and whether they may be compared at all.

Knows the JSON that `catseye bench --json` prints. A board in another power mode, or another device,
is another machine: their ratio says nothing about the model, so it is refused unless somebody
insists.
"""

from typing import Dict, List, NamedTuple, Optional

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.files import read_bytes
from catseye.runtime.system.json_document import (
    LONGEST_TEXT,
    Fields,
    Json,
    JsonObject,
    json_from_bytes,
    optional_text,
)

PERCENTILES = ("p50", "p95", "p99")
TEXTS = ("model", "backend", "provider", "precision")
LEAST_MS, MOST = 1e-6, 1 << 20
FIX = "make it with: catseye bench MODEL --json > OLD.json"


class Machine(NamedTuple):
    """What must be the same. power_mode: as nvpmodel calls it, None where there is none."""

    device: str
    power_mode: Optional[str]


class Benchmark(NamedTuple):
    """What a comparison goes by. latency_ms: of a frame, p50, p95 and p99.  told: what may have
    changed, in words by name; an earlier benchmark may lack some."""

    machine: Machine
    latency_ms: Dict[str, float]
    told: Dict[str, str]


class Comparison(NamedTuple):
    """speedup: old latency over new, above 1 where the new one is faster.  changed: what else is
    not the same."""

    old: str
    speedup: Dict[str, float]
    changed: List[str]

    def as_json(self) -> JsonObject:
        return dict(self._asdict())


def read_benchmark(path: str) -> Benchmark:
    """The file that `bench --json` wrote. Raises CatseyeError, with the field's path, for anything
    else."""
    try:
        document = json_from_bytes(read_bytes(path))
    except ValueError as error:
        raise CatseyeError("%s is no JSON (%s)" % (path, error), "a benchmark", FIX)
    return benchmark_from_json(document, path)


def benchmark_from_json(document: Json, of: str) -> Benchmark:
    """What the document of `bench --json` says; `of`: the file, for errors. Raises CatseyeError,
    with the field's path, for anything else."""
    fields = Fields(document, path="benchmark", of=of, fix=FIX, kind=CatseyeError)
    latency, power = fields.object("latency_ms"), fields.object("power")
    machine = Machine(fields.text("device"), optional_text(power, "power_mode", LONGEST_TEXT))
    told = {"device": machine.device, "power_mode": machine.power_mode or "none"}
    told.update((name, fields.text(name)) for name in TEXTS if fields.has(name))
    if fields.has("threads"):
        told["threads"] = str(fields.integer("threads", 0, MOST))
    if fields.has("size"):
        told["size"] = "%dx%d" % fields.integers("size", (2, 2), 1, MOST)
    milliseconds = {name: latency.number(name, LEAST_MS) for name in PERCENTILES}
    return Benchmark(machine, milliseconds, told)


def refuse_other_machine(path: str, old: Machine, new: Machine, force: bool) -> None:
    """Raise CatseyeError where they are not the same, unless forced."""
    if old != new and not force:
        raise CatseyeError(
            "%s was measured on %s in power mode %s, this is %s in %s"
            % (path, old.device, old.power_mode or "none", new.device, new.power_mode or "none"),
            "one device in one power mode",
            "set the mode with nvpmodel, or use --force",
        )


def compared(path: str, old: Benchmark, new: Benchmark) -> Comparison:
    """The new benchmark against the old one, which was read from `path`."""
    speedup = {name: old.latency_ms[name] / new.latency_ms[name] for name in PERCENTILES}
    names = dict(old.told, **new.told)
    changed = [
        "%s %s -> %s" % (name, old.told.get(name, "unknown"), new.told.get(name, "unknown"))
        for name in names
        if old.told.get(name) != new.told.get(name)
    ]
    return Comparison(path, speedup, changed)
