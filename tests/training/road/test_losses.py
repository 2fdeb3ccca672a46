"""The losses against their formulas, by whole labels, by choices and by soft answers."""

import numpy as np
import pytest
import torch
from torch.nn.functional import nll_loss

from catseye.runtime.classes import NAMES, VOID
from catseye.runtime.datasets.partial import PartialLabel, allowed_by_code
from catseye.runtime.evaluation.metrics import ConfusionMatrix
from catseye.training.road.losses import (
    distance_to_answers,
    label_loss,
    labelled_pixels,
    soft_jaccard_loss,
    thinned,
)

NEITHER, EITHER = 4, 5
PARTIALS = (PartialLabel((1, 2), True), PartialLabel((0, 3), False))
ALLOWED = torch.from_numpy(allowed_by_code(4, PARTIALS))
EQUAL = torch.ones(256)


def log_p_of(rows):
    return torch.tensor(rows).log()


def test_whole_labels_cost_their_cross_entropy():
    torch.manual_seed(0)
    log_p, codes = torch.randn(50, 4).log_softmax(1), torch.randint(4, (50,))
    weights = torch.rand(256) + 0.1
    assert label_loss(log_p, codes, ALLOWED, weights).item() == pytest.approx(
        nll_loss(log_p, codes, weights[:4]).item()
    )


def test_a_choice_costs_the_sum_of_what_it_allows():
    log_p = log_p_of([[0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, 0.4]])
    codes = torch.tensor([NEITHER, EITHER])
    assert label_loss(log_p[:1], codes[:1], ALLOWED, EQUAL).item() == pytest.approx(-np.log(0.5))
    assert label_loss(log_p[1:], codes[1:], ALLOWED, EQUAL).item() == pytest.approx(-np.log(0.5))


def test_a_network_that_is_sure_of_what_is_ruled_out_is_still_taught():
    logits = torch.tensor([[0.0, 200.0, 0.0, 0.0]], requires_grad=True)
    loss = label_loss(logits.log_softmax(1), torch.tensor([NEITHER]), ALLOWED, EQUAL)
    loss.backward()
    assert loss.item() == pytest.approx(200 - np.log(2), rel=1e-4)
    assert logits.grad.isfinite().all() and logits.grad[0, 1] > 0.9


def test_no_pixels_cost_nothing():
    logits = torch.randn(1, 4, 2, 2, requires_grad=True)
    log_p, codes = labelled_pixels(logits, torch.full((1, 2, 2), VOID))
    loss = label_loss(log_p, codes, ALLOWED, EQUAL) + soft_jaccard_loss(log_p.exp(), codes, ALLOWED)
    loss.backward()
    assert loss.item() == 0 and not logits.grad.any()


def test_soft_jaccard_of_hard_answers_is_the_metric():
    random = np.random.default_rng(0)
    # two classes never occur
    truth, answer = random.integers(0, 9, 500), random.integers(0, 11, 500)
    matrix = ConfusionMatrix(11)
    matrix.add(truth.astype(np.uint8), answer.astype(np.uint8))
    present = [value for name, value in matrix.report(NAMES).items() if NAMES.index(name) < 9]
    loss = soft_jaccard_loss(torch.eye(11)[answer], torch.from_numpy(truth))
    assert loss.item() == pytest.approx(1 - np.mean(present))


def test_soft_jaccard_counts_a_choice_by_what_it_rules_out():
    """Road found in one of two pixels, and called once where there is none: IoU 1/3."""
    answers = torch.eye(4)[[1, 0, 1, 3, 0]]
    codes = torch.tensor([1, 1, NEITHER, NEITHER, EITHER])
    assert soft_jaccard_loss(answers, codes, ALLOWED).item() == pytest.approx(1 - 1 / 3)


def test_heads_are_compared_at_their_own_size():
    masks = torch.arange(32 * 64).reshape(1, 32, 64)
    kept = thinned(masks, torch.zeros(1, 4, 8, 16))
    assert kept.shape == (1, 8, 16) and kept[0, 1, 0] - kept[0, 0, 0] == 4 * 64
    assert kept[0, 0, 1] - kept[0, 0, 0] == 4


def distance(q, code, logits):
    rows = torch.tensor(q).reshape(1, 4, 1, 1)
    codes = torch.full((1, 1, 1), code)
    return distance_to_answers(torch.tensor(logits).reshape(1, 4, 1, 1), rows, codes, ALLOWED)


def test_answers_count_where_no_label_names_a_class():
    q, logits = [0.7, 0.1, 0.1, 0.1], [0.0, 0.0, 0.0, 0.0]
    expected = sum(value * np.log(value / 0.25) for value in q)
    assert distance(q, VOID, logits).item() == pytest.approx(expected)
    assert distance(q, 0, logits).item() == 0
    assert distance([0.0] * 4, VOID, logits).item() == 0


def test_answers_are_brought_to_what_a_choice_allows():
    q = [0.2, 0.5, 0.1, 0.2]
    even = [np.log(0.5), -100.0, -100.0, np.log(0.5)]
    assert distance(q, NEITHER, even).item() == pytest.approx(0, abs=1e-5)
    # an answer that contradicts the label is not learned
    assert distance([0.01, 0.9, 0.08, 0.01], NEITHER, even).item() == 0


def test_the_answer_itself_costs_nothing():
    logits = [1.0, -2.0, 0.5, 0.0]
    q = torch.tensor(logits).softmax(0).tolist()
    assert distance(q, VOID, logits).item() == pytest.approx(0, abs=1e-6)
