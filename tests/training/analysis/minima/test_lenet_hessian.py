"""LeNet's Hessian by its formula, against products by double back-propagation."""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from catseye.models.lenet import LeNet
from catseye.training.analysis.minima import lenet_hessian as module
from catseye.training.analysis.minima.lenet_hessian import lenet_hessian
from catseye.training.analysis.minima.spectrum import Hessian


def test_it_is_the_hessian(monkeypatch):
    """Two symmetric matrices that agree on more random vectors than their difference could hide
    from are one."""
    monkeypatch.setattr(module, "CHUNK", 5)  # several chunks, the last one smaller
    torch.manual_seed(0)
    network = LeNet().double().eval()
    network.classify[1], network.classify[3] = nn.Linear(150, 5).double(), nn.Linear(5, 10).double()
    x, labels = torch.rand(7, 1, 32, 32, dtype=torch.float64), torch.randint(10, (7,))
    found = lenet_hessian(network, x, labels)
    assert found.dtype == np.float32 and np.allclose(found, found.T, atol=1e-8)

    expected = Hessian(cross_entropy(network(x), labels), list(network.parameters()))
    for v in torch.randn(5, len(expected), dtype=torch.float64):
        assert np.allclose(found @ v.numpy(), expected.product(v).numpy(), atol=1e-6)
    conv, hidden = 710, 5 * 151
    corners = (
        found[conv : conv + hidden, conv : conv + hidden],
        found[conv + hidden :, conv + hidden :],
    )
    # no block is compared as zero with zero
    assert all(np.abs(corner).max() > 1e-4 for corner in corners)
