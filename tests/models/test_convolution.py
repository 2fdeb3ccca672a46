"""The lecture's sums against torch, which correlates: the filter has to be turned round."""

import numpy as np
import pytest
import torch
from torch.nn.functional import conv1d, conv2d, max_pool2d

from catseye.models.convolution import (
    convolution_multiplies,
    convolve_1d,
    convolve_2d,
    feature_maps,
    max_pool,
)


@pytest.fixture
def random():
    return np.random.default_rng(0)


def torch_of(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))[None]


def test_convolution_by_a_known_answer():
    # (1 + 2x + 3x²)(x + 10x²)
    assert convolve_1d(np.array([1, 2, 3]), np.array([0, 1, 10])).tolist() == [0, 1, 12, 23, 30]


def test_1d_torch_correlates(random):
    f, g = random.normal(size=9), random.normal(size=4)
    expected = conv1d(torch_of(f[None]), torch_of(g[None, ::-1]), padding=3)[0, 0].numpy()
    np.testing.assert_allclose(convolve_1d(f, g), expected, atol=1e-14)
    # the lecture's two sums
    np.testing.assert_allclose(convolve_1d(f, g), convolve_1d(g, f), atol=1e-14)
    assert (
        np.abs(
            convolve_1d(f, g)
            - conv1d(torch_of(f[None]), torch_of(g[None]), padding=3)[0, 0].numpy()
        ).max()
        > 0.1
    )


def test_2d_is_the_double_sum_where_the_filter_fits(random):
    f, g = random.normal(size=(6, 7)), random.normal(size=(3, 2))
    found = convolve_2d(f, g)
    assert found.shape == (4, 6)
    for m, n in np.ndindex(found.shape):  # the filter fits from (2, 1) on
        total = sum(
            f[u, v] * g[m + 2 - u, n + 1 - v]
            for u in range(6)
            for v in range(7)
            if 0 <= m + 2 - u < 3 and 0 <= n + 1 - v < 2
        )
        assert found[m, n] == pytest.approx(total)
    turned = conv2d(torch_of(f[None]), torch_of(g[None, ::-1, ::-1]))[0, 0].numpy()
    np.testing.assert_allclose(found, turned, atol=1e-14)
    assert np.abs(found - conv2d(torch_of(f[None]), torch_of(g[None]))[0, 0].numpy()).max() > 0.1


def test_feature_maps_are_torchs_with_turned_filters(random):
    x, w, b = random.normal(size=(4, 5, 6)), random.normal(size=(2, 4, 2, 2)), random.normal(size=2)
    # the lecture's picture: four source maps, two of 2x2 filters
    found = feature_maps(x, w, b, np.tanh)
    expected = (
        conv2d(torch_of(x), torch.from_numpy(w[:, :, ::-1, ::-1].copy()), torch.from_numpy(b))
        .tanh()[0]
        .numpy()
    )
    assert found.shape == (2, 4, 5)
    np.testing.assert_allclose(found, expected, atol=1e-14)


def test_max_pool_is_torchs(random):
    x = random.normal(size=(3, 7, 9))
    np.testing.assert_array_equal(max_pool(x, 2), max_pool2d(torch_of(x), 2)[0].numpy())


@pytest.mark.parametrize(
    ("maps", "size", "multiplies"), [((1, 4), (32, 32), 78_400), ((4, 6), (14, 14), 60_000)]
)
def test_the_lectures_cost_of_lenet(maps, size, multiplies):
    assert convolution_multiplies(*maps, size, (5, 5)) == multiplies
