"""Every kind of picture file, written by OpenCV and Pillow: taken as it is, or refused in one line
with its name before it is decoded."""

import io
import os
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from catseye.runtime.errors import SourceError
from catseye.runtime.picture_files import bitmaps, reading
from catseye.runtime.picture_files.base import MOST_PIXELS, NotTaken
from catseye.runtime.picture_files.formats import header_of, is_picture
from catseye.runtime.picture_files.png import SIGNATURE, packed
from catseye.runtime.picture_files.reading import grey_from_file, image_from_file

COLOUR = cv2.resize(np.random.RandomState(0).randint(0, 256, (6, 9, 3)).astype(np.uint8), (72, 48))
GREY = np.ascontiguousarray(COLOUR[..., 0])


def by_opencv(suffix, picture=COLOUR, parameters=()):
    return cv2.imencode(suffix, picture, list(parameters))[1].tobytes()


def by_pillow(form, mode="RGB", **options):
    stream = io.BytesIO()
    Image.fromarray(COLOUR[..., ::-1]).convert(mode).save(stream, form, **options)
    return stream.getvalue()


def png(width, height, bits=8, colour_type=0, pixels=b""):
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b""))
    return SIGNATURE + b"".join(packed(*chunk) for chunk in chunks)


LOSSLESS = {
    "PNG": by_opencv(".png"),
    "PNG, transparent": by_opencv(".png", np.dstack([COLOUR, GREY])),
    "PNG, 16 bits": by_opencv(".png", COLOUR.astype(np.uint16) * 257),
    "PNG, interlaced": by_pillow("PNG", interlace=True),
    "BMP": by_opencv(".bmp"),
    "BMP, upside down": by_pillow("BMP"),
    "WebP": by_pillow("WEBP", lossless=True),
    "WebP with metadata": by_pillow("WEBP", lossless=True, exif=Image.Exif().tobytes()),
    "TIFF": by_opencv(".tiff"),
    "TIFF, Pillow's": by_pillow("TIFF"),
    "TIFF, deflated": by_pillow("TIFF", compression="tiff_adobe_deflate"),
    "TIFF, 16 bits": by_opencv(".tiff", COLOUR.astype(np.uint16) * 257),
    "PPM": by_opencv(".ppm"),
    "PPM with a comment": b"P6 # a\n# b\n72\t48\n255\n" + COLOUR[..., ::-1].tobytes(),
    "PPM, text": by_opencv(".ppm", COLOUR, (cv2.IMWRITE_PXM_BINARY, 0)),
}
GREYS = {
    "PNG": by_opencv(".png", GREY),
    "BMP": by_opencv(".bmp", GREY),
    "TIFF": by_opencv(".tif", GREY),
    "PGM": by_opencv(".pgm", GREY),
    "PGM, 16 bits": by_opencv(".pgm", GREY.astype(np.uint16) * 257),
}
LOSSY = {
    "baseline": by_opencv(".jpg"),
    "progressive": by_opencv(".jpg", COLOUR, (cv2.IMWRITE_JPEG_PROGRESSIVE, 1)),
    "two after each other": by_opencv(".jpg") * 2,  # as phones append another
    "WebP": by_pillow("WEBP", quality=90),
}


@pytest.fixture
def write(tmp_path):
    def written(data):
        (tmp_path / "street.png").write_bytes(data)
        return str(tmp_path / "street.png")

    return written


def test_every_bmp_and_pixmap_header_says_its_size():
    assert bitmaps.bmp_header(LOSSLESS["BMP, upside down"]) == ("BMP", 72, 48, 8, 1)
    os2 = b"BM" + struct.pack("<IIIIHHHH", 0, 0, 26, 12, 4, 2, 1, 24) + bytes(24)
    assert bitmaps.bmp_header(os2)[1:3] == (4, 2)
    assert bitmaps.pixmap_header(b"P5\n#\n3 #x\n 2\n65535\n" + bytes(12))[1:4] == (3, 2, 16)


@pytest.mark.parametrize("kind", LOSSLESS)
def test_pixels_are_what_was_written(write, kind):
    image = image_from_file(write(LOSSLESS[kind]))
    assert image.dtype == np.uint8 and np.array_equal(image, COLOUR)


@pytest.mark.parametrize("kind", GREYS)
def test_grey_becomes_colour_or_stays(write, kind):
    path = write(GREYS[kind])
    assert np.array_equal(image_from_file(path), np.dstack([GREY] * 3))
    assert np.array_equal(grey_from_file(path), GREY)


@pytest.mark.parametrize("kind", LOSSY)
def test_lossy_pictures_are_near(write, kind):
    image = image_from_file(write(LOSSY[kind]))
    assert image.shape == COLOUR.shape and np.abs(image.astype(int) - COLOUR).mean() < 12


def test_four_bits_of_a_picture_are_brightness(write):
    assert grey_from_file(write(png(2, 1, 4, 0, b"\0\x0f"))).tolist() == [[0, 255]]


@pytest.mark.parametrize("kind", {**LOSSLESS, **LOSSY})
def test_a_picture_cut_anywhere_is_refused(kind):
    data = {**LOSSLESS, **LOSSY}[kind]
    whole = len(data) // 2 if kind == "two after each other" else len(data)
    # what follows the pixels themselves may be missing: a TIFF's text, the last line's end
    for size in [*range(0, 64), *range(64, whole * 9 // 10, 1 + whole // 40)]:
        with pytest.raises(NotTaken):
            reading.image_from_bytes(data[:size])


@pytest.mark.parametrize(
    "data, complaint",
    [
        (b"", "it begins with nothing; expected a PNG, JPEG, BMP"),
        (b"GIF89a" + bytes(99), "it begins with 47494638"),
        (by_pillow("GIF", "P"), "it begins with 47494638"),
        (png(24_000, 24_000), "it has 24000 x 24000 pixels; expected 1 to 67108864; shrink it"),
        (png(0, 5), "it has 0 x 5 pixels"),
        (png(1, 1, 8, 0, b"\0\0")[:-14], "damaged or cut off at byte"),
        (png(4, 4), "no readable picture"),
        (by_pillow("JPEG", "CMYK"), "a JPEG of 4 inks .* save it again as RGB"),
        (by_opencv(".jpg").replace(b"\xff\xc0\0\x11\x08", b"\xff\xc1\0\x11\x0c"), "12 bits"),
        (by_pillow("TIFF", "F"), "TIFF of 32 bits"),
        (by_pillow("TIFF", "CMYK"), "photometric 5"),
        (by_pillow("TIFF", "1"), "TIFF of 1 bits"),
        (by_pillow("TIFF", save_all=True, append_images=[Image.new("RGB", (4, 4))]), "of several"),
        (by_pillow("WEBP", save_all=True, append_images=[Image.new("RGB", (72, 48))]), "it moves"),
        (by_pillow("PNG", save_all=True, append_images=[Image.new("RGB", (72, 48))]), "it moves"),
        (b"RIFF" + bytes(4) + b"WAVEfmt " + bytes(40), "RIFF file of b'WAVE'"),
        (by_opencv(".bmp")[:30] + b"\1" + by_opencv(".bmp")[31:], "a BMP of compression 1"),
        (b"P5 2 2 100 " + bytes(4), "values up to 100"),
        (by_opencv(".png", COLOUR.astype(np.uint16) * 4), r"no value above \d+; .* scale it"),
    ],
)
def test_what_is_not_taken_is_one_line_with_its_name(write, capfd, data, complaint):
    path = write(data)
    with pytest.raises(SourceError, match="cannot read .*street.png: .*" + complaint) as error:
        image_from_file(path)
    assert "\n" not in str(error.value)


def test_a_jpeg_that_lacks_its_middle_is_refused(write):
    """Its end is there, and libjpeg paints something, with a word on stderr alone."""
    grains = np.random.RandomState(0).randint(0, 256, (480, 640, 3)).astype(np.uint8)
    data = by_opencv(".jpg", cv2.GaussianBlur(grains, (0, 0), 2.0))
    path = write(data[: len(data) // 2] + data[len(data) // 2 + 1400 :])
    with pytest.raises(SourceError, match="street.png: it is cut off, or damaged"):
        image_from_file(path)


@pytest.mark.parametrize(
    "data",
    [
        png(1 << 14, 1 << 14),
        by_opencv(".jpg").replace(b"\0\x30\0\x48", b"\xff\xff\xff\xff", 1),
        b"BM" + struct.pack("<IIIIiiHHIIiiII", 0, 0, 54, 40, 1 << 30, 1 << 30, 1, 24, 0, *[0] * 5),
        b"P6 99999 99999 255\n",
        b"II*\0"
        + struct.pack("<IH", 8, 2)
        + struct.pack("<HHIIHHIII", 256, 4, 1, 1 << 30, 257, 4, 1, 1 << 30, 0),
        b"RIFF" + struct.pack("<I4s4sI", 22, b"WEBP", b"VP8X", 10) + bytes(4) + b"\xff" * 6,
    ],
)
def test_a_header_that_promises_more_than_memory_is_not_believed(monkeypatch, data):
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(NotTaken):
        reading.image_from_bytes(data)


def test_a_file_is_measured_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "street.png"
    with open(path, "wb") as stream:
        stream.truncate(9 * MOST_PIXELS)  # of no blocks on the disk
    monkeypatch.setattr(reading, "read_bytes", lambda *_: pytest.fail("it was read"))
    with pytest.raises(SourceError, match="street.png: it has 603979776 bytes"):
        image_from_file(str(path))
    os.mkfifo(tmp_path / "pipe.png")  # which would keep its reader waiting
    with pytest.raises(SourceError, match="pipe.png: it is no file"):
        image_from_file(str(tmp_path / "pipe.png"))


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(SourceError, match="cannot read .*gone.png'?: No such file"):
        image_from_file(str(tmp_path / "gone.png"))


def test_the_header_says_what_it_is():
    assert header_of(by_opencv(".jpg")) == ("JPEG", 72, 48, 8, 1)
    assert is_picture("A.JPG") and is_picture("b.webp") and not is_picture("c.gif")
