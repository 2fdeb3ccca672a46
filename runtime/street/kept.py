"""Synthetic streets that were drawn before: `streets/` of the cache folder, at most MOST of them.

A file is the SHA-256 of what follows, then image and mask, compressed; its name tells seed, size,
kerbs, moment and all the code that draws. A file that is damaged, or a folder that cannot be
written, costs the drawing and no word.
"""

import hashlib
import os
import zlib
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime import classes
from catseye.runtime.engines.tensorrt.cache_folder import cache_folder
from catseye.runtime.errors import CatseyeError
from catseye.runtime.street import Street
from catseye.runtime.system.files import write_bytes

MOST = 300  # files, the newest; about half a megabyte each
ENDING = ".street"
DIGEST = 32  # bytes
CHANNELS = 4  # blue, green, red and the class id

Picture = Tuple[np.ndarray, np.ndarray]


class Moment(NamedTuple):
    """What decides a frame, beside the code."""

    seed: int
    size_wh: Tuple[int, int]
    kerbs: bool
    time_s: float


def kept_street(moment: Moment) -> Picture:
    """The frame that `Street` renders, image (H, W, 3) uint8 BGR and mask (H, W) uint8 class
    ids."""
    path = _path(moment)
    picture = _read(path, moment.size_wh) if path else None
    if picture is None:
        picture = Street(moment.seed, moment.size_wh, moment.kerbs).render(moment.time_s)
        if path:
            _keep(path, picture)
    return picture


def _path(moment: Moment) -> str:
    """Where the frame is kept; "" where the code that draws cannot be read, as inside a zip."""
    code = _digest_of_code()
    if not code:
        return ""
    name = hashlib.sha256(("%s %s" % (code, tuple(moment))).encode()).hexdigest()[:32]
    return os.path.join(cache_folder(), "streets", name + ENDING)


@lru_cache(maxsize=None)
def _digest_of_code() -> str:
    """Of all that draws: the modules here, the table of classes, NumPy and OpenCV."""
    digest = hashlib.sha256(("%s %s" % (np.__version__, cv2.__version__)).encode())
    paths = [classes.__file__ or ""]
    for folder, _, names in os.walk(os.path.dirname(os.path.abspath(__file__))):
        paths += [os.path.join(folder, name) for name in names if name.endswith(".py")]
    try:
        for path in sorted(paths):
            with open(path, "rb") as stream:
                digest.update(stream.read())
    except OSError:
        return ""
    return digest.hexdigest()


def _read(path: str, size_wh: Tuple[int, int]) -> Optional[Picture]:
    """The frame in a file; None where there is none that is whole."""
    shape = size_wh[1], size_wh[0], CHANNELS
    most = int(np.prod(shape))
    try:
        with open(path, "rb") as stream:
            content = stream.read(DIGEST + 2 * most)
        packed = content[DIGEST:]
        if hashlib.sha256(packed).digest() != content[:DIGEST]:
            return None
        pixels = np.frombuffer(zlib.decompressobj().decompress(packed, most), np.uint8)
    except (OSError, zlib.error):
        return None
    if pixels.size != most:
        return None
    picture = pixels.reshape(shape)
    return np.ascontiguousarray(picture[..., :3]), np.ascontiguousarray(picture[..., 3])


def _keep(path: str, picture: Picture) -> None:
    image, mask = picture
    packed = zlib.compress(np.dstack((image, mask)).tobytes(), 1)
    with suppress(CatseyeError, OSError):
        write_bytes(path, hashlib.sha256(packed).digest() + packed)
        _remove_oldest(os.path.dirname(path))


def _remove_oldest(folder: str) -> None:
    """Raises OSError where somebody else removes files too; what is left then goes next time."""
    paths = [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(ENDING)]
    if len(paths) > MOST:
        for path in sorted(paths, key=os.path.getmtime)[:-MOST]:
            os.unlink(path)
