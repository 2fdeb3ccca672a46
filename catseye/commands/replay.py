"""`catseye replay`: a recording once more through a model. Same result, or where they differ.

With one model the recorded results are the truth: exit code 1 where any frame's result is not
bit-identical, or, where another computer recorded them or the frames were recorded with loss,
beyond bounds. With two models both see the recorded frames and are compared: numbers and pictures,
and exit code 0, since they may well differ.
"""

import os
from contextlib import ExitStack
from itertools import islice
from typing import Callable, Dict, Iterator, List, Optional, Tuple, Type

import numpy as np

from catseye.commands.parsing.options import add_backend_option, add_threads_option
from catseye.commands.parsing.parser import Parser, print_json, remark, say, say_table
from catseye.commands.parsing.values import positive_int
from catseye.opening import open_model
from catseye.runtime.engines.opened import OpenedModel
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.result_comparison import (
    Comparison,
    FrameComparison,
    bounds_between_computers,
    bounds_of_lossy_frames,
    check_alike,
    picture_of_difference,
)
from catseye.runtime.model_file.golden import Bounds
from catseye.runtime.model_file.load import WEIGHTS
from catseye.runtime.model_file.packed import archive_path
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.pictures import save_png
from catseye.runtime.pipeline import result_of
from catseye.runtime.recording.entry import Entry
from catseye.runtime.recording.log import LogReader
from catseye.runtime.recording.metadata import COMPUTER, SMOOTH
from catseye.runtime.recording.picture import LOSSLESS
from catseye.runtime.recording.recorded_model import recorded_model
from catseye.runtime.recording.repair import finish_log
from catseye.runtime.system.files import make_folder
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks import Result, open_task, result_type
from catseye.runtime.timing import StageTimers

WORST = 10  # frames that are listed for people
Answer = Callable[[Entry], Arrays]  # a frame's result, as recorded or computed


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv)
    if args.repair:
        return _repair(args.log, args.json)
    if args.to:
        return _write_bag(args.log, args.out, args.json)
    if args.out:
        raise CatseyeError("-o without --to", "both", "such as --to rosbag2 -o DIR")
    if len(args.models) > 2:
        raise CatseyeError("%d models" % len(args.models), "one or two", "compare them in pairs")

    log = LogReader(args.log)
    if len(args.models) == 1 and SMOOTH in log.metadata:
        raise CatseyeError(
            "%s was recorded with --smooth %s, and its results depend on frames before"
            % (args.log, log.metadata[SMOOTH]),
            "two models to compare",
            "record without --smooth to compare with the recorded results",
        )
    if args.pictures:
        make_folder(args.pictures)
    with ExitStack() as stack:
        paths = [_path_of(text, log) for text in args.models]
        models = [_opened(path, args.backend, args.threads, log, stack) for path in paths]
        sides = [_answer(model) for model in models]
        first, second = sides if len(sides) == 2 else (_recorded, sides[0])
        card = models[0].card
        allowed = _allowed(log, models[0]) if len(models) == 1 else None
        comparison = Comparison(result_type(card.task, card.name), card.classes, allowed)
        _compare(comparison, log, first, second, frames=args.frames, pictures=args.pictures)
    if args.json:
        print_json(
            dict(
                {"log": args.log, "recorded": _recorded_by(log)},
                **comparison.as_json(),
                damaged=log.damaged,
                models=[model.about.as_json() for model in models],
            )
        )
    _say_comparison(comparison, models, log)
    return 0 if comparison.ok or len(models) == 2 else 1


def _parser() -> Parser:
    parser = Parser("replay", "Run a recording through a model again, or through two, and compare.")
    parser.add_argument("log", metavar="LOG", help="a recording made by --sink record://")
    parser.add_argument(
        "--models",
        nargs="+",
        default=[""],
        metavar="MODEL",
        help="one: compared with the recorded results; two: with each other; a folder: searched for"
        " the recorded model (default: searched for among the shipped ones, beside LOG and here; in"
        " a .pyz its own)",
    )
    add_backend_option(parser)
    add_threads_option(parser)
    parser.add_argument("--frames", type=positive_int, metavar="N", help="end after N frames")
    parser.add_argument(
        "--pictures", metavar="DIR", help="write frames with different results as pictures"
    )
    parser.add_argument(
        "--repair",
        action="store_true",
        help="complete a recording that was cut short; no model runs",
    )
    parser.add_argument(
        "--to", choices=("rosbag2",), help="write the recording as a ROS 2 bag; no model runs"
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="DIR",
        help="with --to: folder to write (default: beside LOG, its name without suffix)",
    )
    parser.add_argument("--json", action="store_true", help="the comparison as JSON on stdout")
    return parser


def _repair(path: str, as_json: bool) -> int:
    """Give a log that was cut short its end."""
    frames = finish_log(path)
    say("%s is finished: %d frames" % (path, frames))
    if as_json:
        print_json({"log": path, "frames": frames})
    return 0


def _write_bag(path: str, out: Optional[str], as_json: bool) -> int:
    """The recording once more, as other programs read it."""
    # a .pyz has neither the library nor this
    try:
        from catseye.export.rosbag2 import write_rosbag2
    except ImportError as error:
        raise CatseyeError(
            "--to rosbag2 on a board (%s)" % error, "the workstation", "copy %s there" % path
        )

    folder = out or os.path.splitext(path)[0]
    frames = write_rosbag2(LogReader(path), folder)
    say("%s: %d frames as a ROS 2 bag" % (folder, frames))
    if as_json:
        print_json({"log": path, "bag": folder, "frames": frames})
    return 0


def _path_of(text: str, log: LogReader) -> str:
    """What names a model, as `open_model` takes it: the one that was recorded, where a folder of
    models is named or, outside a .pyz, nothing."""
    if text and (not os.path.isdir(text) or os.path.isfile(os.path.join(text, WEIGHTS))):
        return text
    if not text and archive_path() is not None:
        return text
    here = [text] if text else [os.path.dirname(log.path) or ".", "."]
    path = recorded_model(log.recorded_by, here)
    remark("the model of the recording: %s" % path)
    return path


def _opened(text: str, backend: str, threads: int, log: LogReader, stack: ExitStack) -> OpenedModel:
    model = open_model(text, backend, threads=threads)
    stack.enter_context(model.engine)
    if model.card.task != log.recorded_by.task:
        raise CatseyeError(
            "%s is a %s model" % (model.name, model.card.task),
            "one for %.40s, like the recording" % log.recorded_by.task,
            "choose another model",
        )
    return model


def _allowed(log: LogReader, model: OpenedModel) -> Optional[Bounds]:
    """What the replay may differ by: nothing on the computer that recorded, with the backend of
    then, as long as the frames are those of then. What the log does not tell is taken to be as it
    is here."""
    computed_by, recorded = model.computed_by._asdict(), log.recorded_by
    if recorded.codec != LOSSLESS:
        return bounds_of_lossy_frames(model.card, (recorded.precision, model.engine.precision))
    here = [computed_by[name] for name in COMPUTER]
    if all(then in ("", now) for then, now in zip(recorded.computer, here)):
        return None
    return bounds_between_computers(model.card, (recorded.precision, model.engine.precision))


def _answer(model: OpenedModel) -> Answer:
    task, timers = open_task(model.card), StageTimers()
    return lambda entry: result_of(entry.frame, task, model.engine, timers).arrays()


def _recorded(entry: Entry) -> Arrays:
    return entry.arrays


def _compare(
    comparison: Comparison,
    log: LogReader,
    first: Answer,
    second: Answer,
    *,
    frames: Optional[int],
    pictures: Optional[str],
) -> None:
    """Add the frames of the log, so many at most; those that differ are drawn into a folder."""
    for entry, one, other in _answers(islice(log, frames), first, second):
        whose = ", ".join(filter(None, (entry.frame.camera, log.path)))
        where = "frame %d of %s" % (entry.frame.index, whose)
        check_alike(comparison.result, one, other, where)
        frame = comparison.add(entry.frame.index, one, other, entry.frame.camera)
        if pictures and not frame.same:
            _save_picture(pictures, comparison.result, entry, one, other)


def _answers(
    entries: Iterator[Entry], first: Answer, second: Answer
) -> Iterator[Tuple[Entry, Arrays, Arrays]]:
    for entry in entries:
        # an engine may reuse its buffers, so the first answer is copied before the second is asked
        # for
        one = {name: np.array(value) for name, value in first(entry).items()}
        yield entry, one, second(entry)


def _save_picture(
    folder: str, result: Type[Result], entry: Entry, one: Arrays, other: Arrays
) -> None:
    name = entry.frame.file_stem
    save_png(
        os.path.join(folder, name + ".png"),
        picture_of_difference(result, entry.frame.image, one, other),
    )


def _recorded_by(log: LogReader) -> JsonObject:
    """What computed the recorded results; numbers stand as JSON in the log's metadata."""
    metadata: JsonObject = {name: value for name, value in log.metadata.items() if name != "card"}
    threads = log.recorded_by.threads
    return metadata if threads is None else dict(metadata, threads=threads)


def _say_comparison(comparison: Comparison, models: List[OpenedModel], log: LogReader) -> None:
    names = ["%s on %s" % (model.name, model.engine.backend) for model in models]
    if len(models) == 1:
        names.insert(
            0, "the recording (%s on %s)" % (log.recorded_by.model, log.recorded_by.backend)
        )
        if models[0].sha256 != log.recorded_by.sha256:
            say("%s is not the model that was recorded" % models[0].name)
    same = sum(frame.same for frame in comparison.frames)
    say(
        "%s and %s: %d of %d frames bit-identical, agreement %.6f"
        % (names[0], names[1], same, len(comparison.frames), comparison.agreement)
    )
    if comparison.allowed and log.recorded_by.codec != LOSSLESS:
        say(
            "the recorded frames are %s, which loses something: %s"
            % (log.recorded_by.codec, _kept(comparison, "the bounds of that"))
        )
    elif comparison.allowed:
        say(
            "recorded with %s, replayed with %s: %s"
            % (
                " ".join(filter(None, log.recorded_by.computer)),
                " ".join(models[0].computed_by._asdict()[name] for name in COMPUTER),
                _kept(comparison, "the bounds between two computers"),
            )
        )
    if not comparison.same:
        _say_where(comparison.frames, comparison.classes())


def _kept(comparison: Comparison, bounds: str) -> str:
    if comparison.ok:
        return "every frame within " + bounds
    return "beyond %s: %d frames" % (bounds, sum(not frame.ok for frame in comparison.frames))


def _say_where(
    frames: List[FrameComparison], classes: Optional[Dict[str, Optional[float]]]
) -> None:
    worst = sorted(
        (frame for frame in frames if not frame.same), key=lambda frame: frame.agreement
    )[:WORST]
    rows = [(("%s %d" % (frame.camera, frame.index)).strip(), frame.agreement) for frame in worst]
    say_table(("frame", "agreement"), rows)
    if classes:
        say_table(("class", "IoU of the two"), classes.items())
