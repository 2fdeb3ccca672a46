import struct
import zlib

import numpy as np
import pytest
from camera_loop import frame_of

from catseye.runtime.coding.h264 import h264_encoder
from catseye.runtime.errors import CatseyeError
from catseye.runtime.recording.picture import PictureFormat, PictureReader, PictureWriter

SIZE_AT = 16  # of the width, in a PNG


image_from_message = PictureReader().image


def message_of(image, form=PictureFormat()):
    return PictureWriter(form).message(frame_of()._replace(image=image))


def smooth(height, width):
    """A picture as cameras have: every coder keeps it well."""
    rows, columns = np.mgrid[:height, :width]
    return np.stack((rows + 90, columns + 70, (rows + columns) // 2 + 40), -1).astype(np.uint8)


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


def needs_h264(codec):
    if codec == "h264" and h264_encoder() is None:
        pytest.skip("PyAV is not installed")


@pytest.mark.parametrize("codec", ("jpeg", "h264"))
@pytest.mark.parametrize("size_wh", ((96, 64), (97, 65)))
def test_a_lossy_picture_comes_back_nearly(codec, size_wh):
    needs_h264(codec)
    writer, reader = PictureWriter(PictureFormat(codec, 90)), PictureReader(codec)
    for index in range(3):  # each by itself, in any order
        image = smooth(size_wh[1], size_wh[0]) + np.uint8(9 * index)
        message = writer.message(frame_of(index=index)._replace(image=image))
        back = reader.image(message, size_wh)
        assert back.shape == image.shape
        assert np.abs(back.astype(int) - image).mean() < 3
        assert np.array_equal(PictureReader(codec).image(message, size_wh), back)


@pytest.mark.parametrize("codec", ("jpeg", "h264"))
def test_less_quality_is_fewer_bytes(codec):
    needs_h264(codec)
    sizes = [len(message_of(noise(64, 96), PictureFormat(codec, each))) for each in (20, 50, 90)]
    assert sizes == sorted(sizes) and sizes[0] < sizes[2] / 2


@pytest.mark.parametrize("codec", ("jpeg", "h264"))
def test_a_lossy_message_cut_or_of_another_size_is_an_error(codec, capfd):
    needs_h264(codec)
    reader, message = PictureReader(codec), message_of(noise(32, 48), PictureFormat(codec))
    for size in range(0, len(message), 7):
        with pytest.raises(ValueError):
            reader.image(message[:size], (48, 32))
    if codec == "h264":
        for wrong in ((64, 32), (4096, 4096), None):
            with pytest.raises(ValueError):
                reader.image(message, wrong)
    assert capfd.readouterr().err == ""
    assert reader.image(message, (48, 32)).shape == (32, 48, 3)  # which none of them spoilt


def test_a_jpeg_beyond_what_its_bytes_hold_is_never_decoded(monkeypatch):
    message = bytearray(message_of(noise(32, 48), PictureFormat("jpeg")))
    monkeypatch.setattr("cv2.imdecode", lambda *_: pytest.fail("decoded"))
    at = message.index(b"\xff\xc0") + 5
    message[at : at + 4] = struct.pack(">HH", 60_000, 60_000)
    with pytest.raises(ValueError, match="a JPEG of 60000x60000"):
        PictureReader("jpeg").image(bytes(message))


def test_without_pyav_h264_is_refused_at_once(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    for make in (lambda: PictureWriter(PictureFormat("h264")), lambda: PictureReader("h264")):
        with pytest.raises(CatseyeError, match="PyAV"):
            make()


@pytest.mark.parametrize("codec", ("png", "jpeg"))
def test_a_size_that_the_row_does_not_say_is_never_decoded(codec, monkeypatch):
    message = message_of(noise(20, 30), PictureFormat(codec))
    assert PictureReader(codec).image(message, (30, 20)).shape == (20, 30, 3)
    monkeypatch.setattr("cv2.imdecode", lambda *_: pytest.fail("decoded"))
    with pytest.raises(ValueError, match="a picture of 30x20 for 20x30"):
        PictureReader(codec).image(message, (20, 30))
