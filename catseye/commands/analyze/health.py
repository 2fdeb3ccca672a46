"""`catseye analyze health`: how well camera health tells good frames from spoilt ones, and what a
monitor adds.

NumPy and OpenCV only, but for the figure.
"""

from typing import Dict, List

import cv2
import numpy as np

from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.commands.parsing.values import picture_path
from catseye.opening import open_model
from catseye.runtime.auxiliary.monitor import Monitor
from catseye.runtime.datasets import data_folder
from catseye.runtime.datasets.bsds import read_photographs
from catseye.runtime.datasets.road import road_samples
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.frame_quality import Report, report_on, sheet_of
from catseye.runtime.evaluation.out_of_distribution import (
    DETECTORS,
    ReportOnScores,
    Scores,
    report_on_scores,
    scores_by_trouble,
)
from catseye.runtime.pictures import save_png


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv)
    if args.figure and not args.monitor:
        raise CatseyeError("--figure without --monitor", "both", "such as --monitor autoencoder")

    data = data_folder(args.data)
    frames = [sample.read()[0] for sample in road_samples(data, args.split)]
    if args.picture:
        save_png(args.picture, sheet_of(frames[len(frames) // 2]))
    report = report_on(frames)
    answer = report.as_json()
    _say_statistics(report, args.split)
    if args.monitor:
        scores = _scores(args.monitor, frames, data)
        of_scores = report_on_scores(scores)
        answer["monitor"] = of_scores
        _say_monitor(args.monitor, of_scores)
        if args.figure:
            from catseye.training.analysis.health import draw_curves

            draw_curves(args.figure, scores)
    if args.json:
        print_json(answer)
    return 0


def _parser() -> Parser:
    parser = Parser("analyze health", "Camera health on good frames against faults laid over them.")
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="folder that holds camvid/ (with --monitor also bsds/), or demo; default CATSEYE_DATA",
    )
    parser.add_argument(
        "--split", default="val", help="train, val, test or a sequence (default val)"
    )
    parser.add_argument(
        "--monitor",
        default="",
        metavar="MODEL",
        help=(
            "an autoencoder, such as `autoencoder`, to be "
            "compared with the statistics, also on photographs"
        ),
    )
    parser.add_argument(
        "--picture", metavar="FILE", help="the faults over one frame as a PNG, with each verdict"
    )
    parser.add_argument(
        "--figure",
        metavar="FILE",
        type=picture_path,
        help="with --monitor: the ROC curves as a PNG",
    )
    parser.add_argument("--json", action="store_true", help="as JSON on stdout")
    return parser


def _scores(model: str, frames: List[np.ndarray], data: str) -> Dict[str, Dict[str, Scores]]:
    photographs = [
        cv2.cvtColor(one.image, cv2.COLOR_GRAY2BGR) for one in read_photographs(data, "val")
    ]
    opened = open_model(model)
    with opened.engine as engine:
        return scores_by_trouble(frames, photographs, Monitor(opened.card, engine).score)


def _say_statistics(report: Report, split: str) -> None:
    say(
        "camera health on %d frames of %s, %.1f %% of the good ones called bad"
        % (report.frames, split, 100 * report.false_alarms)
    )
    rows = [
        (kind, strength, *row)
        for kind, strengths in report.kinds.items()
        for strength, row in strengths.items()
    ]
    say_table(
        ("fault", "strength", "AUC", "detected at 1 % false alarms", "verdict names it"), rows
    )


def _say_monitor(model: str, report: ReportOnScores) -> None:
    """AUC of each detector, and the share of the frames that each calls bad."""
    say("statistics of health against %s, and both: AUC and share called bad" % model)
    rows = [
        (
            kind,
            strength,
            *(row[each]["auc"] for each in DETECTORS),
            *(row[each]["called"] for each in DETECTORS),
        )
        for kind, strengths in report.items()
        for strength, row in strengths.items()
    ]
    say_table(
        ("frames", "strength", *DETECTORS, *("called by " + each for each in DETECTORS)), rows
    )
