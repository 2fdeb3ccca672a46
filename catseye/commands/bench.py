"""`catseye bench`: the speed of a model on this machine, with everything that a speed must be told
with.

With --compare, beside an earlier one; refused (exit code 2) where that was another device or power
mode.
"""

from typing import List, Optional

from catseye.commands.parsing.options import add_engine_options
from catseye.commands.parsing.parser import Parser, print_json, say
from catseye.commands.parsing.values import positive_float
from catseye.commands.run import say_percentiles, say_power
from catseye.jetson.power.power_log import PowerLog
from catseye.jetson.power.power_mode import read_power_mode
from catseye.opening import open_model
from catseye.runtime.engines.opened import OpenedModel
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.speed.comparison import (
    Comparison,
    Machine,
    benchmark_from_json,
    compared,
    read_benchmark,
    refuse_other_machine,
)
from catseye.runtime.evaluation.speed.measurement import Measurement, frames_beforehand, measure
from catseye.runtime.sources import open_source
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.system.masking import masked
from catseye.runtime.tasks import open_task


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv)
    if args.force and not args.compare:
        raise CatseyeError("--force without --compare", "both", "leave it out")
    old = read_benchmark(args.compare) if args.compare else None

    with open_source(args.source) as source:
        frames = frames_beforehand(source)
    model = open_model(
        args.model, args.backend, args.provider, threads=args.threads, spin=args.spin
    )
    with model.engine as engine:
        if old is not None:
            refuse_other_machine(args.compare, old.machine, here(model), args.force)
        with PowerLog() as log:
            measurement = measure(open_task(model.card), engine, frames, args.seconds)
    power, ran = log.summary(), measurement.warmup + measurement.frames
    answer = dict(
        document(model, measurement), source=masked(args.source), power=power.as_json(ran)
    )
    comparison = None
    if old is not None:
        comparison = compared(args.compare, old, benchmark_from_json(answer, "this run"))
    if args.json:
        print_json(answer if comparison is None else dict(answer, comparison=comparison.as_json()))
    _say_measurement(measurement, model)
    say_power(power, ran)
    _say_comparison(comparison)
    return 0


def _parser() -> Parser:
    parser = Parser(
        "bench", "Measure the speed of a model: frame in, result out, the camera left out."
    )
    add_engine_options(parser)
    parser.add_argument(
        "--source",
        default="synthetic://road",
        metavar="URI",
        help="frames (default synthetic://road)",
    )
    parser.add_argument(
        "--seconds", type=positive_float, default=5.0, metavar="S", help="how long (default 5)"
    )
    parser.add_argument(
        "--compare", metavar="OLD.json", help="what an earlier `bench --json` printed"
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="compare with another device or power mode all the same",
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


def _say_measurement(measurement: Measurement, model: OpenedModel) -> None:
    size = "%dx%d" % measurement.size
    say(
        "%s, %d threads, frames of %s: %.1f per second"
        % (model.computed_by, model.engine.threads, size, measurement.fps)
    )
    say(
        "%d frames in %.1f s after %d to warm up"
        % (measurement.frames, measurement.seconds, measurement.warmup)
    )
    say_percentiles([("latency", measurement.latency_ms), *measurement.stages_ms.items()])


def _say_comparison(comparison: Optional[Comparison]) -> None:
    if comparison is None:
        return
    ratios = ", ".join("%s %.2f" % item for item in sorted(comparison.speedup.items()))
    say("%s took so many times as long: %s" % (comparison.old, ratios))
    for words in comparison.changed:
        say("changed: %s" % words)
