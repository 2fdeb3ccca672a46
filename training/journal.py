"""What a run says while it goes: lines on the terminal, numbers and pictures for TensorBoard. Knows
no task."""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
from torch.utils.tensorboard import SummaryWriter

from catseye.training.progress import told

log = logging.getLogger("catseye")


class Journal:
    """Writes to `folder` from epoch `start` on (what a killed run wrote beyond it is dropped);
    None: says nothing.

    TensorBoard is a help and no result: where the disk takes no more, one line says so, and the run
    goes on without it.
    """

    def __init__(self, folder: Path | None, start: int) -> None:
        self._folder, self._said = folder, False
        self._writer: SummaryWriter | None = None
        if folder is not None:
            self._tried(lambda: self._open(folder, start))

    def _open(self, folder: Path, start: int) -> None:
        self._writer = SummaryWriter(os.fspath(folder), purge_step=start)

    def __enter__(self) -> "Journal":
        # TensorBoard writes in a thread of its own, whose traceback nobody asked for
        self._before, threading.excepthook = threading.excepthook, self._hear
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer:
            self._tried(self._writer.close)
        threading.excepthook = self._before

    def numbers(self, epoch: int, values: Mapping[str, object]) -> None:
        """Those of `values` that are numbers with a fraction."""
        for name, value in values.items():
            if isinstance(value, float):
                self._write(partial(SummaryWriter.add_scalar, tag=name, scalar_value=value), epoch)

    def pictures(self, epoch: int, pictures: dict[str, np.ndarray]) -> None:
        """(H, W, 3) uint8 BGR each."""
        for name, picture in pictures.items():
            rgb = picture[..., ::-1].copy()
            add = partial(SummaryWriter.add_image, tag=name, img_tensor=rgb, dataformats="HWC")
            self._write(add, epoch)

    def line(self, text: str) -> None:
        if self._folder is not None:
            told(text)

    def _write(self, add: Callable[..., None], epoch: int) -> None:
        if self._writer:
            self._tried(partial(add, self._writer, global_step=epoch))

    def _tried(self, action: Callable[[], object]) -> None:
        try:
            action()
        except OSError as error:
            self._give_up(error)

    def _hear(self, failed: "threading.ExceptHookArgs") -> None:
        """What ended another thread."""
        if isinstance(failed.exc_value, OSError):
            self._give_up(failed.exc_value)
        else:
            self._before(failed)

    def _give_up(self, error: OSError) -> None:
        if not self._said:
            self._said = True
            log.warning("%s gets no more for TensorBoard: %s", self._folder, error.strerror)
        self._writer = None
