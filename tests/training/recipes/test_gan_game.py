"""Algorithm 1: who moves when, and that each moves its own way only."""

import itertools

import pytest
import torch
from torch import nn

from catseye.models.gan import generator_loss, value
from catseye.training.recipes.gan_game import Game, Step


def players() -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    return nn.Linear(2, 3), nn.Sequential(
        nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1), nn.Flatten(0)
    )


def weights(player: nn.Module) -> torch.Tensor:
    return torch.cat([weight.detach().flatten().clone() for weight in player.parameters()])


@pytest.mark.parametrize("k", [1, 2, 5])
def test_k_steps_of_d_then_one_of_g(k):
    game, moves = Game(*players(), latent=2, steps=k), []
    for name, optimizer in game.optimizers.items():
        optimizer.register_step_post_hook(lambda *_, name=name: moves.append(name))
    batches = itertools.count()
    examples = (torch.randn(8, 3) for _ in batches)
    for _ in range(3):
        game.iterate(examples)
    assert moves == (["d"] * k + ["g"]) * 3
    assert next(batches) == 3 * k  # every step of D saw a minibatch of its own


def test_each_player_moves_itself_alone():
    generator, discriminator = players()
    game = Game(generator, discriminator, latent=2)
    g, d = weights(generator), weights(discriminator)
    game.step_discriminator(torch.randn(8, 3))
    assert torch.equal(weights(generator), g) and not torch.equal(weights(discriminator), d)
    d = weights(discriminator)
    game.step_generator(8, torch.device("cpu"))
    assert torch.equal(weights(discriminator), d) and not torch.equal(weights(generator), g)


def test_the_discriminator_ascends_the_value():
    generator, discriminator = players()
    game, batch = Game(generator, discriminator, latent=2), torch.randn(8, 3)
    torch.manual_seed(3)
    fakes = generator(torch.rand(8, 2) * 2 - 1).detach()
    expected = torch.autograd.grad(
        value(discriminator(batch), discriminator(fakes)), list(discriminator.parameters())
    )
    before = [weight.detach().clone() for weight in discriminator.parameters()]
    torch.manual_seed(3)
    game.step_discriminator(batch)
    for weight, old, gradient in zip(discriminator.parameters(), before, expected):
        # momentum: nothing yet
        assert torch.allclose(weight, old + game.rate * gradient, atol=1e-6)


@pytest.mark.parametrize("saturating", [True, False])
def test_the_generator_descends_the_loss_asked_for(saturating):
    generator, discriminator = players()
    game = Game(generator, discriminator, latent=2, saturating=saturating)
    torch.manual_seed(3)
    of_fakes = discriminator(generator(torch.rand(8, 2) * 2 - 1))
    expected = torch.autograd.grad(
        generator_loss(of_fakes, saturating), list(generator.parameters())
    )
    before = [weight.detach().clone() for weight in generator.parameters()]
    torch.manual_seed(3)
    pull, norm = game.step_generator(8, torch.device("cpu"))
    for weight, old, gradient in zip(generator.parameters(), before, expected):
        assert torch.allclose(weight, old - game.rate * gradient, atol=1e-6)
    assert norm == pytest.approx(
        float(torch.cat([part.flatten() for part in expected]).norm()), rel=1e-5
    )
    belief = float(of_fakes.sigmoid().mean())
    assert pull == pytest.approx(belief if saturating else 1 - belief, abs=1e-6)


def test_the_second_step_has_momentum():
    generator, discriminator = players()
    game = Game(generator, discriminator, latent=2)
    assert game.optimizers["d"].param_groups[0]["momentum"] > 0
    game.scale_rates(0.5)
    assert game.optimizers["g"].param_groups[0]["lr"] == game.rate / 2


@pytest.mark.parametrize(
    "step, said",
    [
        (Step(value=-0.01, right=0.999, pull=0.001, gradient=1e-4), True),
        # the other loss, just as sure a D
        (Step(value=-0.01, right=0.999, pull=0.9, gradient=2.0), False),
        (Step(value=-1.3, right=0.6, pull=0.04, gradient=0.1), False),  # a D that is not sure
    ],
)
def test_saturation_is_said(step, said):
    assert step.saturated.startswith("saturation") == said
