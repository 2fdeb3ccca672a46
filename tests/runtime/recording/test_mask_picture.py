import struct

import cv2
import numpy as np
from camera_loop import frame_of

from catseye.runtime.recording.mask_picture import mask_message, png_from_ids
from catseye.runtime.recording.mcap import bytes_at, text_at

COLOURS = ((10, 20, 30), (200, 0, 0), (0, 0, 250))


def test_a_viewer_sees_the_colours():
    ids = np.array([[0, 1, 2], [2, 255, 0]], np.uint8)
    shown = cv2.imdecode(np.frombuffer(png_from_ids(ids, COLOURS), np.uint8), cv2.IMREAD_COLOR)
    palette = np.zeros((256, 3), np.uint8)
    palette[:3] = COLOURS
    assert np.array_equal(shown[..., ::-1], palette[ids])


def test_the_message_is_a_compressed_image():
    frame = frame_of(index=7)._replace(timestamp_ns=3 * 10**9 + 5)
    message = mask_message(frame, np.zeros((4, 6), np.uint8), COLOURS)
    assert struct.unpack_from("<III", message) == (7, 3, 5)
    words, at = [], 12
    for _ in range(2):
        word, at = text_at(message, at)
        words.append(word)
    picture, end = bytes_at(message, at)
    assert words == ["camera", "png"] and end == len(message)
    assert cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR).shape == (4, 6, 3)
