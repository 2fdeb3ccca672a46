"""The graph of a sparse coder for a board: camera bytes in, sparse codes and a rebuilt (denoised) grey picture out.

Patches are never cut out: W_e, S and W_d become the kernels of convolutions, so that every patch of the frame is coded
at once, and the rebuilt patches are averaged where they overlap. Only layers that OpenCV 4.5.4 and TensorRT 8.2 have;
shapes are static. Knows frames of one size; does not know how the coder was trained.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d

from catseye.models.lista import SparseCoder
from catseye.runtime.errors import CatseyeError

GREY_FROM_BGR = (0.114, 0.587, 0.299)  # ITU-R BT.601


class SparseFrame(nn.Module):
    """(1, H, W, 3) uint8 BGR -> code (1, m, h, w) float32 and rebuilt (1, H, W) uint8 grey.

    Each patch is brought to mean 0 and norm 1, the protocol of the training, coded, rebuilt as W_d z, and given its
    norm and mean back. `code` is that of the patch of norm 1, h = ceil((H - patch) / stride) + 1, w likewise: the frame
    is padded at the right and at the bottom, by its border, where the stride does not fit. Norms below `floor` (grey in 0..1)
    count as `floor`: what is weaker than noise is not blown up.
    """

    input_names = ("frame",)
    output_names = ("code", "rebuilt")
