"""`catseye eval`: a model measured on a data set; the numbers that others rely on as JSON."""

from typing import Dict, List, Tuple

from catseye.commands.parsing.options import add_backend_option, add_model_option
from catseye.commands.parsing.parser import DATA_HELP, Parser, print_json, say, say_table
from catseye.opening import open_model
from catseye.runtime.datasets import DEMO, data_folder
from catseye.runtime.evaluation import evaluate
from catseye.runtime.system.json_document import Json, JsonObject

Table = Dict[str, JsonObject]  # a row's values by column, by the row's name


def main(argv: List[str]) -> int:
    parser = Parser("eval", "Measure a model on a data set.")
    add_model_option(parser)
    parser.add_argument("--data", metavar="DIR", help=DATA_HELP)
    parser.add_argument(
        "--split", default="val", help="train, val, test, or a CamVid sequence (default val)"
    )
    add_backend_option(parser)
    parser.add_argument("--pictures", metavar="DIR", help="write what the model saw as pictures")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)

    data = data_folder(args.data)
    model = open_model(args.model, args.backend)
    with model.engine as engine:
        answer = evaluate(engine, model.card, data, args.split, args.pictures)
    if args.json:
        print_json(answer)
    else:
        _say_answer(model.name, args.split, answer)
    learned = model.card.provenance.data_name
    if data != DEMO and args.split in learned.split():
        say(
            "%s was trained on %s: what it has learned there says nothing of what is new"
            % (model.name, learned)
        )
    return 0


def _say_answer(name: str, split: str, answer: JsonObject) -> None:
    say("%s on %s" % (name, split))
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
