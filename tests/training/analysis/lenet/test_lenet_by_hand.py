import numpy as np
import torch

from catseye.models.lenet import LeNet
from catseye.training.analysis.lenet.lenet_by_hand import BY_FORMULA, Counted, lenet_by_hand


def test_lenet_by_sums_is_torchs_and_costs_what_the_lecture_says():
    torch.manual_seed(0)
    network = LeNet().eval().double()
    digit = torch.rand(1, 1, 32, 32, dtype=torch.float64)
    logits, multiplies = lenet_by_hand(network, digit[0].numpy())
    np.testing.assert_allclose(logits, network(digit)[0].detach().numpy(), atol=1e-12)
    assert multiplies == BY_FORMULA
    assert list(multiplies.values()) == [78_400, 60_000, 19_200, 1_280]


def test_counted_counts_products_and_not_sums():
    Counted.multiplies = 0
    assert (Counted(2) * 3 + 1) * Counted(4) == 28 and Counted.multiplies == 2
