"""LeNet's eyes: the Frechet distance against SciPy's matrix root, and collapses that are made on
purpose."""

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from catseye.training.recipes.gan import pictures_of
from catseye.training.recipes.lenet_space import LenetSpace, Seen, collapse, frechet, variety


@pytest.fixture(scope="module")
def space() -> LenetSpace:
    return LenetSpace()


@pytest.fixture(scope="module")
def digits() -> torch.Tensor:
    return pictures_of("demo", "train")


def a_set(seed: int, features: int = 6) -> Seen:
    random = torch.Generator().manual_seed(seed)
    x = torch.randn(50, features, generator=random, dtype=torch.float64) @ torch.randn(
        features, features, generator=random, dtype=torch.float64
    )
    return Seen(x.mean(0), x.T.cov(), 10.0, 0.5, 1.0)


def test_frechet_is_its_formula():
    one, other = a_set(1), a_set(2)
    a, b = one.covariance.numpy(), other.covariance.numpy()
    expected = ((one.mean - other.mean).numpy() ** 2).sum() + np.trace(
        a + b - 2 * sqrtm(a @ b).real
    )
    assert frechet(one, other) == pytest.approx(expected, rel=1e-6)
    assert frechet(one, other) == pytest.approx(frechet(other, one), rel=1e-6)
    assert frechet(one, one) == pytest.approx(0, abs=1e-5)


def test_the_features_are_the_128_before_the_answer(space, digits):
    with torch.no_grad():
        hidden = space.network.classify[2](
            space.network.classify[1](space.network.features(digits[:40, None]))
        )
        probabilities = space.network(digits[:40, None]).softmax(1)
    seen = space.seen(digits[:40])
    assert torch.allclose(seen.mean, hidden.double().mean(0), atol=1e-5)
    assert np.allclose(seen.covariance, np.cov(hidden.double().numpy().T), atol=1e-4)
    assert seen.sure == pytest.approx(float(probabilities.max(1).values.mean()), abs=1e-5)
    shares = np.bincount(probabilities.argmax(1), minlength=10) / 40
    assert seen.classes == pytest.approx(np.exp(-sum(p * np.log(p) for p in shares if p)), abs=1e-4)


def test_digits_are_near_digits_and_noise_is_far(space, digits):
    truth = space.seen(pictures_of("demo", "val"))
    near, far = (
        frechet(space.seen(digits), truth),
        frechet(space.seen(torch.rand(500, 32, 32)), truth),
    )
    assert 0 < near < far / 5


def test_a_collapse_is_said(space, digits):
    truth = space.seen(digits)
    assert collapse(truth, truth) == ""
    assert "classes" in collapse(space.seen(digits[:1].repeat(100, 1, 1)), truth)
    labels = space.network(digits[:, None]).argmax(1)
    one_each = torch.stack([digits[labels == label][0] for label in range(10)])
    assert "variety" in collapse(space.seen(one_each.repeat(20, 1, 1)), truth)


def test_variety_is_the_mean_cosine_distance_within_a_class():
    random = torch.Generator().manual_seed(0)
    features, classes = (
        torch.randn(9, 4, generator=random).double(),
        torch.tensor([0, 1, 1, 3, 3, 3, 3, 1, 0]),
    )
    means = []
    for one, its_class in zip(features, classes):
        others = features[classes == its_class]
        means.append(
            np.mean([1 - float(one @ other / one.norm() / other.norm()) for other in others])
        )
    assert variety(features, classes) == pytest.approx(np.mean(means), abs=1e-6)
