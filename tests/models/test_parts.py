"""Training and test semantics of the parts: stochastic depth, batch normalisation, the residual
block."""

import pytest
import torch
from torch import nn

from catseye.models.parts import ConvNormAct, FactorisedBlock, StochasticDepth, linear_decay


def test_stochastic_depth_passes_everything_at_test_time():
    x = torch.randn(8, 3, 2, 2)
    assert torch.equal(StochasticDepth(0.5).eval()(x), x)


def test_stochastic_depth_drops_whole_samples_and_keeps_the_expectation():
    torch.manual_seed(0)
    out = StochasticDepth(0.3).train()(torch.ones(20_000, 2, 1, 1))
    per_sample = out[:, :, 0, 0]
    assert torch.equal(per_sample[:, 0], per_sample[:, 1])
    assert per_sample.unique().tolist() == pytest.approx([0, 1 / 0.7])
    assert out.mean().item() == pytest.approx(1, abs=0.02)


def test_stochastic_depth_is_the_papers_with_a_scaled_branch():
    """Huang et al.: H = ReLU(b f(x) + x) in training, ReLU(p f(x) + x) at test time; ours has f / p
    for f."""
    torch.manual_seed(0)
    p, x, f = 0.6, torch.randn(500, 3, 2, 2), nn.Conv2d(3, 3, 1)
    depth, branch = StochasticDepth(1 - p), p * f(x)  # our branch: theirs with p in its weights
    assert torch.equal(torch.relu(depth.eval()(branch) + x), torch.relu(p * f(x) + x))
    ours = torch.relu(depth.train()(branch) + x)
    kept, dropped = torch.relu(f(x) + x), torch.relu(x)
    is_kept = torch.isclose(ours, kept, atol=1e-6).flatten(1).all(1)
    is_dropped = torch.isclose(ours, dropped, atol=1e-6).flatten(1).all(1)
    assert (is_kept ^ is_dropped).all()
    assert is_kept.float().mean().item() == pytest.approx(p, abs=0.08)


def test_linear_decay_is_the_papers():
    L, p_last = 10, 0.5
    survival = [1 - drop for drop in linear_decay(L, 1 - p_last)]
    assert survival == pytest.approx([1 - block / L * (1 - p_last) for block in range(1, L + 1)])
    assert survival[-1] == p_last
    assert sum(survival) == pytest.approx((3 * L - 1) / 4)  # the paper's expected depth


@pytest.mark.parametrize("drop", [-0.1, 1.0])
def test_stochastic_depth_refuses_impossible_rates(drop):
    with pytest.raises(ValueError, match="expected 0 <= drop < 1"):
        StochasticDepth(drop)


def test_a_block_whose_branch_is_zero_is_a_relu():
    block = FactorisedBlock(4, dilation=2).eval()
    torch.nn.init.zeros_(block.branch[-1].weight)
    x = torch.randn(1, 4, 9, 9)
    assert torch.equal(block(x), torch.relu(x))


def test_a_dilated_block_reaches_as_far_as_it_says():
    block = FactorisedBlock(1, dilation=3).eval()
    for part in block.branch:
        if isinstance(part, torch.nn.Conv2d):
            torch.nn.init.ones_(part.weight)
    x = torch.zeros(1, 1, 15, 15)
    x[0, 0, 7, 7] = 1
    rows, columns = torch.nonzero(block(x)[0, 0], as_tuple=True)
    assert rows.min() == 4 and rows.max() == 10 and columns.min() == 4 and columns.max() == 10


def test_batch_norm_uses_the_batch_in_training_and_the_average_at_test_time():
    torch.manual_seed(0)
    part, x = ConvNormAct(2, 3), torch.randn(4, 2, 8, 8) + 5
    trained = part.train()(x)
    assert not torch.allclose(trained, part.eval()(x))
    one_alone = part.eval()(x[:1])
    assert torch.allclose(one_alone, part.eval()(x)[:1], atol=1e-6)
