"""Pictures of digits as the shipped LeNet sees them: the space in which samples of a generator are
compared with data.

The Frechet LeNet distance takes its form from the Frechet inception distance (Heusel et al. 2017),
but its features are the 128 ReLU units before the answer of the zoo's `digits` network, so its
numbers compare with no other paper's:

    ||mu_a - mu_b||^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2))

Knows pictures and LeNet; nothing of generators.
"""

import math
from typing import NamedTuple, cast

import torch
from torch import Tensor
from torch.nn.functional import normalize

from catseye.models.checkpoint import load_shipped
from catseye.models.lenet import LeNet

BATCH = 1000
COLLAPSED = 0.5  # of the data's classes or of its variety: less is a collapse


class Seen(NamedTuple):
    """A set of pictures in LeNet's eyes. mean: (128,), covariance: (128, 128) float64 of the
    features.

    classes: the exponential of the entropy of the predicted classes, 1-10: over how many of them
    the set is spread. variety: mean cosine distance between the features of two pictures of one
    predicted class; 0: all are the same. sure: mean probability of the predicted class.
    """

    mean: Tensor
    covariance: Tensor
    classes: float
    variety: float
    sure: float


class Likeness(NamedTuple):
    """How far pictures are like the data. frechet_lenet: the distance.  classes, sure: as in Seen.
    variety: over that of the data."""

    frechet_lenet: float
    classes: float
    variety: float
    sure: float


class LenetSpace:
    """The eyes: the zoo's `digits` network, cut before its last layer."""

    def __init__(self) -> None:
        self.network = cast(LeNet, load_shipped("digits", "digits"))

    @torch.no_grad()
    def seen(self, pictures: Tensor) -> Seen:
        """What LeNet makes of (N, 32, 32) float32 in 0..1, N > 1."""
        hidden, answer = self.network.classify[:-1], self.network.classify[-1]
        features = torch.cat(
            [hidden(self.network.features(some[:, None])) for some in pictures.split(BATCH)]
        )
        sure, classes = answer(features).softmax(1).max(1)
        shares = torch.bincount(classes, minlength=10) / len(pictures)
        entropy = float(torch.special.entr(shares).sum())
        features = features.double()
        return Seen(
            features.mean(0),
            features.T.cov(),
            math.exp(entropy),
            variety(features, classes),
            float(sure.mean()),
        )


def variety(features: Tensor, classes: Tensor) -> float:
    """Of (N, 128) features in (N,) classes: 1 - ||mean of a class's features at length 1||^2, mean
    over N."""
    directions = normalize(features)
    alike = [directions[classes == each].mean(0).square().sum() for each in classes.unique()]
    return 1 - float(
        torch.stack(alike) @ (classes.unique(return_counts=True)[1] / len(classes)).double()
    )


def frechet(one: Seen, other: Seen) -> float:
    """The Frechet distance (squared, as usual) between the normal distributions of two sets'
    features."""
    # C_a C_b is similar to a positive semi-definite matrix, so its root's trace is the sum of its
    # eigenvalues' roots
    eigenvalues = torch.linalg.eigvals(one.covariance @ other.covariance).real.clamp_min(0)
    cross = eigenvalues.sqrt().sum()
    apart = (one.mean - other.mean).square().sum()
    return float(apart + one.covariance.trace() + other.covariance.trace() - 2 * cross)


def likeness(pictures: Seen, data: Seen) -> Likeness:
    return Likeness(
        frechet_lenet=frechet(pictures, data),
        classes=pictures.classes,
        variety=pictures.variety / data.variety,
        sure=pictures.sure,
    )


def collapse(samples: Seen, data: Seen) -> str:
    """What is missing in the samples that the data has, in words; "" for a healthy set."""
    if samples.classes < COLLAPSED * data.classes:
        return (
            f"collapse: samples fall into {samples.classes:.1f} classes, the data into"
            f" {data.classes:.1f}"
        )
    if samples.variety < COLLAPSED * data.variety:
        return (
            f"collapse: samples of a class have {samples.variety / data.variety:.0%} of the data's"
            " variety"
        )
    return ""
