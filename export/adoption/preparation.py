"""How a frame becomes what the network takes: the order of its colours and its scale. The rule in
NumPy, which the graph's own border is held against.

Knows arrays; no graph.
"""

import ast
import math
from typing import NamedTuple

import numpy as np

from catseye.export.adoption.original import Original
from catseye.export.adoption.wishes import ORDERS, Wishes
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.tensors import TensorSpec

NUMBERS = (
    "--scale (0.00392157 for pixels of 0..1), or --mean and --std (ImageNet's: --mean"
    " 0.485,0.456,0.406 --std 0.229,0.224,0.225)"
)
BYTE = 255


class Preparation(NamedTuple):
    """A pixel p, 0-255, of channel c counts as (p * scale - mean[c]) / std[c]; mean and std in the
    network's own order of colours, one of ORDERS."""

    order: str
    scale: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    given: TensorSpec

    @property
    def channels_last(self) -> bool:
        """Whether colours are the last axis of what the network takes."""
        return self.given.shape[3] == 3 and self.given.shape[1] != 3

    @property
    def size_wh(self) -> tuple[int, int]:
        shape = self.given.shape
        return (shape[2], shape[1]) if self.channels_last else (shape[3], shape[2])

    @property
    def factors(self) -> np.ndarray:
        """(3,) float64, in the network's order: p * factors + shifts is what a pixel counts as."""
        return self.scale / np.array(self.std)

    @property
    def shifts(self) -> np.ndarray:
        return -np.array(self.mean) / np.array(self.std)

    @property
    def plain(self) -> bool:
        """Whether the network takes pixels as a camera gives them."""
        same = (self.factors == 1).all() and not self.shifts.any()
        return self.order == "bgr" and bool(same)

    def applied(self, frame: np.ndarray) -> np.ndarray:
        """(1, H, W, 3) uint8 BGR -> the network's input."""
        pixels = frame[..., ::-1] if self.order == "rgb" else frame
        numbers = pixels.astype(np.float64) * self.factors + self.shifts
        laid = numbers if self.channels_last else numbers.transpose(0, 3, 1, 2)
        return np.ascontiguousarray(laid.astype(self.given.dtype))

    def words(self) -> str:
        """For people."""
        size = "x".join(map(str, self.size_wh))
        layout = "NHWC" if self.channels_last else "NCHW"
        numbers = f"(pixel * {self.scale:.6g} - {_list(self.mean)}) / {_list(self.std)}"
        return f"{size}, {self.order.upper()}, {layout}, {self.given.dtype}, {numbers}"


def preparation_of(original: Original, wishes: Wishes) -> Preparation:
    """What the file says, then what the person says. Raises CatseyeError, with what to name, where
    neither does."""
    known = _published(original.metadata)
    order = wishes.order or known.get("order", "")
    if order not in ORDERS:
        raise CatseyeError(f"{original.name} does not say its colour order", "--rgb or --bgr")
    said = wishes.scale is not None or wishes.mean is not None or wishes.std is not None
    scale = wishes.scale if wishes.scale is not None else known.get("scale")
    bytes_in = original.input.dtype == np.uint8
    if not said and scale is None and not bytes_in:
        raise CatseyeError(f"{original.name} does not say how pixels are scaled", NUMBERS)
    if scale is None:
        scale = 1.0 if bytes_in else 1 / BYTE
        of_bytes = [v for v in (*(wishes.mean or ()), *(wishes.std or ())) if abs(v) > 1]
        if of_bytes and not bytes_in:  # as OpenMMLab writes them
            raise CatseyeError(
                f"--mean or --std of {of_bytes[0]:g} without --scale",
                "what a pixel is multiplied by before they are taken from it",
                "--scale 1 where they are of pixels of 0-255",
            )
    mean, std = wishes.mean or (0.0,), wishes.std or (1.0,)
    found = Preparation(order, float(scale), _three(mean), _three(std), original.input)
    if not all(map(math.isfinite, (found.scale, *found.mean, *found.std))) or not all(found.std):
        raise CatseyeError(f"--scale, --mean and --std {found.words()}", "numbers, no --std of 0")
    if bytes_in and found[1:4] != (1.0, (0.0,) * 3, (1.0,) * 3):
        raise CatseyeError(f"{original.name} takes bytes", "no --scale, --mean and --std")
    return found


def _published(metadata: dict[str, str]) -> dict[str, str | float]:
    """What exporters that are known by their metadata promise. Ultralytics' networks take RGB, 0-1
    (https://docs.ultralytics.com/modes/export)."""
    if "Ultralytics" in metadata.get("author", "") + metadata.get("description", ""):
        return {"order": "rgb", "scale": 1 / BYTE}
    return {}


def named_classes(metadata: dict[str, str]) -> tuple[str, ...]:
    """The class names that stand beside a graph under `names`, as a list or a dictionary by id; ()
    where none do."""
    try:
        names = ast.literal_eval(metadata.get("names", "()")[:65536])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ()
    if isinstance(names, dict) and sorted(names) == list(range(len(names))):
        names = [names[i] for i in range(len(names))]
    return tuple(map(str, names)) if isinstance(names, (list, tuple)) else ()


def _three(values: tuple[float, ...]) -> tuple[float, float, float]:
    """One value for all channels, or one for each."""
    if len(values) not in (1, 3):
        raise CatseyeError(f"{len(values)} values of --mean or --std", "1 or 3")
    first, second, third = values * 3 if len(values) == 1 else values
    return first, second, third


def _list(values: tuple[float, ...]) -> str:
    return (
        f"{values[0]:g}"
        if len(set(values)) == 1
        else "[" + ", ".join(f"{v:g}" for v in values) + "]"
    )
