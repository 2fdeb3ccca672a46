"""LeNet with one part changed at a time, and a deep residual net of LeNet's price: what the
ablations train.

The changes are those that the lecture names: dropout, first filter 5, 12 or 15, pooling none, 2x2
or 4x4, batch normalisation, weights that are not shared, global pooling instead of fully connected
layers, stochastic depth. A wide first filter or a wide pooling leaves 6 to 54 features of LeNet's
150, on which dropout 0.5 is another change of its own: so each comes without dropout and with as
many maps as make about 150 features again, too.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import unfold

from catseye.models.parts import ConvNormAct, FactorisedBlock, linear_decay
from catseye.runtime.tasks.digit_form import SIDE

BLOCKS, LAST_DROP = 8, 0.5  # the paper's p_L = 0.5


@dataclass(frozen=True, kw_only=True)
class Change:
    """The defaults are the lecture's LeNet.  maps: of the second convolution.  shared: False gives
    every position a filter of its own.  global_pooling: the mean of every map and one linear layer
    instead of 150 -> 128 -> 10.
    """

    dropout: float = 0.5
    first_filter: int = 5
    pools: tuple[int, int] = (2, 2)
    maps: int = 6
    batch_norm: bool = False
    shared: bool = True
    global_pooling: bool = False


class LocallyConnected(nn.Module):
    """A convolution whose weights are not shared: (N, C, S, S) -> (N, C', S - size + 1, S - size +
    1)."""

    def __init__(self, channels_in: int, channels_out: int, size: int, side: int) -> None:
        super().__init__()
        self.size, self.side, inputs = size, side - size + 1, channels_in * size**2
        bound = inputs**-0.5  # as nn.Conv2d starts
        self.weight = nn.Parameter(
            torch.empty(self.side**2, channels_out, inputs).uniform_(-bound, bound)
        )
        self.bias = nn.Parameter(
            torch.empty(channels_out, self.side, self.side).uniform_(-bound, bound)
        )

    def forward(self, x: Tensor) -> Tensor:
        windows = unfold(x, self.size).permute(2, 1, 0)  # (positions, inputs, N)
        maps = (self.weight @ windows).permute(2, 1, 0)
        return maps.reshape(len(x), -1, self.side, self.side) + self.bias


def changed_lenet(change: Change) -> nn.Sequential:
    """(N, 1, 32, 32) float32 -> (N, 10) logits."""
    first, side = _stage(1, 4, change.first_filter, SIDE, change.pools[0], change)
    second, side = _stage(4, change.maps, 5, side, change.pools[1], change)
    if change.global_pooling:
        return nn.Sequential(
            *first, *second, nn.AvgPool2d(side), nn.Flatten(), nn.Linear(change.maps, 10)
        )
    return nn.Sequential(
        *first,
        *second,
        nn.Flatten(),
        nn.Dropout(change.dropout),
        nn.Linear(change.maps * side**2, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )


def _stage(
    channels_in: int, maps: int, size: int, side: int, pool: int, change: Change
) -> tuple[list[nn.Module], int]:
    """Convolution, ReLU, max-pooling, and the side of what comes out."""
    layers: list[nn.Module] = [
        (
            nn.Conv2d(channels_in, maps, size)
            if change.shared
            else LocallyConnected(channels_in, maps, size, side)
        )
    ]
    if change.batch_norm:
        layers.append(nn.BatchNorm2d(maps))
    return [*layers, nn.ReLU(), nn.MaxPool2d(pool)], (side - size + 1) // pool


def residual_net(drops: list[float]) -> nn.Sequential:
    """One residual block per entry of `drops`, at 8x8, and global pooling: (N, 1, 32, 32) -> (N,
    10) logits."""
    blocks = [FactorisedBlock(16, drop=drop) for drop in drops]
    return nn.Sequential(
        ConvNormAct(1, 16, size=5, stride=4),
        *blocks,
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 10),
    )


def _changed(**change: int | float | tuple[int, int]) -> Callable[[], nn.Module]:
    return lambda: changed_lenet(Change(**change))  # type: ignore[arg-type]


VARIANTS: dict[str, Callable[[], nn.Module]] = {
    "LeNet": _changed(),
    "no dropout": _changed(dropout=0.0),
    "batch normalisation": _changed(batch_norm=True),
    "weights not shared": _changed(shared=False),
    "first filter 12": _changed(first_filter=12),
    "filter 12, no dropout": _changed(first_filter=12, dropout=0.0),
    "filter 12, 17 maps": _changed(first_filter=12, maps=17),
    "first filter 15": _changed(first_filter=15),
    "filter 15, no dropout": _changed(first_filter=15, dropout=0.0),
    "filter 15, 38 maps": _changed(first_filter=15, maps=38),
    "no pooling": _changed(pools=(1, 1)),
    "pooling 4 first": _changed(pools=(4, 2)),
    "pooling 4, no dropout": _changed(pools=(4, 2), dropout=0.0),
    "pooling 4, 150 maps": _changed(pools=(4, 2), maps=150),
    "global pooling": _changed(global_pooling=True),
    "global pooling, 60 maps": _changed(global_pooling=True, maps=60),
    "residual net": lambda: residual_net([0.0] * BLOCKS),
    "residual, constant depth": lambda: residual_net([LAST_DROP] * BLOCKS),
    "residual, linear decay": lambda: residual_net(linear_decay(BLOCKS, LAST_DROP)),
}
