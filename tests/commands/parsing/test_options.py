import pytest

from catseye.commands.parsing.options import add_engine_options, add_study_options
from catseye.commands.parsing.parser import Parser
from catseye.runtime.errors import CatseyeError


@pytest.fixture
def parser():
    parser = Parser("bench", "Measure.")
    add_engine_options(parser)
    return parser


def test_what_an_engine_is_when_nothing_is_asked(parser):
    asked = vars(parser.parse_args([]))  # a packed file names no model
    assert asked == {"model": "", "backend": "auto", "provider": "", "threads": 0, "spin": False}


@pytest.mark.parametrize(
    "words",
    (
        ["--backend", "magic"],
        ["--provider", "npu"],
        ["--threads", "-1"],
        ["--threads", "100000"],
        ["a", "b"],
    ),
)
def test_an_engine_that_there_is_not(parser, words):
    with pytest.raises(CatseyeError):
        parser.parse_args(words)


def test_a_study_may_be_drawn_and_printed():
    parser = Parser("analyze x", "Study.")
    add_study_options(parser)
    asked = parser.parse_args(["--data", "demo", "--figure", "x.png", "--json"])
    assert (asked.data, asked.figure, asked.json) == ("demo", "x.png", True)
