"""A task that sees noisy frames denoised: a sparse coder cleans their light, a blur their colours.

Wraps any task; the results, and what a sink draws, stay those of the frame that the camera gave.
Knows when a frame is noisy from camera health; not what the task looks for.
"""

from typing import Tuple

import cv2
import numpy as np

from catseye.runtime.engines import Engine
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.health.frame_quality import is_noisy
from catseye.runtime.model_file.card import Card
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.tasks.base import AnyTask, Kept, Result
from catseye.runtime.tasks.sparse import SparseCode, SparseTask

# of the box that colours are averaged over: of 1 to 15 the best for the road model on noisy
# frames
CHROMA_SIDE = 9


class DenoisingTask(AnyTask):
    """`task` on frames that `engine`, opened from the sparse model of `card`, has denoised where
    they are noisy."""

    def __init__(self, task: AnyTask, engine: Engine, card: Card) -> None:
        """Raises CatseyeError where `card` is of another task."""
        if card.task != SparseCode.task:
            raise CatseyeError(
                "%s, a model of task %r, to denoise with" % (card.name, card.task),
                "one of task %r" % SparseCode.task,
                "try --denoise sparse-denoise",
            )
        self._task, self._engine, self._coder = task, engine, SparseTask(card)

    def prepare(self, frame: Frame) -> Tuple[Arrays, Kept]:
        if is_noisy(frame.image):
            frame = frame._replace(image=self.denoised(frame))
        return self._task.prepare(frame)

    def parse(self, outputs: Arrays, kept: Kept) -> Result:
        return self._task.parse(outputs, kept)

    def denoised(self, frame: Frame) -> np.ndarray:
        """(H, W, 3) uint8 BGR: Y as the coder rebuilt it, Cr and Cb averaged."""
        inputs, kept = self._coder.prepare(frame)
        light = self._coder.parse(self._engine.infer(inputs), kept).rebuilt
        coloured = cv2.blur(
            cv2.cvtColor(frame.image, cv2.COLOR_BGR2YCrCb), (CHROMA_SIDE, CHROMA_SIDE)
        )
        coloured[..., 0] = light
        return cv2.cvtColor(coloured, cv2.COLOR_YCrCb2BGR)
