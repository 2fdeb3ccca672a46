"""`catseye eval`: what would make a measurement useless is told before it."""

import pytest

from catseye.__main__ import main
from catseye.commands import eval as verb


@pytest.mark.parametrize(
    "argv, words",
    [
        (["digits", "--calibration"], "digits has no confidence output; expected a road model"),
        (["road-nano", "--calibration", "."], ". is a folder; expected the name of a PNG"),
        (["road-nano", "--calibration", "file/x.png"], "file is no folder"),
        (["road-nano", "--pictures", "file"], "file is no folder; expected a folder"),
        (["road-nano", "--pictures", "/proc/x"], "cannot write"),
    ],
)
def test_before_the_first_frame(argv, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(verb, "evaluate", None)
    assert main(["eval", *argv, "--data", "demo"]) == 2
    assert words in capsys.readouterr().err.splitlines()[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_without_a_diagram_nothing_is_written(monkeypatch, capsys):
    monkeypatch.chdir("/proc")  # nobody can make a file there
    monkeypatch.setattr(verb, "evaluate", None)
    assert main(["eval", "digits", "--calibration", "--data", "demo"]) == 2
    assert "digits has no confidence output" in capsys.readouterr().err
