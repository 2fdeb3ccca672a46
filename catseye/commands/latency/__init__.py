"""`catseye latency`: from glass to answer. Shows a blinking light, films it, finds it in the
frames, and says how old they are when they come and when the model has answered.

Exit code 2 where the light is not seen.
"""

from contextlib import ExitStack
from typing import List, Optional

from catseye.commands.parsing.parser import Parser, print_json, say
from catseye.commands.parsing.values import value_type
from catseye.commands.run.report import say_percentiles
from catseye.opening import open_model
from catseye.runtime.errors import CatseyeError
from catseye.runtime.latency.light import NONE, WINDOW, open_light
from catseye.runtime.latency.measurement import Answer, Latency, Watcher
from catseye.runtime.pipeline import result_of
from catseye.runtime.sources import open_source
from catseye.runtime.system.option_values import number
from catseye.runtime.tasks import open_task
from catseye.runtime.timing import StageTimers

LONGEST_S = 600.0
seconds = value_type(number(3, LONGEST_S), "a number of seconds from 3 to %d" % LONGEST_S)


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv)
    with ExitStack() as stack:
        source = stack.enter_context(open_source(args.source))
        if not source.live:
            raise CatseyeError(
                "%s is no camera" % source.description,
                "one, which films the light",
                "such as v4l2:///dev/video0, or synthetic://light?delay=120 to try it",
            )
        answer = _answer(args.model, stack)
        light = stack.enter_context(open_light(args.light))
        watcher = Watcher(source, args.seconds, answer)
        watcher.start()
        try:
            light.blink(watcher.is_alive)
        finally:
            source.stop()
    latency = watcher.latency()
    if args.json:
        print_json(dict(latency.as_json(), source=source.description, light=args.light))
    _say(latency, args.light)
    return 0


def _parser() -> Parser:
    parser = Parser("latency", "Measure the delay from light at the camera to the model's answer.")
    parser.add_argument("--source", required=True, metavar="URI", help="the camera")
    parser.add_argument(
        "--model",
        default=None,
        metavar="MODEL",
        help="wait for this model's answer too (default: none)",
    )
    parser.add_argument(
        "--light",
        default=WINDOW,
        metavar="WHAT",
        help=(
            "what blinks before the camera: window (default; the whole screen), terminal, an LED"
            " such as /sys/class/leds/NAME/brightness, or none, for synthetic://light"
        ),
    )
    parser.add_argument(
        "--seconds", type=seconds, default=12.0, metavar="S", help="how long (default %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="as JSON on stdout")
    return parser


def _answer(text: Optional[str], stack: ExitStack) -> Optional[Answer]:
    """What a frame goes through; None without a model."""
    if text is None:
        return None
    model = open_model(text, "auto", "")
    engine = stack.enter_context(model.engine)
    task, timers = open_task(model.card), StageTimers()
    return lambda frame: result_of(frame, task, engine, timers)


def _say(latency: Latency, light: str) -> None:
    x, y, width, height = latency.box
    say(
        "the light was found in %d frames at %d, %d (%d x %d pixels, correlation %.2f)"
        % (latency.frames, x, y, width, height, latency.correlation)
    )
    rows = [("light to frame", latency.frame_ms)]
    rows += [("light to answer", latency.answer_ms)] if latency.answer_ms else []
    say_percentiles(rows)
    say("known to a frame's time, %.0f ms" % latency.step_ms)
    if latency.camera_delay_ms is None:
        say("the camera sends its capture times, with an error of %.0f ms" % latency.error_ms)
    else:
        say("--camera-delay %.0f makes ages count from the light" % latency.camera_delay_ms)
    if light != NONE:
        say("a screen is itself some 10 to 50 ms late; a diode is not")
