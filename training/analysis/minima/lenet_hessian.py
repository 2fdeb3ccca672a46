"""All of LeNet's Hessian, cheaper than a product for every row: the fully connected layers' block
by its formula.

With the flattened features a (and a 1 for the bias), hidden units h = relu(u), u = W_1 a, logits
s = W_2 h (and bias), p = softmax(s), A = diag(p) - p p^T the Hessian of the cross-entropy by s,
e = p - onehot(label) its gradient, and M = W_2 diag(u > 0) the Jacobian of s by u, the Hessian of
one sample's loss is (Bishop 1992, for ReLU, whose second derivative is 0):

    by W_1[j, k], W_1[i, l]   (M^T A M)[j, i] a_k a_l
    by W_1[j, k], W_2[c, i]   ((A M)[c, j] h_i + e_c [u_j > 0] [i = j]) a_k
    by W_2[c, i], W_2[d, j]   A[c, d] h_i h_j

The filters' rows, 710 of 21,328, are products by double back-propagation
(training/analysis/minima/spectrum.py).
"""

from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot, pad

from catseye.models.lenet import LeNet
from catseye.training.analysis.minima.spectrum import Hessian

CHUNK = 500  # samples whose products of weights and features are held at once


def lenet_hessian(network: LeNet, x: Tensor, labels: Tensor) -> np.ndarray:
    """(n, n) float32 of the mean cross-entropy on (N, 1, 32, 32) x with (N,) labels, in the order
    of `parameters()`.

    The network is in evaluation mode. Memory: 4 n^2 bytes, 1.8 GB for the lecture's n = 21,328.
    """
    filters = sum(weight.numel() for weight in network.features.parameters())
    rows = (
        Hessian(cross_entropy(network(x), labels), list(network.parameters())).rows(filters).numpy()
    )
    whole = np.zeros((rows.shape[1], rows.shape[1]), np.float32)
    whole[:filters] = rows
    whole[:, :filters] = rows.T
    whole[:filters, :filters] = (rows[:, :filters] + rows[:, :filters].T) / 2
    with torch.no_grad():
        add_head_hessian(whole[filters:, filters:], network, network.features(x).double(), labels)
    return whole


def add_head_hessian(block: np.ndarray, network: LeNet, features: Tensor, labels: Tensor) -> None:
    """Add to `block`, (m, m) float32, the Hessian by the two fully connected layers; features: (N,
    150) float64."""
    _, hidden, _, last = network.classify
    hidden, last = cast(nn.Linear, hidden), cast(nn.Linear, last)
    first_places = _places(hidden.weight, 0)
    last_places = _places(last.weight, first_places.size)
    for a, truth in zip(features.split(CHUNK), labels.split(CHUNK)):
        u = a @ hidden.weight.double().T + hidden.bias
        p = (u.relu() @ last.weight.double().T + last.bias).softmax(1)
        active = (u > 0).double()
        a, h = pad(a, (0, 1), value=1.0), pad(u.relu(), (0, 1), value=1.0)  # with the 1 of the bias
        # A, (N, 10, 10)
        curvature = (torch.diag_embed(p) - p[:, :, None] * p[:, None, :]) / len(features)
        slope = (p - one_hot(truth, p.shape[1])) / len(features)  # e, (N, 10)
        jacobian = last.weight.double() * active[:, None]  # M, (N, 10, 128)
        _add_last(block, last_places, curvature, h)
        for j, places in enumerate(first_places):
            by_logits = (curvature @ jacobian[:, :, j, None])[..., 0]  # column j of A M, (N, 10)
            _add_first(
                block, places, first_places[j:], (by_logits[:, None] @ jacobian[:, :, j:])[:, 0], a
            )
            by_last = by_logits[:, :, None] * h[:, None]  # (N, 10, 129)
            by_last[:, :, j] += slope * active[:, j, None]
            _add_both(block, places, last_places.ravel(), a.T @ by_last.flatten(1))


def _add_first(
    block: np.ndarray, places: np.ndarray, others: np.ndarray, weights: Tensor, a: Tensor
) -> None:
    """Between hidden unit j and the units from j on; weights: (N, units), their entries of M^T A
    M."""
    products = a.T @ (weights[:, :, None] * a[:, None]).flatten(1)  # (151, units * 151)
    own, later = products.split([len(places), products.shape[1] - len(places)], 1)
    block[np.ix_(places, places)] += own.numpy()
    _add_both(block, places, others[1:].ravel(), later)


def _add_last(block: np.ndarray, places: np.ndarray, curvature: Tensor, h: Tensor) -> None:
    """Between all weights of the last layer."""
    for c, rows in enumerate(places):
        products = h.T @ (curvature[:, c, :, None] * h[:, None]).flatten(1)  # (129, 10 * 129)
        block[np.ix_(rows, places.ravel())] += products.numpy()


def _add_both(block: np.ndarray, rows: np.ndarray, columns: np.ndarray, products: Tensor) -> None:
    """`products` where it stands and mirrored."""
    block[np.ix_(rows, columns)] += products.numpy()
    block[np.ix_(columns, rows)] += products.numpy().T


def _places(weight: Tensor, start: int) -> np.ndarray:
    """(units, inputs + 1): where the weights of each unit, and its bias after them, stand among all
    parameters."""
    units, inputs = weight.shape
    weights = start + np.arange(units * inputs).reshape(units, inputs)
    return np.column_stack([weights, start + units * inputs + np.arange(units)])
