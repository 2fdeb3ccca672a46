"""One iteration of the adversarial game (Algorithm 1 of Goodfellow et al., NIPS 2014), on whatever
pair of players.

for k steps: minibatches of m noise samples and m examples, D ascends the gradient of V;
then:        a minibatch of m noise samples, G descends the gradient of its loss.

Knows the two players and their optimizers; not where examples come from, nor what they show.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from catseye.models.gan import generator_loss, noise, value

RATES = {"sgd": 0.1, "adamw": 4e-4}
MOMENTUM, BETAS = 0.5, (0.5, 0.999)
# saturated: D is right at least this often and pulls at G's samples no more than this
SURE, NO_PULL = 0.98, 0.05


class Step(NamedTuple):
    """What one iteration came to, or the mean of many. value: V; right: share of D's right answers,
    at 1/2.

    pull: mean |d loss_G / d logit|, 0-1: how hard D pulls at G's samples.  gradient: norm of the
    gradient of theta_g.
    """

    value: float
    right: float
    pull: float
    gradient: float

    @property
    def saturated(self) -> str:
        """The words for a generator that a too good discriminator teaches nothing; "" for one that
        learns."""
        if self.right < SURE or self.pull > NO_PULL:
            return ""
        return (
            f"saturation: D is right on {self.right:.1%} and pulls at G with {self.pull:.4f} of 1, "
            f"gradient norm {self.gradient:.2g}"
        )


class Game:
    """Two players, their optimizers and the rules: how many steps D takes for one of G, and what G
    descends."""

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        latent: int,
        optimizer: str = "sgd",
        *,
        steps: int = 1,
        saturating: bool = False,
    ) -> None:
        """generator: (m, latent) z -> samples; discriminator: samples -> (m,) logits.  optimizer: a
        key of RATES."""
        self.generator, self.discriminator, self.latent = generator, discriminator, latent
        self.rate, self.steps, self.saturating = RATES[optimizer], steps, saturating
        self.optimizers = {
            "d": _optimizer(discriminator, optimizer),
            "g": _optimizer(generator, optimizer),
        }

    def scale_rates(self, factor: float) -> None:
        """Set both learning rates to `factor` of the first ones."""
        for optimizer in self.optimizers.values():
            optimizer.param_groups[0]["lr"] = self.rate * factor

    def iterate(self, examples: Iterator[Tensor]) -> Step:
        """One iteration of Algorithm 1; takes `steps` minibatches (m, ...) from `examples`."""
        for _ in range(self.steps):
            batch = next(examples)
            worth, right = self.step_discriminator(batch)
        pull, gradient = self.step_generator(len(batch), batch.device)
        return Step(worth, right, pull, gradient)

    def step_discriminator(self, batch: Tensor) -> tuple[float, float]:
        """Ascend V; V and the share of right answers before the step."""
        with torch.no_grad():
            fakes = self._samples(len(batch), batch.device)
        of_data, of_fakes = self.discriminator(torch.cat([batch, fakes])).split(len(batch))
        worth = value(of_data, of_fakes)
        self._descend(self.optimizers["d"], -worth)
        right = ((of_data > 0).float().mean() + (of_fakes < 0).float().mean()) / 2
        return worth.item(), right.item()

    def step_generator(self, number: int, device: torch.device) -> tuple[float, float]:
        """Descend G's loss on `number` samples; D's pull and the gradient's norm before the
        step."""
        of_fakes = self.discriminator(self._samples(number, device))
        self._descend(self.optimizers["g"], generator_loss(of_fakes, self.saturating))
        belief = of_fakes.detach().sigmoid().mean().item()
        return belief if self.saturating else 1 - belief, gradient_norm(self.generator)

    def _samples(self, number: int, device: torch.device) -> Tensor:
        return self.generator(noise(number, self.latent).to(device))

    @staticmethod
    def _descend(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def gradient_norm(network: nn.Module) -> float:
    """2-norm of the gradient of all weights."""
    gradients = [weight.grad for weight in network.parameters() if weight.grad is not None]
    return float(torch.nn.utils.get_total_norm(gradients))


def _optimizer(player: nn.Module, name: str) -> torch.optim.Optimizer:
    if name == "sgd":
        return torch.optim.SGD(player.parameters(), RATES[name], momentum=MOMENTUM)
    return torch.optim.AdamW(
        player.parameters(), RATES[name], betas=BETAS, weight_decay=0.0, fused=True
    )
