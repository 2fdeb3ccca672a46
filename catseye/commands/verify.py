"""`catseye verify`: the parity check. A model against its own golden frames, or against the model
it came from.

Without `--against` it needs neither torch nor data. With it, both models see the golden frames and
a data set: the numbers of each output and the task's metric are compared. Exit code 1 where either
breaks its bound.
"""

import argparse
import os
from typing import Any, List, Optional, Tuple

from catseye.commands.parsing.once import Once
from catseye.commands.parsing.options import (
    add_backend_option,
    add_model_option,
    add_provider_option,
)
from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.opening import open_model
from catseye.runtime.datasets import DEMO, data_folder
from catseye.runtime.engines import open_engine
from catseye.runtime.engines.opened import OpenedModel
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation import EVALUATIONS, headline
from catseye.runtime.evaluation.parity import (
    Verdict,
    cases_of,
    in_half_range,
    metric_check,
    verdict_on,
)
from catseye.runtime.model_file.card import Card
from catseye.runtime.model_file.golden import Bounds, Difference, criterion_of
from catseye.runtime.model_file.load import ModelFile, load_model, onnx_path
from catseye.runtime.tasks import open_task
from catseye.runtime.tasks.letterboxed import frame_wh_of, size_words

NAMED = 3  # nodes that overflow, for people; --json has all


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv)

    if args.verify_key:
        _check_signed(args.model, args.verify_key)
    if args.bisect:
        return _bisect(args)
    if args.calibrate:
        raise CatseyeError(
            "--calibrate without --bisect",
            "both",
            "`run` and `replay` compare models on other frames",
        )
    model = open_model(args.model, args.backend, args.provider)
    with model.engine:
        if args.against:
            data = _metric_data(args.data, model.card)
            verdict = verdict_against(model, args.against, data, args.split)
        else:
            verdict = verdict_of_golden(model)
        if model.file and model.engine.backend == "onnxruntime":
            frames = [case.inputs for case in model.golden]
            verdict = in_half_range(verdict, model.file, frames)
    if args.json:
        print_json(verdict.as_json())
    words = model.name, model.engine.backend, model.engine.provider, size_words(model.card)
    say(", ".join(filter(None, ("%s on %s" % words[:2], *words[2:]))))
    say_verdict(verdict)
    return 0 if verdict.ok else 1


def _parser() -> Parser:
    parser = Parser(
        "verify", "Check a model with its golden frames, or against the model it came from."
    )
    add_model_option(parser)
    parser.add_argument(
        "--against",
        metavar="SOURCE",
        help="checkpoint folder, .onnx or zoo name to compare with",
    )
    parser.add_argument(
        "--data",
        action=Once,
        metavar="DIR",
        help="data set for the metric (default demo, where its labels fit)",
    )
    parser.add_argument("--split", default="val", help="split for the metric (default val)")
    add_backend_option(parser)
    add_provider_option(parser)
    parser.add_argument(
        "--bisect",
        action="store_true",
        help="find the layers that must stay float, and write MODEL.mixed.onnx with them",
    )
    parser.add_argument(
        "--calibrate",
        default="",
        metavar="DIR|LOG",
        help="with --bisect: the frames used by `export --calibrate`, if they have no labels",
    )
    parser.add_argument(
        "--verify-key",
        metavar="KEY",
        help="check the file's signature first, with this public Ed25519 key (PEM)",
    )
    parser.add_argument("--json", action="store_true", help="as JSON on stdout")
    return parser


def _check_signed(path: str, key_path: str) -> None:
    """Raise CheckFailed unless the owner of the key signed the file, CatseyeError where that cannot
    be asked here."""
    try:
        from catseye.export.signing import check_signature
    except ImportError:
        raise CatseyeError(
            "--verify-key on a board",
            "the workstation, before the file is copied",
            "here compare `--version`, or see `openssl pkeyutl -verify -rawin` (OpenSSL 3)",
        )
    if not os.path.isfile(path):
        raise CatseyeError("%s is no file" % (path or "the model"), "a signed file: .pyz, .onnx")
    check_signature(path, key_path)
    say("signed by the owner of %s" % key_path)


def verdict_of_golden(model: OpenedModel) -> Verdict:
    """The model's answers to its golden frames against those of the network it came from. Raises
    CatseyeError where it carries none."""
    if not model.golden:
        raise CatseyeError(
            "%s carries no golden frames" % model.name,
            "a model file",
            "use --against, or export it",
        )
    open_task(model.card)  # as `run` does: what cannot be run is not verified
    return verdict_on(model.engine, model.card, model.golden)


def verdict_against(model: OpenedModel, against: str, data: str, split: str) -> Verdict:
    """Both models on the golden frames of either, and on a data set, "" for none. Raises
    CatseyeError where they cannot be compared."""
    source = open_model(against, size_wh=frame_wh_of(model.card))
    with source.engine:
        _check_comparable(model, source)
        cases = cases_of(source.engine, [case.inputs for case in model.golden or source.golden])
        if not cases and not data:
            raise CatseyeError(
                "%s carries no golden frames" % model.name, "data to compare on", "name --data DIR"
            )
        metric = None
        if data:
            values = [headline(each.engine, each.card, data, split) for each in (source, model)]
            metric = metric_check(model.card, *values)
        return verdict_on(model.engine, model.card, cases, metric)


def _metric_data(said: Optional[str], card: Card) -> str:
    """The data set that decides the metric: the one that is said, else the demo where it has labels
    for the model, else "", which is told."""
    if said is None and not EVALUATIONS[card.task].demo_fits(card):
        say("golden frames alone: no demo data have this model's classes (--data DIR names yours)")
        return ""
    return data_folder(said or DEMO)


def _bisect(args: argparse.Namespace) -> int:
    """Mix a lowered model until it passes against its source; the report goes beside the mixed
    file."""
    if not args.against:
        raise CatseyeError("--bisect without --against", "the float model it was made from")
    try:
        from catseye.export.bisection.mixed_file import bisect, mixed_path, source_file
        from catseye.export.precision.acceptance import acceptance_check
        from catseye.export.precision.calibration import calibration_from
    except ImportError as error:
        raise CatseyeError(
            "--bisect needs the workstation (%s)" % error, "torch, onnx and onnxruntime"
        )
    model = load_model(args.model)
    data = _metric_data(args.data, model.card)
    path = mixed_path(onnx_path(args.model))
    source = source_file(args.against, frame_wh_of(model.card))
    calibration = calibration_from(args.calibrate, model.card) if args.calibrate else None
    with open_engine(source) as engine:
        golden = cases_of(engine, [case.inputs for case in model.golden])
        check = acceptance_check(engine, source.card, golden, calibration, data, args.split)

    def accept(mixed: ModelFile) -> Verdict:
        with open_engine(mixed, args.backend) as engine:
            verdict = check.in_range(check.on_answers(engine, mixed.card), mixed)
            return check.with_metric(verdict, engine, mixed.card) if verdict.ok else verdict

    found = bisect(model, source, accept, path)
    _say_bisected(found)
    if args.json:
        print_json(dict(found.verdict.as_json(), float_layers=found.float_layers, path=path))
    return 0 if found.verdict.ok else 1


def _say_bisected(found: Any) -> None:
    heading = ("layer", "operator", "in dB", "out dB", "alone dB", "mixed out dB", "")
    rows = []
    for old, new in zip(found.before, found.after):
        decibels = (old.input_db, old.output_db, -found.alone[old.layer], new.output_db)
        kept = "float" if old.layer in found.float_layers else ""
        rows.append((old.layer, old.operator, *decibels, kept))
    say_table(heading, rows)
    say_verdict(found.verdict)
    say(
        "%d of %d layers in float: %s, with .json and .png"
        % (len(found.float_layers), len(rows), found.path)
    )


def _check_comparable(model: OpenedModel, source: OpenedModel) -> None:
    if model.sha256 == source.sha256:
        raise CatseyeError(
            "%s compared with itself" % model.name,
            "the network it came from",
            "name another --against",
        )
    borders = [(each.card.task, each.card.inputs, each.card.outputs) for each in (source, model)]
    if borders[0] != borders[1]:
        raise CatseyeError(
            "%s and %s differ in task or shapes" % (model.name, source.name),
            "two forms of one model",
        )


def say_verdict(verdict: Verdict) -> None:
    """The verdict as a table for people: what was compared, what was found, and what it may be."""
    rows = [_row(output, verdict.bounds) for output in verdict.outputs]
    if verdict.metric:
        metric = verdict.metric
        bound = "at least %.4f, the source has %.4f" % (metric.least, metric.source)
        rows.append((metric.name, "on the data", "%.4f" % metric.model, bound, _word(metric.ok)))
    if rows:
        say_table(("output", "compared", "found", "bound", ""), rows)
    if verdict.overflowing:
        named = "; ".join(str(node) for node in verdict.overflowing[:NAMED])
        more = len(verdict.overflowing) - NAMED
        say(
            "more than half can hold (65504) comes out of %s%s; keep it in FP32: export with"
            " --calibrate, or --bisect  %s"
            % (named, " and %d more" % more if more > 0 else "", _word(False))
        )
    say("within the bounds: ok" if verdict.ok else "beyond the bounds: BREACH")


def _row(output: Difference, bounds: Bounds) -> Tuple[object, ...]:
    one = criterion_of(output, bounds)
    bound = "%s %.6g" % ("at least" if one.at_least else "at most", one.bound)
    return output.name, one.what, "%.6g" % one.found, bound, _word(output.ok)


def _word(ok: bool) -> str:
    return "ok" if ok else "BREACH"
