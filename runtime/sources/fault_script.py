"""A script of faults for the synthetic camera: `loss@90+60,black@200+30`, from which frame on and
for how many.

Knows kinds, frame numbers and how a picture is spoilt; not how a camera hangs or comes back.
"""

import re
from typing import NamedTuple, Optional, Tuple

import numpy as np

LOSS, STALL = "loss", "stall"  # of the camera; the others are of its pictures
KINDS = (LOSS, STALL, "freeze", "black", "truncated", "size")
MISSING = 128  # the grey that decoders paint where data is missing


class ScriptedFault(NamedTuple):
    """kind: one of KINDS.  first: its first frame.  frames: how many."""

    kind: str
    first: int
    frames: int


class FaultScript(NamedTuple):
    """The faults in the order of their frames."""

    faults: Tuple[ScriptedFault, ...] = ()

    def at(self, index: int) -> Optional[ScriptedFault]:
        """What is wrong with frame `index`, the first named if several are."""
        for fault in self.faults:
            if fault.first <= index < fault.first + fault.frames:
                return fault
        return None

    def kind_at(self, index: int) -> str:
        fault = self.at(index)
        return fault.kind if fault else ""

    def needs_a_camera(self) -> bool:
        return any(fault.kind in (LOSS, STALL) for fault in self.faults)


def script_from_text(text: str) -> FaultScript:
    """`loss@90+60,black@200+30` -> FaultScript; raises ValueError."""
    faults = []
    for part in text.split(","):
        match = re.match(r"([a-z]+)@(\d{1,9})\+(\d{1,9})\Z", part)
        if match is None or match.group(1) not in KINDS or int(match.group(3)) < 1:
            raise ValueError(part)
        faults.append(ScriptedFault(match.group(1), int(match.group(2)), int(match.group(3))))
    return FaultScript(tuple(faults))


def spoilt(image: np.ndarray, kind: str) -> np.ndarray:
    """The (H, W, 3) uint8 picture with what `kind` does to it; faults of the camera do nothing to a
    picture."""
    height = len(image)
    if kind == "black":
        return np.zeros_like(image)
    if kind == "truncated":
        return np.concatenate((image[: height // 2], np.full_like(image[height // 2 :], MISSING)))
    return np.ascontiguousarray(image[::2, ::2]) if kind == "size" else image
