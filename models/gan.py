"""A generative adversarial pair (Goodfellow et al., NIPS 2014): multilayer perceptrons for pictures
of 32x32.

G makes a picture of noise z, uniform in -1..1; D gives the logit of its probability that a picture
came from the data rather than from G. They play min_G max_D V(D, G), with

    V(D, G) = E_x log D(x) + E_z log(1 - D(G(z)))

Knows the pair and its game on logits; how the two take turns stands in training/recipes/gan.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from catseye.runtime.tasks.digit_form import SIDE

SLOPE = 0.2  # of D's leaky ReLU below zero: a unit that is off still passes a gradient on to G


@dataclass(frozen=True)
class GanConfig:
    """latent: numbers in z.  generator, discriminator: hidden widths.  dropout: share of D's hidden
    units dropped.

    pieces: linear pieces of each of D's maxout units; 0: leaky ReLU instead.
    """

    latent: int = 64
    generator: tuple[int, ...] = (256, 256)
    discriminator: tuple[int, ...] = (256, 128)
    dropout: float = 0.3
    pieces: int = 0


class Maxout(nn.Module):
    """(N, n) -> (N, m): h_i = max_j (w_ij x + b_ij), the largest of `pieces` linear functions
    (Goodfellow 2013)."""

    def __init__(self, inputs: int, units: int, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces
        self.linear = nn.Linear(inputs, units * pieces)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x).unflatten(1, (-1, self.pieces)).amax(2)


class Generator(nn.Module):
    """(N, latent) float32 z -> (N, 32, 32) float32 in 0..1: ReLU layers with batch normalisation,
    then a sigmoid."""

    def __init__(self, latent: int, hidden: Sequence[int]) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, units in zip((latent, *hidden), hidden):
            layers += [nn.Linear(inputs, units), nn.BatchNorm1d(units), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Linear(hidden[-1], SIDE * SIDE), nn.Sigmoid())

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z).reshape(-1, SIDE, SIDE)


class Discriminator(nn.Module):
    """(N, 32, 32) float32 in 0..1 -> (N,) float32 logits of "from the data": maxout or leaky ReLU,
    with dropout."""

    def __init__(self, hidden: Sequence[int], dropout: float, pieces: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, units in zip((SIDE * SIDE, *hidden), hidden):
            layers += (
                [Maxout(inputs, units, pieces)]
                if pieces
                else [nn.Linear(inputs, units), nn.LeakyReLU(SLOPE)]
            )
            layers += [nn.Dropout(dropout)]
        self.layers = nn.Sequential(*layers, nn.Linear(hidden[-1], 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x.flatten(1)).squeeze(1)


class Gan(nn.Module):
    """Both players; as a network it is G: (N, latent) z -> (N, 32, 32) pictures."""

    def __init__(self, config: GanConfig = GanConfig()) -> None:
        super().__init__()
        self.config = config
        self.generator = Generator(config.latent, config.generator)
        self.discriminator = Discriminator(config.discriminator, config.dropout, config.pieces)

    def forward(self, z: Tensor) -> Tensor:
        return self.generator(z)


def noise(number: int, latent: int, random: torch.Generator | None = None) -> Tensor:
    """(number, latent) float32, uniform in -1..1: the prior p_z."""
    return torch.rand(number, latent, generator=random) * 2 - 1


def value(of_data: Tensor, of_fakes: Tensor) -> Tensor:
    """V from D's logits of m examples and of m samples of G; D ascends it."""
    return logsigmoid(of_data).mean() + logsigmoid(-of_fakes).mean()  # 1 - D = sigmoid(-logit)


def generator_loss(of_fakes: Tensor, saturating: bool = False) -> Tensor:
    """What G descends, from D's logits of its samples: -log D(G(z)), or the minimax game's own
    log(1 - D(G(z))).

    The second saturates: its derivative by the logit is -D(G(z)), nothing where D is sure; that of
    the first is D - 1.
    """
    return logsigmoid(-of_fakes).mean() if saturating else -logsigmoid(of_fakes).mean()
