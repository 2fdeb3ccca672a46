"""`catseye show`: what a model file is: card, size, golden frames, and what it costs; of a
checkpoint, what was trained."""

import os
from typing import TYPE_CHECKING, List, Optional, Tuple

from catseye.commands.parsing.parser import Parser, print_json, say_table
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.load import WEIGHTS, ModelFile, load_model
from catseye.runtime.model_file.tensors import described
from catseye.runtime.system.json_document import JsonObject

if TYPE_CHECKING:
    from torch import nn

TOLD_CLASSES = 20  # names in one line
LONGEST = 100  # characters of a value that fits in a line

RANDOM = "random weights"


def main(argv: List[str]) -> int:
    parser = Parser("show", "Describe a model file or a checkpoint.")
    parser.add_argument("model", nargs="?", default="", help=".onnx, zoo name or checkpoint folder")
    parser.add_argument("--layers", action="store_true", help="list each layer with its cost")
    parser.add_argument("--json", action="store_true", help="as JSON on stdout")
    args = parser.parse_args(argv)

    if os.path.isfile(os.path.join(args.model, WEIGHTS)):
        if args.layers:
            raise CatseyeError("--layers of a checkpoint", "a model file", "export it first")
        return _show_checkpoint(args.model, args.json)
    model = load_model(args.model)
    cost, unknown = _cost(model)
    if args.layers and unknown:
        raise unknown
    if args.json:
        document: JsonObject = {
            "card": model.card.as_json(),
            "bytes": len(model.data),
            "sha256": model.sha256,
            "golden_frames": len(model.golden),
            "cost": cost,
        }
        print_json(document)
        return 0
    say_table(("", model.name), _rows(model, cost))
    if args.layers and cost is not None:
        _say_layers(cost)
    return 0


def _show_checkpoint(folder: str, as_json: bool) -> int:
    from pathlib import Path

    from catseye.models.checkpoint import load_checkpoint

    network, meta = load_checkpoint(Path(folder))
    if as_json:
        print_json({"checkpoint": meta.as_json(), "parameters": _number_of_weights(network)})
        return 0
    rows: List[Tuple[str, object]] = [("task", meta.task)]
    rows += _plain(meta.config) + _plain(meta.metrics) + _plain(meta.data)
    rows.append(("begun with", meta.start or RANDOM))
    rows.append(("epoch", "%d of %d, %s" % (meta.epoch, meta.epochs, meta.optimizer)))
    rows.append(("parameters", _number_of_weights(network)))
    rows.append(("size", "%d kB" % (os.path.getsize(os.path.join(folder, WEIGHTS)) // 1000)))
    say_table(("", folder), rows)
    return 0


def _number_of_weights(network: "nn.Module") -> int:
    return sum(each.numel() for each in network.parameters())


def _rows(model: ModelFile, cost: Optional[JsonObject]) -> List[Tuple[str, object]]:
    card, origin = model.card, model.card.provenance
    rows: List[Tuple[str, object]] = [
        ("task", card.task),
        ("inputs", ", ".join(map(described, card.inputs))),
        ("outputs", ", ".join(map(described, card.outputs))),
        ("precision", "%s for %s, opset %d" % (card.precision, card.target, card.opset)),
        ("size", "%d kB, %d golden frames" % (len(model.data) // 1000, len(model.golden))),
    ]
    if card.classes:
        more = ", ..." if len(card.classes) > TOLD_CLASSES else ""
        names = ", ".join(card.classes[:TOLD_CLASSES])
        rows.append(("classes", "%d: %s%s" % (len(card.classes), names, more)))
    settings = card.settings.as_json()  # the temperature among them, which training has fitted
    rows += _plain(settings)
    rows += _plain({name: n for name, n in card.metrics.items() if name not in settings})
    if origin.data_name:
        rows.append(("trained on", "%s, epoch %d of %d" % (origin.data_name, *_epochs(model))))
        rows.append(("begun with", origin.start or RANDOM))
    adopted = origin.config.get("adopted")
    if isinstance(adopted, dict):
        rows += _plain(adopted)
    if cost is not None:
        words = "%s multiplies, %s parameters" % (cost["multiplies"], cost["parameters"])
        rows.append(("cost", words))
    rows.append(("sha256", model.sha256))
    return rows


def _epochs(model: ModelFile) -> Tuple[int, int]:
    return model.card.provenance.epoch, model.card.provenance.epochs


def _plain(document: JsonObject) -> List[Tuple[str, object]]:
    """What fits in a line."""
    return [
        (name, value)
        for name, value in document.items()
        if isinstance(value, (int, float, str)) and len(str(value)) <= LONGEST
    ]


def _cost(model: ModelFile) -> Tuple[Optional[JsonObject], Optional[CatseyeError]]:
    """Multiplies and parameters, in all and by layer; or why nobody knows: on a board, which has no
    onnx package to read the graph with, and for a graph that says too little."""
    try:
        from catseye.export.cost import layers_of
    except ImportError as error:
        return None, CatseyeError(
            "--layers where graphs cannot be read (%s)" % error, "the workstation"
        )
    try:
        layers = layers_of(model.data)
    except CatseyeError as error:
        return None, error
    cost: JsonObject = {
        "multiplies": sum(layer.multiplies for layer in layers),
        "parameters": sum(layer.parameters for layer in layers),
        "layers": [dict(layer._asdict()) for layer in layers],
    }
    return cost, None


def _say_layers(cost: JsonObject) -> None:
    names = ("name", "kind", "shape", "multiplies", "parameters")
    layers = cost["layers"]
    assert isinstance(layers, list)
    say_table(names, [[layer[name] for name in names] for layer in layers])
