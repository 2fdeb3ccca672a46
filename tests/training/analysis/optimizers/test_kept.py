"""Runs that are kept are not run again, and an interruption costs one of them."""

import os

import pytest

from catseye.runtime.errors import CatseyeError
from catseye.training.analysis.optimizers.kept import KeptRuns

SHAPE = (2, 2)


class Runner:
    def __init__(self):
        self.number = 0

    def __call__(self):
        self.number += 1
        return [[1 / 3, 2.0], [float("inf"), float(self.number)]]


def test_a_run_that_is_there_is_not_run_again(tmp_path):
    path, runner = tmp_path / "new" / "runs.jsonl", Runner()
    first = KeptRuns(path).rows_of({"seed": 1, "rate": 0.1}, SHAPE, runner)
    assert first == [[0.333333, 2.0], [float("inf"), 1.0]]
    again = KeptRuns(path)
    assert again.rows_of({"rate": 0.1, "seed": 1}, SHAPE, runner) == first and runner.number == 1
    assert again.rows_of({"rate": 0.1, "seed": 2}, SHAPE, runner)[1][1] == runner.number == 2
    assert len(path.read_text().splitlines()) == 2


def test_a_line_cut_off_is_run_again_and_the_others_stay(tmp_path):
    path, runner = tmp_path / "runs.jsonl", Runner()
    runs = KeptRuns(path)
    for seed in range(2):
        runs.rows_of({"seed": seed}, SHAPE, runner)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    runs = KeptRuns(path)
    assert runs.rows_of({"seed": 0}, SHAPE, runner) and runner.number == 2
    assert runs.rows_of({"seed": 1}, SHAPE, runner)[1][1] == 3
    assert KeptRuns(path).rows == runs.rows and path.read_bytes().count(b"\n") == 2


def test_without_a_path_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runs, runner = KeptRuns(""), Runner()
    assert runs.rows_of({}, SHAPE, runner) == runs.rows_of({}, SHAPE, runner) and runner.number == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("line", ["no JSON", "[1]", '{"run": {}}'])
def test_a_file_of_another_kind_is_named(tmp_path, line):
    path = tmp_path / "notes.txt"
    path.write_text(line + "\n")
    with pytest.raises(CatseyeError, match=r"cannot read line 1 of .*notes.txt"):
        KeptRuns(path)


def test_what_is_no_line_of_ours_is_not_overwritten(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("mine")
    with pytest.raises(CatseyeError, match=r"cannot read line 1 of .*notes.txt"):
        KeptRuns(path)


@pytest.mark.parametrize("rows", ["[]", '"x"', "[[1, 2]]", "[[1, 2], [3]]", "[[1, 2], [3, NaN]]"])
def test_rows_of_another_form_are_named(tmp_path, rows):
    path = tmp_path / "runs.jsonl"
    path.write_text('{"run": {"seed": 1}, "rows": %s}\n' % rows)
    with pytest.raises(CatseyeError, match=r"runs.jsonl .*2 of 2 numbers"):
        KeptRuns(path).rows_of({"seed": 1}, SHAPE, Runner())


def test_a_folder_or_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(CatseyeError, match="cannot read .*no file"):
            KeptRuns(path)


def test_a_place_that_cannot_be_written_is_told_before_the_run(tmp_path):
    (tmp_path / "file").write_text("")
    runner = Runner()
    with pytest.raises(CatseyeError, match=r"cannot write .*file/runs.jsonl"):
        KeptRuns(tmp_path / "file" / "runs.jsonl").rows_of({"seed": 1}, SHAPE, runner)
    assert runner.number == 0


def test_a_name_too_long_is_refused(tmp_path):
    with pytest.raises(CatseyeError, match="cannot read"):
        KeptRuns(tmp_path / ("a" * 300))
