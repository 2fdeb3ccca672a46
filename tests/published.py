"""Published weights at random, by the names and shapes of the package, and the encoder written out
over those names."""

import torch
from torch import Tensor
from torch.nn.functional import batch_norm, conv2d, pad, relu

from catseye.models.road.base import MEAN_RGB
from catseye.models.road.efficientnet import STEM, EncoderName, rows_of


def published_weights(name: EncoderName) -> dict[str, Tensor]:
    """Of all blocks down to 1/16."""
    torch.manual_seed(0)
    weights = {"_conv_stem.weight": torch.randn(STEM, 3, 3, 3) / 5, **_norm("_bn0", STEM)}
    channels, number = STEM, 0
    for row in rows_of(name):
        for _ in range(row.blocks):
            block, inner = f"_blocks.{number}", channels * row.expansion
            if row.expansion > 1:
                weights[f"{block}._expand_conv.weight"] = torch.randn(inner, channels, 1, 1) / 9
                weights |= _norm(f"{block}._bn0", inner)
            weights[f"{block}._depthwise_conv.weight"] = (
                torch.randn(inner, 1, row.size, row.size) / row.size
            )
            weights |= _norm(f"{block}._bn1", inner)
            weights[f"{block}._project_conv.weight"] = torch.randn(row.channels, inner, 1, 1) / 9
            weights |= _norm(f"{block}._bn2", row.channels)
            channels, number = row.channels, number + 1
    return weights


def _norm(name: str, channels: int) -> dict[str, Tensor]:
    return {
        f"{name}.weight": torch.rand(channels) + 0.5,
        f"{name}.bias": torch.randn(channels) / 4,
        f"{name}.running_mean": torch.randn(channels) / 4,
        f"{name}.running_var": torch.rand(channels) + 0.01,
        f"{name}.num_batches_tracked": torch.tensor(9),
    }


def written_out(weights: dict[str, Tensor], levels: Tensor, name: EncoderName) -> Tensor:
    """(N, 3, H, W) levels 0-255, RGB -> (N, C, H/16, W/16), layer by layer; beside the frame lies
    its mean colour."""

    def layer(x: Tensor, conv: str, norm: str, stride: int = 1, groups: int = 1) -> Tensor:
        weight = weights[f"{conv}.weight"]
        padding = 0 if conv == "_conv_stem" else weight.shape[-1] // 2
        x = conv2d(x, weight, None, stride, padding, 1, groups)
        mean, variance, scale, offset = (
            weights[f"{norm}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        return batch_norm(x, mean, variance, scale, offset, eps=1e-3)

    mean = 255 * torch.tensor(MEAN_RGB).reshape(1, 3, 1, 1)
    framed = pad(levels - mean, (1, 1, 1, 1)) + mean
    x = relu(layer((framed - 127) / 128, "_conv_stem", "_bn0", 2))
    number = 0
    for row in rows_of(name):
        for at in range(row.blocks):
            block, before = f"_blocks.{number}", x
            if row.expansion > 1:
                x = relu(layer(x, f"{block}._expand_conv", f"{block}._bn0"))
            stride = row.stride if at == 0 else 1
            depthwise = f"{block}._depthwise_conv"
            x = relu(layer(x, depthwise, f"{block}._bn1", stride, x.shape[1]))
            x = layer(x, f"{block}._project_conv", f"{block}._bn2")
            x = x + before if x.shape == before.shape else x
            number += 1
    return x
