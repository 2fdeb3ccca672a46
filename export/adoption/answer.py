"""What a network's answer means: which of its outputs, and of what form. The rule in NumPy, which
the graph's own border is held against.

Knows arrays and the names of operators; not how the graph is rewritten.
"""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import NamedTuple

import cv2
import numpy as np
import onnx

from catseye.export.adoption.original import Original
from catseye.export.precision.onnx_graph import producers
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.card import MOST_CLASSES
from catseye.runtime.model_file.tensors import Arrays, TensorSpec, described

# what a probability may be off by where a network has worked it out
ROUNDING = 1e-3
PASSING = ("Cast", "Squeeze", "Unsqueeze", "Reshape", "Transpose", "Identity", "Resize")


MASKS = "(1, C, h, w) or (1, h, w, C), or (1, h, w) of ids, with the picture's sides or smaller"
Seen = Callable[[], Iterable[Arrays]]  # what the original answers to the golden frames


class Form(Enum):
    """Of a mask: a score for each class, one class's logit or probability, or class ids."""

    SCORES = "a score for each class"
    LOGIT = "one class's logit"
    PROBABILITY = "one class's probability"
    IDS = "class ids"


class MaskAnswer(NamedTuple):
    """axis: of the classes in the output, None where it has none.  classes: how many it tells
    apart, None where ids do not say."""

    output: TensorSpec
    form: Form
    axis: int | None
    classes: int | None

    @property
    def planes(self) -> int:
        """C of the answer laid out as (1, C, h, w)."""
        return 1 if self.axis is None else self.output.shape[self.axis]

    @property
    def threshold(self) -> float:
        """Above which one class is the answer."""
        return 0.5 if self.form is Form.PROBABILITY else 0.0

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height of the answer."""
        height, width = _spatial(self.output.shape, self.axis)
        return width, height

    def mask(self, answers: Arrays, size_wh: tuple[int, int]) -> np.ndarray:
        """(1, H, W) uint8 class ids at `size_wh`: scores are enlarged bilinearly before the choice,
        ids by the nearest."""
        array = answers[self.output.name]
        if self.form is Form.IDS:
            ids = array.reshape(self.size_wh[::-1]).astype(np.uint8)
            return enlarged_ids(ids, size_wh)[None]
        if self.axis is None:
            planes = array.reshape(1, *self.size_wh[::-1])
        else:
            planes = np.moveaxis(array, self.axis, 1)[0]
        large = np.stack([_bilinear(plane.astype(np.float32), size_wh) for plane in planes])
        if len(large) > 1:
            return large.argmax(0).astype(np.uint8)[None]
        return (large > self.threshold).astype(np.uint8)


def enlarged_ids(ids: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    """(h, w) -> (H, W): pixel (x, y) takes id (floor(x w / W), floor(y h / H))."""
    rows = np.arange(size_wh[1]) * ids.shape[0] // size_wh[1]
    columns = np.arange(size_wh[0]) * ids.shape[1] // size_wh[0]
    return ids[rows[:, None], columns]


def mask_answer(
    original: Original, wanted: str, size_wh: tuple[int, int], seen: Seen
) -> MaskAnswer:
    """The output of a network that is a mask, `wanted` by name or the only one that can be. seen:
    what it answers to frames. Raises CatseyeError where none can, or several."""
    output = chosen_output(original, wanted, lambda spec: _could_be_mask(spec, size_wh), MASKS)
    shape, integers = output.shape, output.dtype.kind in "uib"
    axis = None if integers else _class_axis(shape, size_wh)
    last = maker(original.model, output.name)
    if integers or (axis is None and last == "ArgMax"):
        return MaskAnswer(output, Form.IDS, None, None)
    if axis is None or shape[axis] == 1:
        probable = last == "Sigmoid" or all_probable(output, seen())
        form = Form.PROBABILITY if probable else Form.LOGIT
        return MaskAnswer(output, form, axis, 2)
    if shape[axis] > MOST_CLASSES:
        raise CatseyeError(f"{shape[axis]} classes in {described(output)}", f"2 to {MOST_CLASSES}")
    return MaskAnswer(output, Form.SCORES, axis, shape[axis])


def all_probable(output: TensorSpec, seen: Iterable[Arrays]) -> bool:
    """Whether all that it says lies in 0-1, whatever operator it comes from: a logit would call
    every pixel of every frame the class."""
    values = (answers[output.name] for answers in seen)
    return all(v.min() >= -ROUNDING and v.max() <= 1 + ROUNDING for v in values)


def chosen_output(
    original: Original, wanted: str, fits: Callable[[TensorSpec], bool], form: str = ""
) -> TensorSpec:
    """The output called `wanted`, else the one that `fits`, of this form in words. Raises
    CatseyeError with all of them where that does not decide."""
    words = ", ".join(map(described, original.outputs))
    if wanted:
        named = [spec for spec in original.outputs if spec.name == wanted]
        if not named:
            raise CatseyeError(f"no output {wanted!r}", f"one of {words}")
        if not fits(named[0]):
            raise CatseyeError(f"the output {described(named[0])}", form)
        return named[0]
    fitting = [spec for spec in original.outputs if fits(spec)]
    if not fitting:
        raise CatseyeError(
            f"none of the outputs could be the answer: {words}", form, "or another --task"
        )
    if len(fitting) > 1:
        raise CatseyeError(
            f"{len(fitting)} of the outputs could be the answer: {words}",
            "one",
            "name it with --answer",
        )
    return fitting[0]


def _could_be_mask(spec: TensorSpec, size_wh: tuple[int, int]) -> bool:
    if len(spec.shape) not in (2, 3, 4) or spec.elements < 4:
        return False
    if spec.dtype.kind in "uib" or _class_axis(spec.shape, size_wh) is None:
        inner = [side for side in spec.shape if side > 1]
        return len(inner) == 2 and _like(inner[0], inner[1], size_wh)
    return True


def _class_axis(shape: tuple[int, ...], size_wh: tuple[int, int]) -> int | None:
    """1 or 3 of four axes, whichever leaves sides like the picture's; None where neither does."""
    if len(shape) != 4 or shape[0] != 1:
        return None
    for axis in (1, 3):
        height, width = _spatial(shape, axis)
        if _like(height, width, size_wh):
            return axis
    return None


def _spatial(shape: tuple[int, ...], axis: int | None) -> tuple[int, int]:
    if axis is None:
        inner = [side for side in shape if side > 1]
        return inner[0], inner[1]
    return (shape[2], shape[3]) if axis == 1 else (shape[1], shape[2])


def _like(height: int, width: int, size_wh: tuple[int, int]) -> bool:
    """Whether sides could be the picture's, made smaller by one factor and rounded."""
    factor = size_wh[0] / width
    return height > 1 and width > 1 and abs(size_wh[1] / factor - height) <= 1.0


def maker(model: onnx.ModelProto, name: str) -> str:
    """The operator that an output comes from, what only lays it out otherwise passed over."""
    nodes = producers(model)
    while name in nodes and nodes[name].op_type in PASSING:
        name = nodes[name].input[0]
    return nodes[name].op_type if name in nodes else ""


def _bilinear(plane: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    if plane.shape[::-1] == tuple(size_wh):
        return plane
    return cv2.resize(plane, size_wh, interpolation=cv2.INTER_LINEAR)
