"""What a run says of its progress, by a clock of the test's own."""

import logging
from functools import partial

import pytest

from catseye.training import progress
from catseye.training.progress import Pace, WholeRun, counted, told


class Clock:
    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


def test_items_that_take_long_are_counted_now_and_then(clock, capsys):
    pace, seen = Pace(clock), []
    for item in counted("abcdef", "reading", pace):
        seen.append(item)
        clock.now_s += 20
    assert seen == list("abcdef")
    assert capsys.readouterr().err.splitlines() == ["reading: 2 of 6", "reading: 4 of 6"]


def test_parts_of_a_run_share_the_pace(clock, capsys):
    pace = Pace(clock)
    for what in ("reading", "judging"):
        for _ in counted(range(2), what, pace):
            clock.now_s += 10
    assert capsys.readouterr().err.splitlines() == ["judging: 1 of 2"]


def test_a_run_tells_how_long_all_of_it_takes(clock, capsys):
    run = WholeRun(10, 4, pace=Pace(clock))
    for step in range(1, 5):
        clock.now_s += 15
        run.stepped(0, step, 0.5)
    clock.now_s += 20
    run.stepped(1, 1, 0.25)
    assert capsys.readouterr().err.splitlines() == [
        "epoch 1 of 10, step 2 of 4 (2 of 40), loss 0.500, 0:30 so far, about 9:30 left",
        "epoch 1 of 10, step 4 of 4 (4 of 40), loss 0.500, 1:00 so far, about 9:00 left",
    ]


def test_epochs_that_take_longer_later_are_foreseen(clock, capsys):
    run = WholeRun(4, 1, effort=lambda share: 1.0 if share < 0.5 else 3.0, pace=Pace(clock))
    clock.now_s += 60
    run.stepped(0, 1, 0.5)
    assert "1:00 so far, about 7:00 left" in capsys.readouterr().err


def test_what_was_done_before_a_resume_took_no_time(clock, capsys):
    run = WholeRun(4, 2, done=3, pace=Pace(clock))
    clock.now_s += 4000
    run.stepped(3, 1, 0.5)
    said = capsys.readouterr().err
    assert "(7 of 8)" in said and "1:06:40 so far, about 1:06:40 left" in said
    run.stepped(4, 0, 0.5)  # an elastic center's, after the last step
    run.close()


def test_nothing_is_told_where_the_log_is_quiet(capsys, caplog):
    with caplog.at_level(logging.WARNING, "catseye"):
        told("words")
    assert capsys.readouterr().err == ""


def test_a_terminal_has_one_bar_for_the_whole_run(clock, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    at_once = partial(progress.tqdm, mininterval=0, miniters=1)
    monkeypatch.setattr(progress, "tqdm", at_once)
    run = WholeRun(10, 4, pace=Pace(clock))
    clock.now_s += 60
    run.stepped(0, 4, 0.5)
    run.close()
    said = capsys.readouterr().err
    assert "epoch 1/10:  10%" in said and "4/40, loss 0.500, 9:00 left" in said
    assert "so far" not in said
