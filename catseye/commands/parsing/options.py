"""The options that several commands share."""

import argparse
import math

from catseye.commands.parsing.parser import DATA_HELP, Parser
from catseye.runtime.engines import BACKENDS, PROVIDERS


def add_engine_options(parser: Parser) -> None:
    """MODEL and the choice of its engine."""
    parser.add_argument(
        "model", nargs="?", default="", help=".onnx, .engine, zoo name or checkpoint folder"
    )
    parser.add_argument(
        "--backend", default="auto", choices=BACKENDS, help="what computes (default auto)"
    )
    parser.add_argument(
        "--provider", default="", choices=PROVIDERS, help="what onnxruntime computes with"
    )
    parser.add_argument(
        "--threads",
        type=not_negative_int,
        default=0,
        metavar="N",
        help="CPU threads (default 0: all)",
    )
    parser.add_argument(
        "--spin",
        action="store_true",
        help="wait on busy cores: sooner on an idle machine, and warmer",
    )


def add_study_options(parser: Parser) -> None:
    """What a study of `analyze` can be asked: data, a figure, JSON."""
    parser.add_argument("--data", metavar="DIR", help=DATA_HELP)
    add_report_options(parser)


def add_report_options(parser: Parser) -> None:
    """What a study that needs no data can be asked."""
    parser.add_argument("--figure", metavar="FILE", help="draw the study's figure there, as a PNG")
    parser.add_argument("--json", action="store_true")


def not_negative_int(text: str) -> int:
    """argparse type: a whole number, zero or above."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError("%s is below zero" % text)
    return value


def not_negative_float(text: str) -> float:
    """argparse type: a finite number, zero or above."""
    value = float(text)
    if not 0 <= value < math.inf:  # false for NaN too
        raise argparse.ArgumentTypeError("%s is below zero" % text)
    return value


def share(text: str) -> float:
    """argparse type: a number between 0 and 1, neither of them."""
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError("%s is not between 0 and 1" % text)
    return value


def positive_float(text: str) -> float:
    """argparse type: a finite number above zero."""
    value = float(text)
    if not 0 < value < math.inf:  # false for NaN too
        raise argparse.ArgumentTypeError("%s is not above zero" % text)
    return value
