"""Bytes to a network's input, and its answer to a mask of any size."""

import numpy as np
import pytest
import torch

from catseye.models.road import MEAN_RGB, STD_RGB, RoadConfig, RoadNet
from catseye.runtime.datasets.partial import PartialLabel
from catseye.training.road.prediction import network_input_from_bgr, predict_mask, scores_of


def test_any_size_is_padded_and_cropped():
    config = RoadConfig(
        widths=(4, 4, 4, 4), at_quarter=(1,), at_eighth=(1,), at_sixteenth=(1,), decoder=4
    )
    network = RoadNet(config).eval()
    with torch.no_grad():
        mask = predict_mask(network, np.zeros((37, 51, 3), np.uint8), torch.device("cpu"))
    assert mask.shape == (37, 51)


def test_network_input():
    blue = np.zeros((1, 2, 2, 3), np.uint8)
    blue[..., 0] = 255
    x = network_input_from_bgr(blue)
    assert x.shape == (1, 3, 2, 2)
    assert x[0, :, 0, 0].tolist() == pytest.approx(
        [-0.485 / 0.229, -0.456 / 0.224, (1 - 0.406) / 0.225]
    )


def test_network_input_is_its_formula_to_the_bit():
    images = np.random.default_rng(0).integers(0, 256, (2, 5, 7, 3)).astype(np.uint8)
    for bgr in (images, images[:, ::-1, 1:, ::-1]):
        rgb = torch.from_numpy(bgr[..., ::-1].copy()).float() / 255
        expected = ((rgb - torch.tensor(MEAN_RGB)) / torch.tensor(STD_RGB)).permute(0, 3, 1, 2)
        assert torch.equal(network_input_from_bgr(bgr), expected)


def test_scores_of_a_network_that_says_one_thing():
    class Says(torch.nn.Module):
        stride = 4

        def forward(self, x):
            return torch.eye(3)[1].reshape(1, 3, 1, 1).expand(1, 3, *x.shape[2:])

    truth = np.array([[0, 1, 1, 3]], np.uint8).repeat(4, 0)
    frames = [(np.zeros((4, 4, 3), np.uint8), truth)]
    labels = (PartialLabel((1,), True),)
    scores = scores_of(Says(), frames, "abc", torch.device("cpu"), labels)
    assert scores.recall()[:2].tolist() == [0, 1] and scores.false_alarms() == 1
