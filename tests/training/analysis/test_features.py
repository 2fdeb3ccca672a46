"""Pieces that excite a feature map most, where they are known; and the filters of the shipped
networks."""

import numpy as np
import pytest
import torch
from torch import nn

from catseye.training.analysis.features import (
    LENET_EYE,
    ROAD_EYE,
    coherence,
    divergence_curve,
    filters_of_zoo,
    strongest_pieces,
)


@pytest.mark.parametrize(
    "eye, layers",
    [
        (LENET_EYE, [nn.Conv2d(1, 1, 5), nn.MaxPool2d(2), nn.Conv2d(1, 1, 5)]),
        (
            ROAD_EYE,
            [nn.Conv2d(1, 1, 3, stride, padding=1) for stride in (2, 1, 2, 1)],
        ),
    ],
)
def test_an_eye_covers_what_a_position_depends_on(eye, layers):
    network = nn.Sequential(*layers)
    x = torch.rand(1, 1, 96, 96, requires_grad=True)
    network(x)[0, 0, 8, 9].backward()
    rows, columns = (torch.nonzero(x.grad[0, 0].abs().sum(axis)).ravel() for axis in (1, 0))
    for seen, at in (rows, 8), (columns, 9):
        first = eye.step * at + eye.first
        # max-pooling picks one of two
        assert first <= seen[0] <= first + 1 and first + eye.side - 2 <= seen[-1] < first + eye.side


def test_the_strongest_pieces_are_found():
    images = np.zeros((3, 32, 32), np.uint8)
    images[1, 10:24, 4:18] = 100  # what position (5, 2) sees
    maps = np.zeros((3, 1, 10, 10), np.float32)
    maps[1, 0, 5, 2], maps[2, 0, 0, 0] = 5, 3
    pieces = strongest_pieces(images, maps, LENET_EYE, 2)
    assert pieces.shape == (1, 2, 14, 14) and (pieces[0, 0] == 100).all() and not pieces[0, 1].any()


def test_pieces_that_stick_out_of_the_picture_do_not_count():
    images = np.zeros((1, 64, 64, 3), np.uint8)
    maps = np.zeros((1, 1, 16, 16), np.float32)
    maps[0, 0, 0, 0], maps[0, 0, 8, 8] = 9, 1
    images[0, 32, 32] = 200
    assert strongest_pieces(images, maps, ROAD_EYE, 1)[0, 0, 9, 9].tolist() == [200, 200, 200]


def test_filters_of_the_shipped_networks():
    best = filters_of_zoo("autoencoder")
    assert best.shape == (100, 10, 10) and np.allclose((best**2).sum((1, 2)), 1, atol=1e-5)
    assert filters_of_zoo("digits").shape == (4, 5, 5) and filters_of_zoo("road").shape == (
        32,
        3,
        3,
        3,
    )


def test_the_divergence_is_least_at_rho():
    rho_hat, divergence = divergence_curve()
    assert rho_hat[divergence.argmin()] == pytest.approx(0.2)


def test_coherence_tells_a_grating_and_its_direction_from_noise():
    y, x = np.mgrid[:10, :10]
    tilted = np.sin(0.8 * (x * np.cos(1.0) + y * np.sin(1.0)))
    noise = np.random.RandomState(0).normal(size=(200, 10, 10))
    found, angle = coherence(np.stack([tilted, x.astype(float)]))
    assert (
        found[0] > 0.95
        and found[1] == pytest.approx(1)
        and angle == pytest.approx([1.0, 0.0], abs=0.05)
    )
    assert np.median(coherence(noise)[0]) < 0.3
