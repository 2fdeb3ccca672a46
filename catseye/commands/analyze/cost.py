"""`catseye analyze cost`: what a model file costs layer by layer, the lecture's rules, the least
time of a board."""

from typing import TYPE_CHECKING, Dict, List, Sequence

from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.load import load_model
from catseye.runtime.system.json_document import JsonObject

if TYPE_CHECKING:
    from catseye.export.cost import Layer

# what a card's provenance counts its training samples in
EXAMPLES = ("digits", "frames", "patches")


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv)

    # the graph is read with the onnx package, which only the workstation has
    from catseye.export.cost import laws, layers_of

    model = load_model(args.model)
    layers = layers_of(model.data)
    samples = _samples(model.card.provenance.data)
    totals = {
        name: sum(getattr(layer, name) for layer in layers)
        for name in ("multiplies", "parameters", "activations")
    }
    rules = laws(layers, samples)
    answer: JsonObject = {
        "layers": [layer._asdict() for layer in layers],
        "totals": totals,
        "laws": [law._asdict() for law in rules],
    }
    _say_layers(model.name, layers, totals)
    for law in rules:
        say("%s: %s%s" % (law.law, law.found, "" if law.ok else "  (not so)"))
    if args.board:
        answer["board"] = _least_time(layers, args.board)
    if args.json:
        print_json(answer)
    return 0


def _parser() -> Parser:
    parser = Parser(
        "analyze cost", "Multiplies, parameters and receptive field of a model by layer."
    )
    parser.add_argument("model", help=".onnx or zoo name")
    parser.add_argument(
        "--board", metavar="NAME", help="the least time on this board, such as tx1 or orin-nano"
    )
    parser.add_argument("--json", action="store_true", help="as JSON on stdout")
    return parser


def _samples(data: JsonObject) -> int:
    """How many examples the network was trained on, as far as its checkpoint says."""
    counts = (data.get(word) for word in EXAMPLES)
    return next((count for count in counts if isinstance(count, int)), 0)


def _say_layers(name: str, layers: "Sequence[Layer]", totals: Dict[str, int]) -> None:
    """One row per layer that multiplies, pools or resizes."""
    say(
        "%s: %d multiplies and %d parameters for one item"
        % (name, totals["multiplies"], totals["parameters"])
    )
    rows = []
    for layer in layers:
        if layer.multiplies or layer.kind in ("MaxPool", "Resize"):
            numbers = (layer.multiplies, layer.parameters, layer.activations)
            sees = "all" if layer.receptive_wh is None else _by(layer.receptive_wh)
            rows.append((layer.kind, _by(layer.shape), *numbers, sees))
    say_table(("layer", "shape", "multiplies", "parameters", "activations", "sees"), rows)


def _least_time(layers: "Sequence[Layer]", board: str) -> JsonObject:
    from catseye.export.cost import roofline_ms
    from catseye.jetson.boards import PEAKS

    if board not in PEAKS:
        raise CatseyeError("unknown board %r" % board, "one of " + ", ".join(PEAKS))
    peak = PEAKS[board]
    least_ms = roofline_ms(layers, peak.fp16_tflops, peak.bandwidth_gbs)
    say(
        "%s: at least %.3g ms in FP16, an estimate by peak rate (%s) and %.4g GB/s; no network"
        " comes to its peak" % (board, least_ms, peak.derivation, peak.bandwidth_gbs)
    )
    return dict(peak._asdict(), name=board, least_ms=least_ms, precision="fp16", measured=False)


def _by(sizes: Sequence[int]) -> str:
    return "x".join(str(size) for size in sizes)
