"""The graph of a sparse coder for a board: camera bytes in, sparse codes and a rebuilt (denoised)
grey picture out.

Patches are never cut out: W_e, S and W_d become the kernels of convolutions, so that every patch of
the frame is coded at once, and the rebuilt patches are averaged where they overlap. Only layers
that OpenCV 4.5.4 and TensorRT 8.2 have; shapes are static. Knows frames of one size; does not know
how the coder was trained.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, conv2d, conv_transpose2d, interpolate, pad

from catseye.export.graphs.base import GOLDEN_CASES, CardPart, PhotographGraph, demand_a_patch
from catseye.models.inhibition import LowRankInhibition
from catseye.models.lista import SparseCoder
from catseye.runtime.datasets.bsds import GREY_FROM_BGR
from catseye.runtime.health.noise import MASK, SIGMA_FROM_MEAN
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.sparse import SparseSettings

FLOOR = 0.2  # norm of a 10x10 patch whose standard deviation is 5 grey levels of 255
# of the golden inputs; small: a coder that denoises keeps half of its codes
WINDOW_WH = (81, 60)
LEVEL = 1 / 255  # the least noise that a picture is taken to have


class SparseFrame(PhotographGraph):
    """(1, H, W, 3) uint8 BGR -> code (1, m, h, w) float32 and rebuilt (1, H, W) uint8 grey.

    Each patch is brought to mean 0 and norm 1, the protocol of the training, coded, rebuilt as W_d
    z, and given its norm and mean back. `code` is that of the patch of norm 1, h = ceil((H - patch)
    / stride) + 1, w likewise: where
    the stride does not fit, the frame is padded at the right and at the bottom with mid-grey. Norms
    below `floor` (grey in 0..1) count as `floor`: what is weaker than noise is not blown up. A
    coder whose scale is "noise" has all patches divided by the noise that the frame itself shows
    (runtime/health/noise.py), whatever their norms, and `code` multiplied by it again: that of the
    patch in grey 0..1.
    """

    input_names = ("frame",)
    output_names = ("code", "rebuilt")
    grey: Tensor
    theta: Tensor
    dictionary: Tensor
    ones: Tensor
    spread: Tensor
    share: Tensor
    edge: Tensor

    def __init__(
        self, network: SparseCoder, size_wh: tuple[int, int], floor: float = FLOOR
    ) -> None:
        """`size_wh`: the frame's; each side at least a patch, else it raises CatseyeError."""
        super().__init__()
        config = network.config
        demand_a_patch(size_wh, config.patch)
        self.config, self.size_wh, self.floor = config, size_wh, floor
        self.pad_wh = tuple((config.patch - side) % config.stride for side in size_wh)
        kernel = (config.atoms, 1, config.patch, config.patch)
        self.register_buffer("grey", torch.from_numpy(GREY_FROM_BGR).reshape(1, 3, 1, 1) / 255)
        encodes = [each.detach() for each in network.encode_matrices()]
        for step, encode in enumerate(encodes):
            # takes the patch's mean off on the way
            centred = encode - encode.mean(1, keepdim=True)
            self.register_buffer(_encode_name(step), centred.reshape(kernel))
        self.encodes, self.low_rank = len(encodes), isinstance(network.inhibit, LowRankInhibition)
        factors = _inhibition_factors(network)
        for number, factor in enumerate(factors):
            self.register_buffer(f"inhibit{number}", factor[:, :, None, None].clone())
        self.inhibitions = len(factors)
        self.register_buffer("theta", network.thresholds().detach()[:, None, :, None, None].clone())
        self.register_buffer("dictionary", network.dictionary.detach().T.reshape(kernel).clone())
        self.register_buffer("ones", torch.ones(1, 1, config.patch, config.patch))
        self.register_buffer("spread", torch.ones(config.atoms, 1, 1, 1))
        self.register_buffer("share", 1 / self._overlaps())
        self.register_buffer("edge", torch.from_numpy(MASK).reshape(1, 1, *MASK.shape) / LEVEL)

    def card_part(self, data: JsonObject) -> CardPart:
        config = self.config
        dictionary = self.dictionary.reshape(config.atoms, -1).T.contiguous().numpy()  # (n, m)
        settings = SparseSettings(
            patch=config.patch,
            stride=config.stride,
            alpha=config.alpha,
            atoms=config.atoms,
            iterations=config.iterations,
            floor=self.floor,
            dictionary=dictionary.astype("<f4").tobytes(),
            scale=config.scale,
        )
        return CardPart(settings)

    def golden_inputs(self) -> list[np.ndarray]:
        streets = super().golden_inputs()
        return [_through_window(street, part) for part, street in enumerate(streets)]

    def forward(self, frame: Tensor) -> tuple[Tensor, Tensor]:
        x = self._grey_from_bgr(frame)  # (1, 1, H, W), grey - 0.5
        mean, scale = self._mean_and_scale(x)  # (1, 1, h, w), (1, m, h, w)
        drives = [
            conv2d(x, self.get_buffer(_encode_name(step)), stride=self.config.stride) / scale
            for step in range(self.encodes)
        ]
        code = self._code(drives)
        scaled = code * scale
        rebuilt = self._overlap_average(scaled, mean)  # (1, 1, H, W)
        return scaled if self.config.scale == "noise" else code, _uint8_from_grey(
            rebuilt[:, 0] + 0.5
        )

    def _grey_from_bgr(self, frame: Tensor) -> Tensor:
        # around 0, so that squares stay small
        x = conv2d(frame.float().permute(0, 3, 1, 2), self.grey) - 0.5
        if self.pad_wh == (0, 0):
            return x
        return pad(x, (0, self.pad_wh[0], 0, self.pad_wh[1]))

    def _mean_and_scale(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Of every patch: its mean, and what it is divided by, repeated for each atom."""
        stride, size = self.config.stride, self.config.patch**2
        mean = conv2d(x, self.ones / size, stride=stride)
        if self.config.scale == "noise":
            scale = interpolate(self._noise(x), mean.shape[2:])
        else:
            squared = conv2d(x * x, self.ones, stride=stride) - mean * mean * size
            scale = torch.sqrt(torch.relu(squared - self.floor**2) + self.floor**2)
        # a convolution, because OpenCV 4.5 does not broadcast
        return mean, conv2d(scale, self.spread)

    def _noise(self, x: Tensor) -> Tensor:
        """(1, 1, 1, 1): runtime.noise.noise_of the frame, but at least LEVEL; bars and burnt areas
        do not count."""
        answer = conv2d(x, self.edge)
        answer = torch.relu(answer) + torch.relu(-answer)
        heard = answer - torch.relu(answer - 1)
        noise = (
            SIGMA_FROM_MEAN
            * LEVEL
            * adaptive_avg_pool2d(answer, 1)
            / adaptive_avg_pool2d(heard + 1e-6, 1)
        )
        return torch.relu(noise - LEVEL) + LEVEL

    def _code(self, drives: list[Tensor]) -> Tensor:
        """LISTA with its matrices as 1x1 convolutions; `drives`: W_e x of all steps, or of each."""
        z = _shrink(drives[0], self.theta[0])
        for step, theta in enumerate(self.theta[1:], 1):
            z = _shrink(drives[step % self.encodes] + self._inhibited(z, step), theta)
        return z

    def _inhibited(self, z: Tensor, step: int) -> Tensor:
        """S z, by the S of a step 1 ... T; where S is I - U V, by the two thin matrices."""
        if self.low_rank:
            thin = conv2d(z, self.get_buffer("inhibit0"))
            return z - conv2d(thin, self.get_buffer("inhibit1"))
        return conv2d(z, self.get_buffer(f"inhibit{(step - 1) % self.inhibitions}"))

    def _overlap_average(self, code: Tensor, mean: Tensor) -> Tensor:
        """Put W_d code + mean of every patch where the patch was; the mean of all that fall on a
        pixel."""
        stride = self.config.stride
        total = conv_transpose2d(code, self.dictionary, stride=stride)
        total = (total + conv_transpose2d(mean, self.ones, stride=stride)) * self.share
        return total[:, :, : self.size_wh[1], : self.size_wh[0]]

    def _overlaps(self) -> Tensor:
        """(1, 1, H, W) of the padded frame: how many patches lie over each pixel; 1 where a wide
        stride leaves none."""
        config = self.config
        steps = [
            (side + extra - config.patch) // config.stride + 1
            for side, extra in zip(self.size_wh, self.pad_wh)
        ]
        patches = torch.ones(1, 1, steps[1], steps[0])
        return conv_transpose2d(patches, self.ones, stride=config.stride).clamp_min(1)


def _encode_name(step: int) -> str:
    return f"encode{step}" if step else "encode"


def _inhibition_factors(network: SparseCoder) -> list[Tensor]:
    """[S], or that of each step, or [V, U] of S = I - U V where that is how it is kept."""
    if isinstance(network.inhibit, LowRankInhibition):
        return [network.inhibit.v.detach(), network.inhibit.u.detach()]
    return [each.detach() for each in network.inhibition_matrices()]


def _shrink(v: Tensor, theta: Tensor) -> Tensor:
    """h_theta by ReLU alone; theta (1, m, 1, 1)."""
    return torch.relu(v - theta) - torch.relu(-theta - v)


def _uint8_from_grey(grey: Tensor) -> Tensor:
    """0..1 -> 0..255, rounded; by ReLU, because Clip changed its form between opsets."""
    return (255.5 - torch.relu(255 - torch.relu(255 * grey))).to(torch.uint8)


def _through_window(street: np.ndarray, part: int) -> np.ndarray:
    """Grey but for a window in one third of the width: codes are long, and those of flat patches
    take no room."""
    _, height, width, _ = street.shape
    left, top = part * width // GOLDEN_CASES, height // 3
    window = slice(top, top + WINDOW_WH[1]), slice(left, left + WINDOW_WH[0])
    frame = np.full_like(street, 128)
    frame[0][window] = street[0][window]
    return frame
