"""`catseye train TASK --help` shows what the task has; what another task has is refused with its
owner."""

import subprocess
import sys

import pytest

from catseye.__main__ import main
from catseye.commands.train.options import TYPES, own_values, parse_training
from catseye.runtime.errors import CatseyeError
from catseye.training.recipes import RECIPES
from catseye.training.recipes.rows.row import Kind

OWN = {option.flag: task for task, row in RECIPES.items() for option in row.options}
LOOP = ("--accumulate", "--patience", "--elastic", "--join", "--synchronous")


def help_of(capsys, *argv):
    with pytest.raises(SystemExit) as ended:
        main(["train", *argv, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("task", RECIPES)
def test_a_tasks_help_shows_its_own_options_only(task, capsys):
    row, shown = RECIPES[task], help_of(capsys, task).replace(",", " ").split()
    assert {flag for flag in OWN if flag in shown} == {option.flag for option in row.options}
    assert all((flag in shown) == row.one_loss for flag in LOOP)
    assert ("--start" in shown) == row.takes_start
    assert ("--decay-rate" in shown) == ("entropy-sgd" in row.optimizers)


def test_the_verbs_help_lists_the_tasks(capsys):
    shown = help_of(capsys)
    assert all(f"  {row.task} " in shown and row.summary in shown for row in RECIPES.values())


def test_help_needs_no_torch():
    script = (
        "import sys; from catseye.__main__ import main\n"
        "try: main(['train', 'digits', '--help'])\n"
        "except SystemExit: assert 'torch' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True).returncode == 0


@pytest.mark.parametrize("flag, owner", OWN.items())
@pytest.mark.parametrize("task", RECIPES)
def test_another_tasks_option_is_refused_with_its_owner(task, flag, owner):
    if task != owner:
        with pytest.raises(CatseyeError, match=f"^{flag} with {task}; expected only with {owner}$"):
            parse_training([task, flag, "1"])


@pytest.mark.parametrize(
    "argv, words",
    [
        ([], "TASK"),
        (["cats"], "autoencoder"),
        (["--data", "demo", "digits"], "--data before the task"),
        (["digits", "--cats"], "unknown argument --cats"),
        (["digits", "--cats=3"], "unknown argument --cats"),
        (["digits", "extra"], "unknown argument extra"),
        (["gan", "--patience", "2"], "only with autoencoder or digits or road or sparse"),
        (["sparse", "--start=road"], "only with digits or road"),
        (["autoencoder", "--optimizer", "entropy-sgd"], "adamw"),
        (["road", "--teacher", "nowhere"], "nowhere"),
        (["road", "--size", "640"], "WIDTHxHEIGHT of 32 to 4096 each"),
        (["road", "--size", "640x16"], "WIDTHxHEIGHT of 32 to 4096 each"),
        (["road", "--size", "99999x99999"], "WIDTHxHEIGHT of 32 to 4096 each"),
        (["digits", "--size", "64x64"], "--size with digits; expected only with road"),
        (["road", "--batch", "0"], "a whole number from 1 to 4096"),
        (["digits", "--batch", "1e3"], "a whole number from 1 to 4096"),
        (["road", "--rate", "-1"], "a number above 0, at most 100"),
        (["road", "--rate", "nan"], "a number above 0, at most 100"),
        (["gan", "--rate", "0.1"], "--rate with gan; expected only with"),
        (["sparse", "--denoise", "--batch", "4", "--data", "demo"], "--batch with --denoise"),
        (["digits", "--elastic", "easgd", "--rate", "0.1"], "--rate in an elastic training"),
    ],
)
def test_what_cannot_be_is_one_line(argv, words, capsys):
    assert main(["train", *argv]) == 2
    complaint = capsys.readouterr().err
    assert words in complaint and len(complaint.splitlines()) == 1


def test_values_are_those_that_were_given():
    row, args = parse_training(["sparse", "--atoms", "20", "--denoise", "--alpha", "0.5"])
    assert own_values(row, args) == {"atoms": 20, "denoise": True, "alpha": 0.5}
    assert (args.epochs, args.out.name, args.optimizer) == (row.epochs, "sparse", None)
    row, args = parse_training(["road", "--teacher", "road"])
    assert own_values(row, args)["teacher"].name == "road"


def test_batch_and_rate_are_asked_for():
    row, args = parse_training(["road", "--batch", "4", "--rate", "0.01", "--size", "480x352"])
    assert own_values(row, args) == {"batch": 4, "size": (480, 352)} and args.rate == 0.01


def test_every_kind_of_value_has_its_reader():
    assert {*TYPES, Kind.SWITCH, Kind.TEXTS} == set(Kind)
