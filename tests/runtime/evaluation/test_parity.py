"""The parity check's verdict: by the precision of the card, on ids, numbers, pictures and the
task's metric."""

import json

import numpy as np
import pytest
from cards import card_of

from catseye.runtime.evaluation.parity import metric_check, verdict_on
from catseye.runtime.model_file.golden import BOUNDS, GoldenCase

IDS = [{"mask": np.arange(1000, dtype=np.uint8).reshape(1, 10, 100) % 11}]


def card(precision, task="road"):
    return card_of(task, (), (), precision=precision)


class Answers:
    """An engine that gives these answers, one after another."""

    def __init__(self, answers):
        self.infer = lambda inputs, each=iter(answers): next(each)


def verdict(card, expected, actual, metric=None):
    cases = [GoldenCase({}, outputs) for outputs in expected]
    return verdict_on(Answers(actual), card, cases, metric)


def with_wrong_ids(number):
    mask = IDS[0]["mask"].copy()
    mask.flat[:number] = (mask.flat[:number] + 1) % 11
    return [{"mask": mask}]


@pytest.mark.parametrize(
    "precision, passes, fails", [("fp32", 1, 2), ("fp16", 5, 6), ("int8", 10, 11)]
)
def test_ids_may_differ_as_much_as_the_precision_says(precision, passes, fails):
    assert verdict(card(precision), IDS, with_wrong_ids(passes)).ok
    assert not verdict(card(precision), IDS, with_wrong_ids(fails)).ok


@pytest.mark.parametrize(
    "task, precision, share",
    [
        ("autoencoder", "fp16", 0.01),
        ("autoencoder", "int8", 0.1),
        ("sparse", "fp16", 0.02),
        ("sparse", "int8", 0.2),
    ],
)
def test_numbers_may_differ_by_a_share_of_their_size(task, precision, share):
    want = np.random.RandomState(0).randn(1, 50).astype(np.float32)
    near, far = ([{"code": want * np.float32(1 + share * factor)}] for factor in (0.9, 1.1))
    assert verdict(card(precision, task), [{"code": want}], near).ok
    assert not verdict(card(precision, task), [{"code": want}], far).ok
    assert not verdict(card("fp32", task), [{"code": want}], near).ok


@pytest.mark.parametrize("precision", BOUNDS)
def test_not_a_number_never_passes(precision):
    want = np.ones((1, 4), np.float32)
    got = np.array([[1, 1, 1, np.nan]], np.float32)
    found = verdict(card(precision), [{"code": want}], [{"code": got}])
    assert not found.ok


def test_a_picture_may_be_off_by_a_level_where_ids_may_not():
    grey = IDS[0]["mask"]

    def off_by_one(task, output, precision="int8"):
        return verdict(card(precision, task), [{output: grey}], [{output: grey + np.uint8(1)}])

    assert off_by_one("sparse", "rebuilt").ok and not off_by_one("sparse", "code").ok
    assert off_by_one("gan", "pictures").ok
    assert off_by_one("road", "confidence").ok and not off_by_one("road", "mask").ok
    assert not off_by_one("sparse", "rebuilt", "fp32").ok
    assert not off_by_one("road", "confidence", "fp32").ok


@pytest.mark.parametrize(
    "precision, lost, ok",
    [
        ("fp32", 0.0009, True),
        ("fp16", 0.0011, False),
        ("int8", 0.0029, True),
        ("int8", 0.0031, False),
        ("int8", -0.1, True),
    ],
)
def test_the_metric_may_fall_as_far_as_the_precision_says(precision, lost, ok):
    check = metric_check(card(precision), 0.6, 0.6 - lost)
    assert check.name == "miou" and check.ok is ok
    found = verdict(card(precision), IDS, IDS, check)
    assert found.ok is ok and json.loads(json.dumps(found.as_json()))["metric"]["ok"] is ok
