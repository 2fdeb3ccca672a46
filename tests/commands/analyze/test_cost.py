"""`catseye analyze cost` on the shipped models."""

import json

import pytest

from catseye.__main__ import main


def test_the_cost_of_a_shipped_model(capsys):
    assert main(["analyze", "cost", "digits", "--board", "tx1", "--json"]) == 0
    captured = capsys.readouterr()
    answer = json.loads(captured.out)
    assert answer["totals"]["multiplies"] == 158_880 and answer["totals"]["parameters"] == 21_328
    assert answer["board"]["least_ms"] > 0 and answer["board"]["measured"] is False
    assert "samples per parameter" in captured.err and "estimate" in captured.err


@pytest.mark.parametrize(
    "arguments", [["cost", "nosuch"], ["cost", "digits", "--board", "toaster"]]
)
def test_what_costs_nothing_is_said(arguments, capsys):
    assert main(["analyze", *arguments]) == 2
    assert arguments[-1] in capsys.readouterr().err.splitlines()[-1]
