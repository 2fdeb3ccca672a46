"""Pictures of what is no digit, for a network that is to be unsure of it: noise of every grain, and
letters. LeNet has no class for them, so all ten digits are meant to be equally likely.

Half of the letters that look like no digit are never shown, to measure by.
"""

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from catseye.runtime.tasks.digit_form import SIDE, slot_from_ink

SHOWN, KEPT = "ACFJLNRUWYadfhnrw&#?", "EHKMPTVXbekmpty@%"
FONTS = (0, 1, 2, 3, 4, 6, 7)  # those of OpenCV that draw upright letters
PENS = (2, 4, 6)  # pixels thick
GRAINS = (SIDE, 16, 8, 5)  # random numbers to a side
CONTRAST, BRIGHTNESS = 8.0, 0.3  # the most; the least of the lightest pixel


def letters(which: str) -> Tensor:
    """(N, 32, 32) uint8: each letter in every font and with every pen, in the form of a digit."""
    drawn = [_slot(letter, font, pen) for letter in which for font in FONTS for pen in PENS]
    return torch.from_numpy(np.stack(drawn))


def noise(number: int, random: torch.Generator) -> Tensor:
    """(number, 1, 32, 32) float32 in 0..1, all of one grain, each of its own contrast."""
    side = GRAINS[int(torch.randint(len(GRAINS), (1,), generator=random))]
    grains = torch.rand(number, 1, side, side, generator=random)
    pixels = interpolate(grains, (SIDE, SIDE), mode="bilinear", align_corners=False)
    contrast, middle, light = torch.rand(3, number, 1, 1, 1, generator=random)
    pixels = (pixels - (0.2 + 0.6 * middle)) * (1 + CONTRAST * contrast) + 0.5
    return pixels.clamp_(0, 1) * (BRIGHTNESS + (1 - BRIGHTNESS) * light)


def _slot(letter: str, font: int, pen: int) -> np.ndarray:
    canvas = np.zeros((96, 96), np.uint8)
    cv2.putText(canvas, letter, (20, 70), font, 2.0, 255, pen, cv2.LINE_AA)
    rows, columns = (np.flatnonzero((canvas > 80).any(axis)) for axis in (1, 0))
    return slot_from_ink(canvas[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
