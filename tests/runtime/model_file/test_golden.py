"""Golden frames survive the way through a file, and a difference in any output is seen."""

import numpy as np
import pytest
from cards import tensor

from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.model_file import golden
from catseye.runtime.model_file.golden import (
    Bounds,
    GoldenCase,
    PackedGolden,
    bytes_from_golden,
    check_golden,
    criterion_of,
    golden_from_bytes,
)

INPUTS = (tensor("frame", 1, 4, 6, 3),)
OUTPUTS = (tensor("mask", 1, 4, 6), tensor("code", 2, 3, dtype="float32"))
CASES = [
    GoldenCase(
        {"frame": np.full((1, 4, 6, 3), n, np.uint8)},
        {"mask": np.full((1, 4, 6), n, np.uint8), "code": np.full((2, 3), n / 7, np.float32)},
    )
    for n in range(3)
]


def answers_with(**changes):
    """An engine that answers as the source did, plus `changes` by output."""
    by_value = {int(case.inputs["frame"].flat[0]): case.outputs for case in CASES}

    def infer(inputs):
        right = by_value[int(inputs["frame"].flat[0])]
        return {
            name: (value + changes.get(name, 0)).astype(value.dtype)
            for name, value in right.items()
        }

    return infer


def test_there_and_back():
    back = golden_from_bytes(bytes_from_golden(CASES), INPUTS, OUTPUTS, "small")
    assert len(back) == 3
    for case, again in zip(CASES, back):
        for side in ("inputs", "outputs"):
            for name, array in getattr(case, side).items():
                other = getattr(again, side)[name]
                assert other.dtype == array.dtype and np.array_equal(other, array)


def test_nothing_is_taken_out_before_somebody_asks(monkeypatch):
    asked = []

    def taken(data, inputs, outputs, name):
        asked.append(name)
        return golden_from_bytes(data, inputs, outputs, name)

    monkeypatch.setattr(golden, "golden_from_bytes", taken)
    cases = PackedGolden(bytes_from_golden(CASES), INPUTS, OUTPUTS, "small")
    assert not asked
    assert [int(case.inputs["frame"].flat[0]) for case in cases] == [0, 1, 2]
    assert len(cases) == 3 and len(cases[1:]) == 2 and asked == ["small"]
    damaged = PackedGolden(bytes_from_golden(CASES)[:-30], INPUTS, OUTPUTS, "small")
    with pytest.raises(ModelFileError, match="damaged golden frames in small"):
        bool(damaged)


def test_same_cases_same_bytes():
    assert bytes_from_golden(CASES) == bytes_from_golden(CASES)


@pytest.mark.parametrize("cut", [0, 10, 100, -1])
def test_damage_is_one_line(cut):
    with pytest.raises(CatseyeError):
        golden_from_bytes(bytes_from_golden(CASES)[:cut], INPUTS, OUTPUTS, "small")


@pytest.mark.parametrize(
    "inputs, outputs",
    [
        ((tensor("frame", 1, 4, 6, 3, dtype="int8"),), OUTPUTS),
        ((tensor("frame", 1, 4, 3, 6),), OUTPUTS),
        ((tensor("other", 1, 4, 6, 3),), OUTPUTS),
        (INPUTS, OUTPUTS[:1]),
        (INPUTS, (*OUTPUTS, tensor("more", 1))),
    ],
)
def test_cases_of_other_tensors_are_refused(inputs, outputs):
    with pytest.raises(ModelFileError, match="golden frames in small"):
        golden_from_bytes(bytes_from_golden(CASES), inputs, outputs, "small")


def test_the_source_agrees_with_itself():
    assert all(difference.ok for difference in check_golden(answers_with(), CASES))


def test_an_output_that_drifts_is_named():
    verdict = {d.name: d for d in check_golden(answers_with(code=0.01), CASES)}
    assert verdict["mask"].ok and not verdict["code"].ok
    assert verdict["code"].max_abs == pytest.approx(0.01, abs=1e-6)


def test_ids_are_counted_not_subtracted():
    verdict = {d.name: d for d in check_golden(answers_with(mask=1), CASES)}
    assert verdict["mask"].agreement == 0 and not verdict["mask"].ok


def test_nan_is_a_breach():
    verdict = {d.name: d for d in check_golden(answers_with(code=np.nan), CASES)}
    assert not verdict["code"].ok


def test_what_decides_is_told_with_its_bound():
    loose = Bounds(1e-3, 0.99, share=0.1, levels={"mask": 3.0})
    verdict = {d.name: d for d in check_golden(answers_with(code=0.01, mask=1), CASES, loose)}
    code, mask = (criterion_of(verdict[name], loose) for name in ("code", "mask"))
    assert code.ok == verdict["code"].ok and mask.ok == verdict["mask"].ok
    assert code.what == "mean difference" and code.found == verdict["code"].mean_abs
    assert code.bound == pytest.approx(0.1 * verdict["code"].magnitude)
    assert mask == ("mean difference in levels", verdict["mask"].mean_abs, 3.0, False)
    tight = Bounds(1e-3, 0.99)
    code, mask = (criterion_of(verdict[name], tight) for name in ("code", "mask"))
    assert code == ("largest difference", verdict["code"].max_abs, 1e-3, False)
    assert mask == ("share of equal values", 0.0, 0.99, True) and not mask.ok
