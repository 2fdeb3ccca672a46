"""`catseye analyze`: measurements of what the project claims; trains nothing.

lista: the shipped encoders against FISTA (reads the zoo's checkpoints, so it needs torch).  cost: what a model file
costs layer by layer, the lecture's rules judged for it, and the least time a board could take.  health: how well camera
health tells good frames from spoilt ones.
"""

import argparse
from typing import Any, Dict, List

from catseye.commands.parser import Parser, print_json, say, say_table
from catseye.runtime.datasets import data_folder
from catseye.runtime.datasets.camvid import road_samples
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.health import report_on, sheet_of
from catseye.runtime.model_file import load_model
from catseye.runtime.pictures import save_png

EXAMPLES = ("digits", "frames", "patches")  # what a card's provenance counts its training samples in


def main(argv: List[str]) -> int:
    parser = Parser("analyze", "Measure what the project claims; trains nothing.")
    parser.add_argument("subject", choices=sorted(SUBJECTS), help="lista: the iterations of FISTA that the encoders "
                        "match; cost: multiplies, parameters and receptive field of MODEL by layer; "
                        "health: camera health against laid-on faults")
    parser.add_argument("model", nargs="?", default="", help="cost: .onnx or zoo name")
    parser.add_argument("--data", metavar="DIR", help="lista, health: folder that holds bsds/ and camvid/, or demo; "
                        "default CATSEYE_DATA")
    parser.add_argument("--split", default="val", help="lista, health: train, val or test (default val)")
    parser.add_argument("--picture", metavar="FILE", help="health: the faults as a PNG, with the verdict on each")
    parser.add_argument("--board", metavar="NAME", help="cost: the least time on this board, such as tx1 or orin-nano")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    if args.picture and args.subject != "health":
        raise CatseyeError("--picture of " + args.subject, "it with health only", "leave it out")
    answer = SUBJECTS[args.subject](args)
    if args.json:
        print_json(answer)
    return 0


def _lista(args: argparse.Namespace) -> Dict[str, Any]:
    """One row per encoder and number."""
    from catseye.training.lista_report import report_of_zoo

    answer = report_of_zoo(data_folder(args.data), args.split)
    say("LISTA against FISTA on %s" % args.split)
    rows = [(atoms, key, value) for atoms, numbers in answer.items() for key, value in numbers.items()]
    say_table([("atoms", "number", "value"), *rows])
    return answer


def _health(args: argparse.Namespace) -> Dict[str, Any]:
    """One row per fault and strength."""
    frames = [sample.read()[0] for sample in road_samples(data_folder(args.data), args.split)]
    if args.picture:
        save_png(args.picture, sheet_of(frames[len(frames) // 2]))
    answer = report_on(frames)
    say("camera health on %d frames of %s, %.1f %% of the good ones called bad" % (
        answer["frames"], args.split, 100 * answer["false_alarms"]))
    rows = [(kind, strength, row["auc"], row["detected"], row["named"])
            for kind, strengths in answer["kinds"].items() for strength, row in strengths.items()]
    say_table([("fault", "strength", "AUC", "detected at 1 % false alarms", "verdict names it"), *rows])
    return answer


def _cost(args: argparse.Namespace) -> Dict[str, Any]:
    """One row per layer that multiplies or pools, the sums, the rules, and the board's least time."""
    from catseye.export.cost import laws, layers_of

    model = load_model(args.model)
    layers = layers_of(model.data)
    data = model.card["provenance"]["data"]
    samples = next((data[word] for word in EXAMPLES if word in data), 0)
    totals = {name: sum(getattr(layer, name) for layer in layers)
              for name in ("multiplies", "parameters", "activations")}
    rules = laws(layers, samples)
    answer = {"layers": [layer._asdict() for layer in layers], "totals": totals, "laws": rules}
    say("%s: %d multiplies and %d parameters for one item" % (model.name, totals["multiplies"], totals["parameters"]))
    rows = [layer for layer in layers if layer.multiplies or layer.kind in ("MaxPool", "Resize")]
    say_table([("layer", "shape", "multiplies", "parameters", "activations", "sees"),
               *((row.kind, _by(row.shape), row.multiplies, row.parameters, row.activations,
                  "all" if row.receptive_wh is None else _by(row.receptive_wh)) for row in rows)])
    for law in rules:
        say("%s: %s%s" % (law["law"], law["found"], "" if law["ok"] else "  (not so)"))
    if args.board:
        answer["board"] = _least_time(layers, args.board)
    return answer


def _least_time(layers: List[Any], board: str) -> Dict[str, Any]:
    from catseye.export.cost import roofline_ms
    from catseye.jetson.boards import PEAKS

    if board not in PEAKS:
        raise CatseyeError("unknown board %r" % board, "one of " + ", ".join(PEAKS))
    peak = PEAKS[board]
    least_ms = roofline_ms(layers, peak.fp16_tflops, peak.bandwidth_gbs)
    say("%s: at least %.3g ms in FP16, an estimate by peak rate (%s) and %.4g GB/s; no network comes to its peak"
        % (board, least_ms, peak.derivation, peak.bandwidth_gbs))
    return dict(peak._asdict(), name=board, least_ms=least_ms, precision="fp16", measured=False)


def _by(sizes: Any) -> str:
    return "x".join(str(size) for size in sizes)


SUBJECTS = {"lista": _lista, "cost": _cost, "health": _health}
