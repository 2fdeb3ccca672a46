"""The gan task: noise for the generator, drawn anew for every frame, and its pictures laid over the
frame as a sheet.

The frame gives its index only, which seeds the noise: the same source shows the same pictures
wherever it runs. Knows noise and pictures; nothing of the network between them.
"""

from typing import NamedTuple, Tuple

import cv2
import numpy as np

from catseye.runtime.frame import Frame
from catseye.runtime.model_file.card import Card, Settings, spec_error
from catseye.runtime.model_file.golden import PICTURE_LEVELS, Bounds
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.system.json_document import Fields, JsonObject
from catseye.runtime.tasks.base import ModelTask, Result

COLUMNS = 4
MOST_PICTURES, MOST_LATENT = 4096, 65536
SHEET_SHARE = 0.5  # of the frame's shorter side


class _Samples(NamedTuple):
    pictures: np.ndarray


class Samples(_Samples, Result):
    """pictures: (N, 32, 32) uint8 grey, light on dark."""

    __slots__ = ()
    task = "gan"
    main_array = "pictures"

    def as_json(self) -> JsonObject:
        """How many pictures of what size, and the mean brightness of each, 0-1."""
        ink = self.pictures.mean((1, 2)) / 255
        return {
            "pictures": len(self.pictures),
            "size": list(self.pictures.shape[:0:-1]),
            "ink": [round(float(share), 4) for share in ink],
        }

    def drawn_on(self, image: np.ndarray) -> np.ndarray:
        """The pictures as a sheet in the frame's upper left corner."""
        picture = image.copy()
        drawn = sheet_of(self.pictures, COLUMNS)
        scale = SHEET_SHARE * min(image.shape[:2]) / max(drawn.shape)
        size_wh = tuple(max(1, int(side * scale)) for side in drawn.shape[::-1])
        smoothing = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
        drawn = cv2.resize(drawn, size_wh, interpolation=smoothing)
        picture[: size_wh[1], : size_wh[0]] = drawn[..., None]
        return picture


class _GanSettings(NamedTuple):
    pictures: int
    latent: int


class GanSettings(_GanSettings, Settings):
    """pictures: that the model makes at once.  latent: numbers of noise for each."""

    __slots__ = ()

    def as_json(self) -> JsonObject:
        return dict(self._asdict())


class GanTask(ModelTask[None]):
    """Draws the engine's noise; the frame's pixels do not matter."""

    result = Samples

    def __init__(self, card: Card) -> None:
        self.input_name, self.output_name = card.inputs[0].name, card.outputs[0].name
        self.shape = card.inputs[0].shape  # (N, latent)

    @classmethod
    def read_settings(cls, fields: Fields) -> GanSettings:
        return GanSettings(
            fields.integer("pictures", 1, MOST_PICTURES), fields.integer("latent", 1, MOST_LATENT)
        )

    @classmethod
    def check(cls, card: Card, name: str) -> None:
        noise, pictures = card.inputs[0], card.outputs[0]
        wanted = tuple(card.settings) if isinstance(card.settings, GanSettings) else ()
        if noise.shape != wanted or noise.dtype != np.uint8 or len(card.inputs) > 1:
            raise spec_error(noise, "inputs", "uint8 %s" % list(wanted), name)
        if len(pictures.shape) != 3 or pictures.shape[0] != noise.shape[0]:
            raise spec_error(pictures, "outputs", "%d grey pictures" % noise.shape[0], name)
        if pictures.dtype != np.uint8:
            raise spec_error(pictures, "outputs", "uint8", name)

    @classmethod
    def bounds(cls, precision: str) -> Bounds:
        return super().bounds(precision)._replace(levels={"pictures": PICTURE_LEVELS[precision]})

    def prepare(self, frame: Frame) -> Tuple[Arrays, None]:
        return {self.input_name: noise_bytes(self.shape, frame.index)}, None

    def parse(self, outputs: Arrays, kept: None) -> Samples:
        # an engine may use its buffer again
        return Samples(np.array(outputs[self.output_name], np.uint8))


def noise_bytes(shape: Tuple[int, ...], seed: int) -> np.ndarray:
    """uint8 of `shape`, every value as likely as any other; the same for a seed on every
    machine."""
    return np.random.RandomState(seed).randint(0, 256, shape).astype(np.uint8)


def sheet_of(pictures: np.ndarray, columns: int) -> np.ndarray:
    """(N, h, w) uint8 -> (rows * h, columns * w), row by row; black where the last row is not
    full."""
    number, height, width = pictures.shape
    rows = -(-number // columns)
    tiles = np.zeros((rows * columns, height, width), np.uint8)
    tiles[:number] = pictures
    grid = tiles.reshape(rows, columns, height, width).swapaxes(1, 2)
    return grid.reshape(rows * height, columns * width)
