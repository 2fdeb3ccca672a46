"""LeNet's filters and poolings, with their gradients, as a few large matrix products: two thirds of
the time that torch's own take on a CPU, where four filters are too few for its convolutions;
nothing changes but the rounding.

The examples of a batch lie innermost in memory. A product takes the picture in overlapping tiles,
each of which holds the field of some neighbours in the pooled map:

    four places of the pooling x filters, from a tile  =  placed filters @ pixels of a tile

and pooling is then the largest of four whole blocks. Knows LeNet's features alone.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

FILTER, POOL = 5, 2
FIELD = FILTER + POOL - 1  # side of what one number of a pooled map sees
MOST = 2  # numbers of the pooled map to a tile


def quick_on_cpu(features: nn.Sequential) -> None:
    """Let LeNet's `features` compute on a CPU as above; its weights and their names stay. For first
    gradients alone: second ones lack a part, in silence."""
    features.__class__ = _Features


class _Features(nn.Sequential):
    """(N, 1, 32, 32) float32 -> (N, 150)."""

    def forward(self, images: Tensor) -> Tensor:
        if images.device.type != "cpu":
            return super().forward(images)
        maps = images.permute(1, 2, 3, 0).contiguous()
        for layer in self:
            if isinstance(layer, nn.Conv2d):
                maps = _filtered_and_pooled(maps, layer)
        return maps.flatten(0, 2).T


def _filtered_and_pooled(maps: Tensor, layer: nn.Conv2d) -> Tensor:
    """(C, H, W, N) -> (filters, (H - 4) / 2, (W - 4) / 2, N), after ReLU."""
    assert layer.bias is not None
    wide = (maps.shape[2] - FILTER + 1) // POOL
    together = MOST if wide % MOST == 0 else 1
    placed = _placed(layer.weight, together)
    pooled = _PooledProduct.apply(maps, placed, together)  # (filters * together, high * tiles, N)
    pooled = pooled.unflatten(0, (-1, together)).unflatten(2, (-1, wide // together))
    maps = pooled.permute(0, 2, 3, 1, 4).flatten(2, 3)  # neighbours beside each other again
    return (maps + layer.bias[:, None, None, None]).relu_()


def _placed(filters: Tensor, together: int) -> Tensor:
    """(F, C, 5, 5) -> (4 * F * together, C * 6 * width): each filter at all its places in a tile;
    rows by place in the pooling, filter, number in the tile."""
    room = POOL * together - 1  # to the right of a filter at the left
    places = [
        pad(filters, (x, room - x, y, POOL - 1 - y)) for y in range(POOL) for x in range(room + 1)
    ]
    stacked = torch.stack(places).unflatten(0, (POOL, together, POOL))  # y, number, x, F, C, 6, w
    return stacked.permute(0, 2, 3, 1, 4, 5, 6).flatten(4).flatten(0, 3)


class _PooledProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, maps: Tensor, placed: Tensor, together: int) -> Tensor:
        width, step = POOL * (together - 1) + FIELD, POOL * together
        tiles = maps.unfold(1, FIELD, POOL).unfold(2, width, step)  # C, high, tiles, N, 6, width
        pixels = tiles.permute(0, 4, 5, 1, 2, 3).reshape(placed.shape[1], -1)
        a, b, c, d = (placed @ pixels).unflatten(0, (POOL * POOL, -1)).unbind()
        upper, lower = torch.maximum(a, b), torch.maximum(c, d)
        ctx.save_for_backward(pixels, placed, b > a, d > c, lower > upper)
        ctx.shape, ctx.together = maps.shape, together
        return torch.maximum(upper, lower).unflatten(1, (-1, maps.shape[-1]))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, None]:
        pixels, placed, is_b, is_d, is_lower = ctx.saved_tensors
        whole = gradient.flatten(1)
        lower = whole * is_lower
        upper = whole - lower
        b, d = upper * is_b, lower * is_d
        four = torch.cat((upper - b, b, lower - d, d))
        to_maps = None
        if ctx.needs_input_grad[0]:
            to_maps = _summed(placed.T @ four, ctx.shape, ctx.together)
        return to_maps, four @ pixels.T, None


def _summed(tiles: Tensor, shape: tuple[int, ...], together: int) -> Tensor:
    """The tiles' pixels (C * 6 * width, high * tiles * N) added up where they overlap:
    (C, H, W, N)."""
    channels, high, wide, number = shape
    out = tiles.new_zeros(channels, high // POOL, POOL, wide // POOL, POOL, number)
    rows = high // POOL - FIELD // POOL + 1
    width = POOL * (together - 1) + FIELD
    columns = (wide - width) // (POOL * together) + 1
    parts = tiles.view(channels, FIELD // POOL, POOL, width // POOL, POOL, rows, columns, number)
    for y in range(FIELD // POOL):
        for x in range(width // POOL):
            there = out[:, y : y + rows, :, x : x + together * (columns - 1) + 1 : together]
            there += parts[:, y, :, x].permute(0, 3, 1, 4, 2, 5)
    return out.view(shape)
