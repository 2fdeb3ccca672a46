"""`catseye eval`: a model measured on a data set; the numbers that others rely on as JSON."""

from functools import partial
from typing import Callable, Dict, List, Tuple

from catseye.commands.parsing.once import Once
from catseye.commands.parsing.options import add_backend_option, add_model_option
from catseye.commands.parsing.parser import DATA_HELP, Parser, print_json, say, say_table
from catseye.commands.parsing.progress import watched
from catseye.commands.parsing.values import picture_path
from catseye.opening import open_model
from catseye.runtime.datasets import data_folder
from catseye.runtime.engines.opened import OpenedModel
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation import EVALUATIONS, evaluate
from catseye.runtime.evaluation.calibration import Bin
from catseye.runtime.sinks.output_paths import check_will_take
from catseye.runtime.system.json_document import Json, JsonObject
from catseye.runtime.tasks.letterboxed import size_words
from catseye.runtime.tasks.road import CONFIDENCE

Table = Dict[str, JsonObject]  # a row's values by column, by the row's name


def main(argv: List[str]) -> int:
    parser = Parser("eval", "Measure a model on a data set.")
    add_model_option(parser)
    parser.add_argument("--data", action=Once, metavar="DIR", help=DATA_HELP)
    parser.add_argument(
        "--split", default="val", help="train, val, test, or a CamVid sequence (default val)"
    )
    add_backend_option(parser)
    parser.add_argument("--pictures", metavar="DIR", help="write the predictions as pictures")
    parser.add_argument(
        "--calibration",
        nargs="?",
        const=False,  # argparse would give a text to `type`
        type=picture_path,
        metavar="PNG",
        help="how reliable a road model's confidence is; PNG: draw the diagram there",
    )
    parser.add_argument("--json", action="store_true", help="as JSON on stdout")
    args = parser.parse_args(argv)

    # a measurement takes minutes: what would make it useless is told before it
    data = data_folder(args.data)
    draw = _drawing() if args.calibration else None
    if args.pictures:
        check_will_take(args.pictures)
    model = open_model(args.model, args.backend)
    if args.calibration is not None:
        _check_confident(model)
    with model.engine as engine:
        answer = evaluate(
            engine, model.card, data, args.split, args.pictures, partial(watched, what="eval")
        )
    if args.calibration is not None:
        found = answer["calibration"]
        assert isinstance(found, dict)
        bins = [Bin(**one) for one in found["bins"]]
        _say_calibration(bins)
        if draw and found["ece"] is not None:
            draw(args.calibration, bins, found["ece"], model.name)
    if args.json:
        print_json(answer)
    else:
        size = size_words(model.card)
        _say_answer(model.name, args.split + (", " + size if size else ""), answer)
    _say_learned(model, data, args.split)
    return 0


def _say_learned(model: OpenedModel, data: str, split: str) -> None:
    """Say where a model was measured on what it was trained on."""
    provenance = model.card.provenance
    share = EVALUATIONS[model.card.task].learned(data, split, provenance)
    if share:
        part = "" if share == 1 else ", %.0f %% of these frames among it" % max(1, 100 * share)
        say(
            "%s was trained on %s%s: results there do not show how it does on new frames"
            % (model.name, provenance.data_name, part)
        )


def _check_confident(model: OpenedModel) -> None:
    """Raises CatseyeError for a model without confidence."""
    if not any(output.name == CONFIDENCE for output in model.card.outputs):
        raise CatseyeError(
            "%s has no confidence output" % model.name, "a road model that does", "export it again"
        )


def _drawing() -> Callable[..., None]:
    """What draws the diagram. Raises CatseyeError where nobody can."""
    try:
        from catseye.training.analysis.calibration import draw
    except ImportError as error:
        raise CatseyeError("no package %s" % error.name, "matplotlib", "leave the PNG out")
    return draw


def _say_calibration(bins: List[Bin]) -> None:
    cells = [
        ["%.3f" % one.confidence, "%.3f" % one.right, one.pixels] for one in bins if one.pixels
    ]
    say_table(("confidence", "right", "pixels"), cells)


def _say_answer(name: str, measured_on: str, answer: JsonObject) -> None:
    say("%s on %s" % (name, measured_on))
    calibration = answer.get("calibration")
    if isinstance(calibration, dict):  # as a number of each class, beside the others
        rest = {key: value for key, value in answer.items() if key != "calibration"}
        error = calibration["ece"]
        answer = dict(rest, calibration_error=error, ece=calibration["by_class"])
    plain = [(key, value) for key, value in answer.items() if not isinstance(value, dict)]
    say_table(("metric", "value"), [(key, _text(value)) for key, value in plain])
    for rows in _tables(answer):
        columns = list(next(iter(rows.values())))
        cells = [[row, *(values[column] for column in columns)] for row, values in rows.items()]
        say("")
        say_table(("", *columns), cells)


def _text(value: Json) -> Json:
    return (", ".join(map(str, value)) or "none") if isinstance(value, list) else value


def _tables(answer: JsonObject) -> List[Table]:
    """What the answer says of several things by name, values of the same things side by side."""
    tables: Dict[Tuple[str, ...], Table] = {}
    for key, value in answer.items():
        if isinstance(value, dict) and value:
            rows = tables.setdefault(tuple(value), {name: {} for name in value})
            for name, found in value.items():
                rows[name].update(found if isinstance(found, dict) else {key: found})
    return list(tables.values())
