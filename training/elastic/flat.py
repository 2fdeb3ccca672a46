"""A recipe's network as one flat vector of weights, which is all that the rules know of it."""

import torch
from torch import Tensor, nn

from catseye.training.devices import has_bfloat16
from catseye.training.recipes.recipe import Recipe


class FlatNetwork:
    """The weights that are learned, and apart from them the statistics that batch normalisation
    counts along."""

    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        self.recipe, self.device = recipe, device
        self.network = recipe.network.to(device).train()
        self.mixed = recipe.mixed_precision and has_bfloat16(device)
        self._weights = [weight for weight in self.network.parameters() if weight.requires_grad]
        self._statistics = [
            buffer for buffer in self.network.buffers() if buffer.is_floating_point()
        ]
        self._decay = _flat(
            [torch.full_like(w, recipe.weight_decay if w.ndim > 1 else 0.0) for w in self._weights]
        )
        self.loss = 0.0  # of the last batch

    def weights(self) -> Tensor:
        """(n,) float32."""
        return _flat(self._weights)

    def statistics(self) -> Tensor:
        """(m,) float32; m is 0 without batch normalisation."""
        return _flat(self._statistics)

    def set_weights(self, x: Tensor) -> None:
        _fill(self._weights, x)

    def set_statistics(self, values: Tensor) -> None:
        _fill(self._statistics, values)

    def gradient(self, x: Tensor, batch: tuple[Tensor, ...]) -> Tensor:
        """(n,): of the recipe's loss at x, plus its weight decay times x (biases and scales have
        none)."""
        self.set_weights(x)
        self.network.zero_grad()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.mixed):
            loss = self.recipe.loss(self.network, tuple(part.to(self.device) for part in batch))
        loss.backward()
        self.loss = loss.item()
        return _flat([_gradient_of(weight) for weight in self._weights]) + self._decay * x


def _gradient_of(weight: nn.Parameter) -> Tensor:
    return torch.zeros_like(weight) if weight.grad is None else weight.grad


def _flat(tensors: list[Tensor] | list[nn.Parameter]) -> Tensor:
    return (
        torch.cat([tensor.detach().reshape(-1) for tensor in tensors])
        if tensors
        else torch.zeros(0)
    )


@torch.no_grad()
def _fill(tensors: list[Tensor] | list[nn.Parameter], values: Tensor) -> None:
    for tensor, part in zip(tensors, values.split([tensor.numel() for tensor in tensors])):
        tensor.copy_(part.view_as(tensor))
