"""`catseye build`: a model file becomes a TensorRT engine, on the machine that will run it.

The engine gets its name only if it agrees with the golden frames of its model file; one that does
not is kept aside as NAME.rejected.engine, and the exit code is 1.
"""

import os
from typing import List

from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.commands.parsing.values import not_negative_int, positive_int
from catseye.commands.verify import say_verdict
from catseye.runtime.engines.tensorrt.api import import_tensorrt
from catseye.runtime.engines.tensorrt.checked_build import built_engine, ordered
from catseye.runtime.engines.tensorrt.engine_file import (
    SUFFIX,
    EngineFile,
    is_engine,
    rejected_path,
    side_file,
    write_engine,
)
from catseye.runtime.engines.tensorrt.recipe import DEFAULT_WORKSPACE_MB, BuildSettings
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.parity import Verdict
from catseye.runtime.model_file.card import PRECISIONS
from catseye.runtime.model_file.load import ModelFile, load_model
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks import bounds_of


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv)

    model = load_model(args.model)
    path = args.output or model.name + SUFFIX
    if not is_engine(path):
        raise CatseyeError("output %r" % path, "a name that ends in " + SUFFIX)
    return publish(model, path, BuildSettings(args.precision, args.dla, args.workspace), args.json)


def _parser() -> Parser:
    parser = Parser(
        "build", "Build a TensorRT engine of a model file, on the machine that will run it."
    )
    parser.add_argument("model", nargs="?", default="", help=".onnx or zoo name")
    parser.add_argument("-o", "--output", metavar="FILE", help="default: NAME.engine here")
    parser.add_argument(
        "--precision", choices=PRECISIONS, default="", help="default: the model file's own"
    )
    parser.add_argument(
        "--dla",
        type=not_negative_int,
        metavar="N",
        help="build for this DLA core; layers it cannot run go to the GPU",
    )
    parser.add_argument(
        "--workspace",
        type=positive_int,
        default=DEFAULT_WORKSPACE_MB,
        metavar="MB",
        help="scratch memory that a layer may use (default %(default)s, fit for a board of 4 GB)",
    )
    parser.add_argument("--json", action="store_true", help="what was built, as JSON on stdout")
    return parser


def publish(model: ModelFile, path: str, settings: BuildSettings, as_json: bool = False) -> int:
    """Build, check, and write under `path` or aside; the exit code. Raises CatseyeError where it
    cannot be built, or written."""
    folder = os.path.dirname(os.path.abspath(path))
    if not os.access(folder, os.W_OK):  # asked before minutes are spent on it
        raise CatseyeError(
            "cannot write %s" % path,
            "a folder that is there and can be written",
            "choose another -o",
        )
    engine = built_engine(model, ordered(model, settings))
    kept = path if engine.passed else rejected_path(path)
    write_engine(kept, engine)
    if as_json:
        print_json(document(engine, kept))
    say_engine(engine, kept)
    return 0 if engine.passed else 1


def build_beside(model: ModelFile, path: str) -> int:
    """The engine of a model file, beside `path`, where that was written. Raises CatseyeError, with
    what to copy where, on a machine that cannot build."""
    try:
        import_tensorrt()
    except CatseyeError as error:
        raise CatseyeError(
            "no engine of %s can be built here (%s)" % (path, str(error).partition(";")[0]),
            "the board, because an engine only runs on the GPU and TensorRT that built it",
            "copy %s there and run: catseye build %s" % (path, os.path.basename(path)),
        )
    return publish(model, os.path.splitext(path)[0] + SUFFIX, BuildSettings())


def document(engine: EngineFile, path: str) -> JsonObject:
    """What was built and how far its answers were from the golden ones, as JSON types."""
    return {
        "ok": engine.passed,
        "path": path,
        "bytes": len(engine.plan),
        "seconds": engine.seconds,
        "key": engine.key.as_json(),
        "outputs": [difference.as_json() for difference in engine.differences],
        "fallbacks": [dict(fallback._asdict()) for fallback in engine.fallbacks],
    }


def say_engine(engine: EngineFile, path: str) -> None:
    """What came of it, for people."""
    if engine.fallbacks:
        say_table(("layer on the GPU", "kind", "why not on the DLA"), engine.fallbacks)
    say_verdict(Verdict(list(engine.differences), None, bounds_of(engine.card)))
    key, kilobytes = engine.key, len(engine.plan) // 1000
    say(
        "%s: %d kB, %s for %s, TensorRT %s, built in %.0f s"
        % (path, kilobytes, key.precision, key.board, key.tensorrt, engine.seconds)
    )
    if not engine.passed:
        say(
            "catseye: not published: it breaks its golden frames; it is kept aside with its"
            " report, %s" % os.path.basename(side_file(path))
        )
