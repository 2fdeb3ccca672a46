"""What a run says while it goes: lines on the terminal, numbers and pictures for TensorBoard. Knows
no task."""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm


class Journal:
    """Writes to `folder` from epoch `start` on (what a killed run wrote beyond it is dropped);
    None: says nothing."""

    def __init__(self, folder: Path | None, start: int) -> None:
        self._writer = (
            None if folder is None else SummaryWriter(os.fspath(folder), purge_step=start)
        )

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer:
            self._writer.close()

    def numbers(self, epoch: int, values: Mapping[str, object]) -> None:
        """Those of `values` that are numbers with a fraction."""
        for name, value in values.items():
            if self._writer and isinstance(value, float):
                self._writer.add_scalar(name, value, epoch)

    def pictures(self, epoch: int, pictures: dict[str, np.ndarray]) -> None:
        """(H, W, 3) uint8 BGR each."""
        for name, picture in pictures.items():
            if self._writer:
                self._writer.add_image(name, picture[..., ::-1].copy(), epoch, dataformats="HWC")

    def line(self, text: str) -> None:
        if self._writer:
            tqdm.write(text)
