"""What may be given once is refused the second time, with both values."""

import pytest

from catseye.__main__ import main


@pytest.mark.parametrize(
    "argv",
    [
        ["train", "digits"],
        ["train", "sparse"],
        ["eval", "road"],
        ["verify", "road"],
        ["analyze", "lista"],
    ],
)
def test_two_sets_are_not_the_last_one(argv, capsys):
    assert main([*argv, "--data", "a", "--data", "b"]) == 2
    said = capsys.readouterr().err
    assert "--data a and --data b; expected one of them" in said and len(said.splitlines()) == 1
