"""JPEG pictures of cameras and videos, decoded as a picture file is.

FFmpeg's motion JPEG differs from OpenCV's `imdecode`, which reads picture files, by some 40 levels
(OpenCV 4.5.5 and 5.0), and fills what is missing in a torn picture from the one before: none of it
is used. Does not know where the bytes come from.
"""

import cv2
import numpy as np

from catseye.runtime.picture_files.base import MOST_PIXELS, NotTaken
from catseye.runtime.picture_files.jpeg import end_of_jpeg, jpeg_size_wh
from catseye.runtime.picture_files.reading import decoded_jpeg
from catseye.runtime.sources.live.camera import UNDECODED


def image_from_jpeg(data: bytes) -> np.ndarray:
    """(H, W, 3) uint8 BGR, as `imdecode` reads a picture file; UNDECODED, which is empty, where the
    picture is torn, lacks something in its middle, is none, or claims more than MOST_PIXELS."""
    width, height = jpeg_size_wh(data) or (0, 0)
    if end_of_jpeg(data) is None or not 0 < width * height <= MOST_PIXELS:
        return UNDECODED
    try:
        image = decoded_jpeg(data, cv2.IMREAD_COLOR)
    except NotTaken:
        return UNDECODED
    return UNDECODED if image is None else image
