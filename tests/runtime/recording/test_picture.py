import struct
import zlib

import numpy as np
import pytest
from camera_loop import frame_of

from catseye.runtime.recording.picture import image_from_message, message_from_frame

SIZE_AT = 16  # of the width, in a PNG


def message_of(image):
    return message_from_frame(frame_of()._replace(image=image))


def noise(height=20, width=30):
    return np.random.RandomState(3).randint(0, 256, (height, width, 3)).astype(np.uint8)


def with_header(message, body):
    """The message with another IHDR, its checksum mended."""
    at = message.index(b"IHDR")
    head = b"IHDR" + body
    return message[:at] + head + struct.pack(">I", zlib.crc32(head)) + message[at + 21 :]


@pytest.mark.parametrize("shape", ((1, 1), (20, 30), (48, 64)))
def test_a_picture_comes_back_bit_by_bit(shape):
    image = noise(*shape)
    np.testing.assert_array_equal(image_from_message(message_of(image)), image)


def test_the_emptiest_picture_is_not_taken_for_too_small():
    image = np.zeros((1080, 1920, 3), np.uint8)
    np.testing.assert_array_equal(image_from_message(message_of(image)), image)


@pytest.mark.parametrize(
    ("width", "height", "kind"),
    (
        (0, 20, (8, 2, 0, 0, 0)),
        (30, 0, (8, 2, 0, 0, 0)),
        (30, 21, (8, 2, 0, 0, 0)),
        (31, 20, (8, 2, 0, 0, 0)),
        (2**31 - 1, 2**31 - 1, (8, 2, 0, 0, 0)),
        (30_000, 30_000, (8, 2, 0, 0, 0)),
        (30, 20, (16, 2, 0, 0, 0)),
        (30, 20, (8, 6, 0, 0, 0)),
        (30, 20, (8, 3, 0, 0, 0)),
        (30, 20, (8, 2, 0, 0, 1)),
    ),
)
def test_a_header_that_is_not_the_picture_s_is_an_error(width, height, kind, capfd):
    body = struct.pack(">IIBBBBB", width, height, *kind)
    with pytest.raises(ValueError):
        image_from_message(with_header(message_of(noise()), body))
    assert capfd.readouterr().err == ""  # libpng has nothing to say to it


def test_a_size_beyond_what_the_bytes_hold_is_never_decoded(monkeypatch):
    monkeypatch.setattr("cv2.imdecode", lambda *_: pytest.fail("decoded"))
    body = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    with pytest.raises(ValueError, match="a PNG of 20000x20000 in"):
        image_from_message(with_header(message_of(noise()), body))


def test_a_message_cut_or_lengthened_anywhere_is_an_error():
    message = message_of(noise(4, 5))
    for size in range(len(message)):
        with pytest.raises(ValueError):
            image_from_message(message[:size])
    with pytest.raises(ValueError):
        image_from_message(message + b"\0")
