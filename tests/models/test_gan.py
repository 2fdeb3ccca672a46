"""The adversarial pair: its game by hand formulas, maxout by loops, the ranges of what goes in and
comes out."""

import math

import pytest
import torch

from catseye.models.gan import Discriminator, Gan, GanConfig, Maxout, generator_loss, noise, value


@pytest.fixture
def logits() -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(0)
    return torch.randn(7, generator=random) * 3, torch.randn(5, generator=random) * 3


def probability(logit: torch.Tensor) -> float:
    return 1 / (1 + math.exp(-float(logit)))


def test_the_value_is_the_lectures_formula(logits):
    of_data, of_fakes = logits
    expected = sum(math.log(probability(a)) for a in of_data) / 7
    expected += sum(math.log(1 - probability(b)) for b in of_fakes) / 5
    assert float(value(of_data, of_fakes)) == pytest.approx(expected, abs=1e-6)


def test_a_discriminator_that_knows_nothing_has_minus_log_4():
    assert float(value(torch.zeros(3), torch.zeros(3))) == pytest.approx(-math.log(4))


def test_both_losses_are_the_lectures_formulas(logits):
    _, of_fakes = logits
    saturating = sum(math.log(1 - probability(b)) for b in of_fakes) / 5
    other = -sum(math.log(probability(b)) for b in of_fakes) / 5
    assert float(generator_loss(of_fakes, saturating=True)) == pytest.approx(saturating, abs=1e-6)
    assert float(generator_loss(of_fakes)) == pytest.approx(other, abs=1e-6)


@pytest.mark.parametrize("saturating", [True, False])
def test_the_pull_of_a_sure_discriminator(saturating):
    """d log(1 - D) = -D and -d log D = D - 1 by the logit: at D = 1e-4 one has gone, the other is
    whole."""
    logit = torch.tensor([math.log(1e-4 / (1 - 1e-4))], requires_grad=True)
    generator_loss(logit, saturating).backward()
    assert float(logit.grad) == pytest.approx(-1e-4 if saturating else 1e-4 - 1, rel=1e-3)


def test_losses_stay_finite_where_the_probability_is_0_or_1():
    extreme = torch.tensor([-200.0, 200.0])
    for loss in (value(extreme, extreme), generator_loss(extreme), generator_loss(extreme, True)):
        assert torch.isfinite(loss)


def test_maxout_is_the_largest_of_its_pieces():
    torch.manual_seed(1)
    layer, x = Maxout(3, 4, pieces=5), torch.randn(6, 3)
    found, (weight, bias) = layer(x).detach(), (part.detach() for part in layer.linear.parameters())
    assert found.shape == (6, 4)
    for sample in range(6):
        for unit in range(4):
            rows = range(unit * 5, unit * 5 + 5)
            pieces = [float(weight[row] @ x[sample] + bias[row]) for row in rows]
            assert float(found[sample, unit]) == pytest.approx(max(pieces), abs=1e-6)


@pytest.mark.parametrize("pieces", [0, 3])
def test_the_players_shapes_and_ranges(pieces):
    gan = Gan(GanConfig(latent=5, generator=(8, 6), discriminator=(7,), pieces=pieces)).eval()
    pictures = gan(noise(4, 5))
    assert pictures.shape == (4, 32, 32) and 0 <= pictures.min() and pictures.max() <= 1
    assert gan.discriminator(pictures).shape == (4,)
    assert any(isinstance(layer, Maxout) for layer in gan.discriminator.modules()) == bool(pieces)


def test_dropout_acts_in_training_only():
    player, x = Discriminator((50,), 0.5, 0), torch.rand(1, 32, 32)
    assert len({float(player(x)) for _ in range(5)}) > 1
    player.eval()
    assert len({float(player(x)) for _ in range(5)}) == 1


def test_noise_is_uniform_on_its_range():
    z = noise(20_000, 2, torch.Generator().manual_seed(0))
    assert z.min() >= -1 and z.max() <= 1
    assert torch.allclose(torch.histc(z, 4, -1, 1) / z.numel(), torch.full((4,), 0.25), atol=0.01)
