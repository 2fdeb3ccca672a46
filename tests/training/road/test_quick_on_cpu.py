"""Faster on a CPU: the same weights by the same names, and the same answers."""

import copy

import torch

from catseye.models.road import LITE_NANO, LiteRoadNet
from catseye.training.road.quick_on_cpu import quick_on_cpu


def test_names_and_answers_stay():
    torch.manual_seed(0)
    plain = LiteRoadNet(LITE_NANO).eval()
    quick = quick_on_cpu(copy.deepcopy(plain))
    x = torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        assert torch.allclose(quick(x), plain(x), atol=1e-4)
    assert list(quick.state_dict()) == list(plain.state_dict())
    assert plain.load_state_dict(quick.state_dict())


def test_wide_depthwise_convolutions_are_in_float32_under_autocast():
    convolution = torch.nn.Conv2d(4, 4, 5, padding=2, groups=4, bias=False)
    narrow = torch.nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False)
    network = copy.deepcopy(quick_on_cpu(torch.nn.Sequential(narrow, convolution)))
    with torch.autocast("cpu", torch.bfloat16):
        between = network[0](torch.randn(1, 4, 8, 8))
        assert between.dtype == torch.bfloat16 and network[1](between).dtype == torch.float32
