"""A teacher's soft answers to frames that no label decides, asked once and kept on disk.

In `catseye/answers-KEY.npy` of the cache folder, at half the frame's size, as bytes; KEY tells
teacher and frames. Knows the teacher by its interface only.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import torch

from catseye.models.checkpoint import load_checkpoint
from catseye.models.road import LITE_LARGE
from catseye.runtime.classes import NAMES, VOID, listed, table_of_checkpoint
from catseye.runtime.engines.tensorrt.cache_folder import cache_folder
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.files import read_bytes, sha256_hex, written_beside
from catseye.runtime.tasks.letterboxed import trained_wh
from catseye.training.devices import device_from_name, has_bfloat16
from catseye.training.frames import Example, Frames, fitted
from catseye.training.progress import counted
from catseye.training.road.prediction import network_input_from_bgr, whole_logits
from catseye.training.road.quick_on_cpu import quick_on_cpu

FRAME_WH = (640, 360)  # the box of a checkpoint that does not say
LARGE_WH = (960, 540)  # that of the large network, which every frame fills
BYTES = 8_000_000_000  # of answers at most
ROADLESS = 0.3  # of a frame's rows, where a camera on a car sees no road
WHOLE = 255  # of a byte that says "certain"


class Teacher:
    """A checkpoint that answers softly, to frames shrunk into the box that it was trained with."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        """names: of the classes, in the order of the answers. Raises CatseyeError for a checkpoint
        of other classes."""
        self.name, self.classes = folder.name, len(names)
        self.digest = sha256_hex(read_bytes(os.fspath(folder / "model.pt")))
        network, meta = load_checkpoint(folder, "road")
        theirs = table_of_checkpoint(meta.data).names
        if sorted(theirs) != sorted(names) or meta.config.get("classes", len(NAMES)) != len(names):
            raise CatseyeError(
                f"the teacher {self.name} of the classes {listed(theirs)}",
                f"those of the data: {listed(names)}",
                "name another --teacher",
            )
        self.order = [theirs.index(name) for name in names]
        self.frame_wh = trained_wh(meta.data) or FRAME_WH
        self.enlarges = meta.config.get("encoder") == LITE_LARGE.encoder
        self.device = device_from_name("auto")
        self.network = quick_on_cpu(network.to(self.device))

    @torch.no_grad()
    def answer(self, image: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 BGR -> (H', W', C) float32 probabilities at the size of the shrunk frame:
        the mean over the picture and its mirror image."""
        image = fitted(image, self.frame_wh, self.enlarges)
        both = network_input_from_bgr(np.stack((image, image[:, ::-1]))).to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=has_bfloat16(self.device)):
            p = whole_logits(self.network, both).float().softmax(1)  # (2, C, H, W)
        return ((p[0] + p[1].flip(2)) / 2)[self.order].permute(1, 2, 0).cpu().numpy()


class SoftAnswers:
    """What the teacher answers to the frames that it was asked about."""

    def __init__(
        self,
        teacher: Teacher,
        frames: Frames,
        asked: Sequence[int],
        box_wh: tuple[int, int],
        road: int = VOID,
    ) -> None:
        """asked: indices in `frames`.  box_wh: what no frame is larger than.  road: the class that
        is not believed in the upper ROADLESS of a frame. Raises CatseyeError for more frames than
        BYTES hold."""
        self._row = {index: row for row, index in enumerate(asked)}
        shape = (len(asked), -(-box_wh[1] // 2), -(-box_wh[0] // 2), teacher.classes)
        each = int(np.prod(shape[1:]))
        if len(asked) * each > BYTES:
            raise CatseyeError(
                f"{len(asked)} frames for the teacher to label",
                f"{BYTES // each} at most",
                "name fewer with --unlabelled",
            )
        key = _key(teacher, [frames.samples[index] for index in asked], (*shape, road))
        path = os.path.join(cache_folder(), f"answers-{key}.npy")
        if not _is_whole(path, shape):
            with written_beside(path) as temporary, _opened(temporary, shape) as answers:
                _ask(teacher, frames, asked, road, answers)
        self._answers = np.load(path, mmap_mode="r")

    def of(self, index: int, shape: tuple[int, int]) -> np.ndarray | None:
        """(H / 2, W / 2, C) uint8, 0 to WHOLE, of a frame of that (H, W); None where nobody was
        asked."""
        row = self._row.get(index)
        height, width = _halved(shape)
        return None if row is None else self._answers[row, :height, :width]


def _ask(
    teacher: Teacher, frames: Frames, asked: Sequence[int], road: int, answers: np.ndarray
) -> None:
    """Fill (N, h, w, C) uint8; what a frame leaves empty is 0."""
    for row, index in enumerate(counted(asked, f"asking {teacher.name}")):
        height, width = _halved(frames[index][1].shape)
        p = teacher.answer(frames.samples[index].read()[0])
        # one class at a time: OpenCV takes at most 4 channels where the sides' ratio is not whole
        p = np.dstack(
            [
                cv2.resize(one, (width, height), interpolation=cv2.INTER_AREA)
                for one in np.ascontiguousarray(p.transpose(2, 0, 1))
            ]
        )
        if road != VOID:
            above = p[: int(ROADLESS * height)]
            above[..., road] = 0
            above[:] = above / np.maximum(above.sum(2, keepdims=True), 1e-3)
        answers[row, :height, :width] = np.rint(p * WHOLE)


def _halved(shape: tuple[int, ...]) -> tuple[int, int]:
    return -(-shape[0] // 2), -(-shape[1] // 2)


def _key(teacher: Teacher, samples: Sequence[Example], shape: tuple[int, ...]) -> str:
    """Of the teacher's weights and classes, what each frame is called and its pixels, and the
    form."""
    terms = f"{teacher.digest} {teacher.frame_wh} {teacher.order} {shape}"
    digest = hashlib.sha256(terms.encode())
    for sample in samples:
        image, _ = sample.read()
        digest.update(sample.name.encode())
        digest.update(np.ascontiguousarray(image[::16, ::16]).tobytes())
    return digest.hexdigest()[:16]


def _is_whole(path: str, shape: tuple[int, ...]) -> bool:
    """Whether the file holds such an array; one that does not is made again."""
    try:
        found = np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError):
        return False
    return found.shape == shape and found.dtype == np.uint8


@contextmanager
def _opened(path: str, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """A new array in a file, of zeros; on the disk at the end."""
    array = np.lib.format.open_memmap(path, "w+", np.uint8, shape)
    yield array
    array.flush()
