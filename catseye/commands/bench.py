"""`catseye bench`: the speed of a model on this machine, with everything that a speed must be told with."""

from typing import Any, Dict, List

from catseye.commands.models import OpenedModel, open_model
from catseye.commands.options import add_engine_options, positive_float
from catseye.commands.parser import Parser, print_json, say
from catseye.commands.run import facts_of, say_percentiles
from catseye.runtime.bench import Measurement, frames_beforehand, measure
from catseye.runtime.sources import open_source
from catseye.runtime.tasks import open_task


def main(argv: List[str]) -> int:
    parser = Parser("bench", "Measure the speed of a model: frame in, result out, the camera left out.")
    add_engine_options(parser)
    parser.add_argument("--source", default="synthetic://road", metavar="URI", help="frames (default synthetic://road)")
    parser.add_argument("--seconds", type=positive_float, default=5.0, metavar="S", help="how long (default 5)")
    parser.add_argument("--json", action="store_true", help="the measurement as JSON on stdout")
    args = parser.parse_args(argv)

    with open_source(args.source) as source:
        frames = frames_beforehand(source)
    model = open_model(args.model, args.backend, args.provider, args.threads, spin=args.spin)
    with model.engine as engine:
        measurement = measure(open_task(model.card), engine, frames, args.seconds)
    if args.json:
        print_json(dict(document(model, measurement), source=args.source))
    _say_measurement(measurement, model)
    return 0


def document(model: OpenedModel, measurement: Measurement) -> Dict[str, Any]:
    """A measurement with everything that a speed must be told with, as JSON types."""
    return dict(facts_of(model), **measurement.as_json())


def _say_measurement(measurement: Measurement, model: OpenedModel) -> None:
    engine = model.engine
    say("%s on %s, %s (%s), %s, %d threads, frames of %dx%d: %.1f per second" % (
        (model.name, engine.backend, engine.provider, engine.device, engine.precision, engine.threads)
        + measurement.size + (measurement.fps,)))
    say("%d frames in %.1f s after %d to warm up" % (measurement.frames, measurement.seconds, measurement.warmup))
    say_percentiles([("latency", measurement.latency_ms)] + list(measurement.stages_ms.items()))
