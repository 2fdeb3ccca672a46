"""`catseye bench`: the speed of a model on this machine, with everything that a speed must be told
with.

Of a source that is named, also the whole path: ages, jitter, skipped frames, processor time. The
last line says it all at once, for an issue or a paper. With --compare, beside an earlier one;
refused (exit code 2) where that was another device or power mode.
"""

import argparse
from typing import List, Optional

from catseye.commands.parsing.options import add_engine_options
from catseye.commands.parsing.parser import Parser, print_json, say
from catseye.commands.parsing.values import positive_float
from catseye.commands.run.report import say_cpu, say_percentiles, say_power
from catseye.jetson.power.power_log import PowerLog, PowerSummary
from catseye.jetson.power.power_mode import read_power_mode
from catseye.opening import open_model
from catseye.runtime.engines.opened import OpenedModel
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.speed.citation import citation
from catseye.runtime.evaluation.speed.comparison import (
    Comparison,
    Machine,
    benchmark_from_json,
    compared,
    read_benchmark,
    refuse_other_machine,
)
from catseye.runtime.evaluation.speed.measurement import Measurement, frames_beforehand, measure
from catseye.runtime.evaluation.speed.path import PathMeasurement, measure_path
from catseye.runtime.sources import open_source
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.system.masking import masked
from catseye.runtime.tasks import open_task

DEFAULT = "synthetic://road"


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv)
    if args.budget is not None and args.source is None:
        raise CatseyeError("--budget without --source", "a camera or a file", "name it")
    if args.force and not args.compare:
        raise CatseyeError("--force without --compare", "both", "leave it out")
    old = read_benchmark(args.compare) if args.compare else None

    with open_source(args.source or DEFAULT) as source:
        frames = frames_beforehand(source)
    model = open_model(
        args.model, args.backend, args.provider, threads=args.threads, spin=args.spin
    )
    with model.engine as engine:
        if old is not None:
            refuse_other_machine(args.compare, old.machine, here(model), args.force)
        with PowerLog() as log:
            measurement = measure(open_task(model.card), engine, frames, args.seconds)
            path = None if args.source is None else _measured_path(args, model)
    power, ran = log.summary(), measurement.warmup + measurement.frames
    address = masked(args.source or DEFAULT)
    line = citation(model.computed_by, measurement, path, address, _conditions(power))
    answer = dict(
        document(model, measurement),
        source=address,
        line=line,
        power=power.as_json(ran),
        **({} if path is None else {"path": path.as_json()}),
    )
    comparison = None
    if old is not None:
        comparison = compared(args.compare, old, benchmark_from_json(answer, "this run"))
    if args.json:
        print_json(answer if comparison is None else dict(answer, comparison=comparison.as_json()))
    _say_measurement(measurement, model)
    if path is not None:
        _say_path(path)
    say_power(power, ran)
    _say_comparison(comparison)
    say("to cite: %s" % line)
    return 1 if path is not None and path.budget_missed else 0


def _parser() -> Parser:
    parser = Parser(
        "bench",
        "Measure the speed of a model, from frame to result without the camera; with --source"
        " from the camera on too.",
    )
    add_engine_options(parser)
    parser.add_argument(
        "--source",
        metavar="URI",
        help="take frames from there (default %s) and measure their age, jitter and drops"
        % DEFAULT,
    )
    parser.add_argument(
        "--budget",
        type=positive_float,
        metavar="MS",
        help="with --source: age from which a result is stale; exit code 1 where it is exceeded",
    )
    parser.add_argument(
        "--seconds", type=positive_float, default=5.0, metavar="S", help="duration (default 5)"
    )
    parser.add_argument(
        "--compare", metavar="OLD.json", help="what an earlier `bench --json` printed"
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="compare even with another device or power mode",
    )
    parser.add_argument("--json", action="store_true", help="the measurement as JSON on stdout")
    return parser


def document(model: OpenedModel, measurement: Measurement) -> JsonObject:
    """A measurement with everything that a speed must be told with, as JSON types."""
    return dict(model.computed_by.as_json(), **measurement.as_json())


def here(model: OpenedModel) -> Machine:
    """What must be the same for two speeds to be compared."""
    mode = read_power_mode()
    return Machine(model.engine.device, str(mode) if mode else None)


def _conditions(power: PowerSummary) -> List[str]:
    """Of a board, what its speed depends on."""
    watts = [] if power.mean_watts is None else ["%.1f W" % power.mean_watts]
    return ([power.power_mode] if power.power_mode else []) + watts


def _say_measurement(measurement: Measurement, model: OpenedModel) -> None:
    size, threads = "%dx%d" % measurement.size, model.engine.threads
    say(
        "%s, %d thread%s, frames of %s: %.1f per second"
        % (model.computed_by, threads, "" if threads == 1 else "s", size, measurement.fps)
    )
    say(
        "%d frames in %.1f s after %d to warm up"
        % (measurement.frames, measurement.seconds, measurement.warmup)
    )
    say_percentiles([("latency", measurement.latency_ms), *measurement.stages_ms.items()])


def _measured_path(args: argparse.Namespace, model: OpenedModel) -> PathMeasurement:
    """Of the source once more, from its beginning."""
    with open_source(args.source) as source:
        task = open_task(model.card)
        return measure_path(source, task, model.engine, args.seconds, args.budget)


def _say_path(path: PathMeasurement) -> None:
    say(
        "from the source: %d frames of %dx%d in %.1f s, %.1f per second, %d skipped, jitter %.1f ms"
        % (path.frames, *path.size, path.seconds, path.fps, path.skipped, path.jitter_ms)
    )
    if path.budget_ms is not None:
        word = "missed" if path.budget_missed else "kept"
        say(
            "budget of %g ms from %s %s: %d stale"
            % (path.budget_ms, path.counted_from, word, path.stale)
        )
    say_percentiles([("age", path.age_ms), ("interval", path.interval_ms)])
    say_cpu(path.cpu)


def _say_comparison(comparison: Optional[Comparison]) -> None:
    if comparison is None:
        return
    ratios = ", ".join("%s %.2f" % item for item in sorted(comparison.speedup.items()))
    say("%s took so many times as long: %s" % (comparison.old, ratios))
    for words in comparison.changed:
        say("changed: %s" % words)
