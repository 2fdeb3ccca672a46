"""The options that several commands share."""

from catseye.commands.parsing.once import Once
from catseye.commands.parsing.parser import DATA_HELP, Parser
from catseye.commands.parsing.values import picture_path, thread_count
from catseye.runtime.engines import BACKENDS, PROVIDERS


def add_engine_options(parser: Parser) -> None:
    """MODEL and the choice of its engine, all of it."""
    add_model_option(parser)
    add_backend_option(parser)
    add_provider_option(parser)
    add_threads_option(parser)
    parser.add_argument(
        "--spin",
        action="store_true",
        help="let waiting threads spin: faster on an idle machine, at more power",
    )


def add_model_option(parser: Parser) -> None:
    """MODEL, which a packed file leaves out."""
    parser.add_argument(
        "model", nargs="?", default="", help=".onnx, .engine, zoo name or checkpoint folder"
    )


def add_backend_option(parser: Parser) -> None:
    parser.add_argument(
        "--backend", default="auto", choices=BACKENDS, help="inference library (default auto)"
    )


def add_provider_option(parser: Parser) -> None:
    parser.add_argument(
        "--provider", default="", choices=PROVIDERS, help="execution provider of onnxruntime"
    )


def add_threads_option(parser: Parser) -> None:
    parser.add_argument(
        "--threads",
        type=thread_count,
        default=0,
        metavar="N",
        help="CPU threads (default 0: all)",
    )


def add_study_options(parser: Parser) -> None:
    """What a study of `analyze` can be asked: data, a figure, JSON."""
    parser.add_argument("--data", action=Once, metavar="DIR", help=DATA_HELP)
    add_report_options(parser)


def add_report_options(parser: Parser) -> None:
    """What a study that needs no data can be asked."""
    parser.add_argument(
        "--figure", metavar="FILE", type=picture_path, help="draw the figure as a PNG"
    )
    parser.add_argument("--json", action="store_true", help="as JSON on stdout")
