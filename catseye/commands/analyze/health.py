"""`catseye analyze health`: how well camera health tells good frames from spoilt ones. NumPy and OpenCV only."""

from typing import List

from catseye.commands.parser import Parser, print_json, say, say_table
from catseye.runtime.datasets import data_folder
from catseye.runtime.datasets.road import road_samples
from catseye.runtime.evaluation.health import report_on, sheet_of
from catseye.runtime.pictures import save_png


def main(argv: List[str]) -> int:
    parser = Parser("analyze health", "Camera health on good frames against faults laid over them.")
    parser.add_argument("--data", metavar="DIR", help="folder that holds camvid/, or demo; default CATSEYE_DATA")
    parser.add_argument("--split", default="val", help="train, val, test or a sequence (default val)")
    parser.add_argument("--picture", metavar="FILE", help="the faults over one frame as a PNG, with each verdict")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)

    frames = [sample.read()[0] for sample in road_samples(data_folder(args.data), args.split)]
    if args.picture:
        save_png(args.picture, sheet_of(frames[len(frames) // 2]))
    answer = report_on(frames)
    if args.json:
        print_json(answer)
    say("camera health on %d frames of %s, %.1f %% of the good ones called bad" % (
        answer["frames"], args.split, 100 * answer["false_alarms"]))
    rows = [(kind, strength, row["auc"], row["detected"], row["named"])
            for kind, strengths in answer["kinds"].items() for strength, row in strengths.items()]
    say_table([("fault", "strength", "AUC", "detected at 1 % false alarms", "verdict names it"), *rows])
    return 0
