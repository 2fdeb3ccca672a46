"""SOAP: Adam in the eigenbasis of Shampoo's preconditioner (Vyas et al. 2024, arXiv 2409.11321).

For a weight W (m, n) with gradient G, running means L of G G^T and R of G^T G have eigenvectors Q_L
and Q_R, and a step is

    M <- b1 M + (1 - b1) G,   V <- b2 V + (1 - b2) (Q_L^T G Q_R)^2,
    W <- W - rate Q_L ((Q_L^T M Q_R) / sqrt(V)) Q_R^T,

with Adam's correction for the first steps. Where inputs are strongly correlated, as the pixels of a
patch are, it takes far fewer steps than Adam. The bases are brought up to date every EVERY steps by
one round of the QR algorithm. Filters are matrices with a row to each; vectors take Adam's step.
Knows weights and gradients alone.
"""

import math
from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

BETAS = 0.95, 0.97
EVERY = 20
LEAST = 1e-12  # added to sqrt(V)


class Soap(torch.optim.Optimizer):
    """`step(closure)` takes one step; the closure gives the loss and leaves the gradients."""

    def __init__(self, params: ParamsT, lr: float) -> None:
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Any = None) -> float:  # type: ignore[override]
        """One step of every weight that has a gradient; the loss, 0 without a closure."""
        loss = 0.0 if closure is None else float(torch.enable_grad()(closure)())
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    gradient = weight.grad.flatten(1) if weight.ndim > 2 else weight.grad
                    direction = _direction(gradient, self.state[weight])
                    weight.add_(direction.reshape(weight.shape), alpha=-group["lr"])
        return loss


def _direction(gradient: Tensor, state: dict[str, Any]) -> Tensor:
    """What the rate is multiplied by; brings `state` up to date."""
    turned = gradient.ndim == 2
    if not state:
        state.update(steps=0, mean=torch.zeros_like(gradient), square=torch.zeros_like(gradient))
        if turned:
            state.update(left=gradient @ gradient.T, right=gradient.T @ gradient)
            state.update(
                left_basis=torch.linalg.eigh(state["left"])[1],
                right_basis=torch.linalg.eigh(state["right"])[1],
            )
    b1, b2 = BETAS
    state["steps"] += 1
    state["mean"].lerp_(gradient, 1 - b1)
    correction = math.sqrt(1 - b2 ** state["steps"]) / (1 - b1 ** state["steps"])
    seen, mean = gradient, state["mean"]
    if turned:
        back, forth = state["left_basis"].T, state["right_basis"]
        seen, mean = back @ gradient @ forth, back @ mean @ forth
    state["square"].mul_(b2).addcmul_(seen, seen, value=1 - b2)
    direction = correction * mean / (state["square"].sqrt() + LEAST)
    if not turned:
        return direction
    direction = back.T @ direction @ forth.T
    state["left"].lerp_(gradient @ gradient.T, 1 - b1)
    state["right"].lerp_(gradient.T @ gradient, 1 - b1)
    if state["steps"] % EVERY == 0:
        _turn(state, "left", 0)
        _turn(state, "right", 1)
    return direction


def _turn(state: dict[str, Any], side: str, dim: int) -> None:
    """One round of the QR algorithm, its columns by falling eigenvalue; the squares go with
    them."""
    matrix, basis = state[side], state[side + "_basis"]
    order = (basis * (matrix @ basis)).sum(0).argsort(descending=True)
    state["square"] = state["square"].index_select(dim, order)
    state[side + "_basis"] = torch.linalg.qr(matrix @ basis[:, order])[0]
