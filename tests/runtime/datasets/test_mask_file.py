"""Masks in every form that a PNG has, written byte by byte, since OpenCV itself writes only a
few."""

import json
import struct
import zlib

import cv2
import numpy as np
import pytest

from catseye.runtime.classes import VOID
from catseye.runtime.datasets.mask_file import ids_from_file, mask_from_file
from catseye.runtime.datasets.road import road_samples
from catseye.runtime.errors import CatseyeError
from catseye.runtime.picture_files.png import SIGNATURE

PALETTE = (b"PLTE", bytes((0, 0, 0, 90, 90, 90, 0, 255, 0, 90, 90, 90)))


def chunk(kind, content):
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png(colour_type, bits, rows, more=(), width=4):
    """A PNG of rows of bytes, with chunks before the pixels."""
    header = struct.pack(">IIBBBBB", width, len(rows), bits, colour_type, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    chunks = ((b"IHDR", header), *more, (b"IDAT", pixels), (b"IEND", b""))
    return SIGNATURE + b"".join(chunk(*each) for each in chunks)


FORMS = {
    "grey, 1 bit": (png(0, 1, [b"\x50"]), [0, 1, 0, 1]),
    "grey, 2 bits": (png(0, 2, [b"\x1b"]), [0, 1, 2, 3]),
    "grey, 4 bits": (png(0, 4, [b"\x01\x2b"]), [0, 1, 2, 11]),
    "grey, 8 bits": (png(0, 8, [b"\0\1\2\xff"]), [0, 1, 2, 255]),
    "grey, 16 bits": (png(0, 16, [b"\0\0\0\1\0\2\0\xff"]), [0, 1, 2, 255]),
    "grey, one of them transparent": (png(0, 2, [b"\x1b"], [(b"tRNS", b"\0\1")]), [0, 1, 2, 3]),
    "grey and alpha": (png(4, 8, [b"\0\xff\1\x80\2\0\3\1"]), [0, 1, 2, 3]),
    "grey that says how it is turned": (
        png(0, 8, [b"\0\1\2\3"], [(b"eXIf", b"MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\3\0\0")]),
        [0, 1, 2, 3],
    ),
}
PALETTES = {
    "8 bits": png(3, 8, [b"\0\1\2\3"], [PALETTE]),
    "2 bits": png(3, 2, [b"\x1b"], [PALETTE]),
    "transparent": png(3, 2, [b"\x1b"], [PALETTE, (b"tRNS", b"\0\x80")]),
    "of greys": png(3, 2, [b"\x1b"], [(b"PLTE", bytes((0, 0, 0, 7, 7, 7, 8, 8, 8, 9, 9, 9)))]),
}


@pytest.fixture
def write(tmp_path):
    def written(data):
        (tmp_path / "mask.png").write_bytes(data)
        return str(tmp_path / "mask.png")

    return written


@pytest.mark.parametrize("form", FORMS)
def test_grey_is_what_was_written(write, form):
    data, expected = FORMS[form]
    path = write(data)
    assert mask_from_file(path).tolist() == [expected]
    ids = ids_from_file(path, 255)
    assert ids.dtype == np.uint8 and ids.tolist() == [expected]


@pytest.mark.parametrize("form", PALETTES)
def test_a_palette_has_indices_and_colours(write, form):
    path = write(PALETTES[form])
    assert ids_from_file(path, 3).tolist() == [[0, 1, 2, 3]]
    assert mask_from_file(path).shape == (1, 4, 3)


def test_a_palettes_colours_are_bgr(write):
    path = write(PALETTES["8 bits"])
    grey, green = [90, 90, 90], [0, 255, 0]
    assert mask_from_file(path).tolist() == [[[0, 0, 0], grey, green, grey]]


@pytest.mark.parametrize("colour_type, rgb", [(2, b"\1\2\3"), (6, b"\1\2\3\0")])
def test_colours_are_bgr_without_alpha(write, colour_type, rgb):
    path = write(png(colour_type, 8, [rgb], width=1))
    assert mask_from_file(path).tolist() == [[[3, 2, 1]]]
    with pytest.raises(CatseyeError, match="mask.png is coloured; expected a grey PNG"):
        ids_from_file(path, 255)


def test_sixteen_bits_keep_large_ids_and_refuse_them_where_none_are(write):
    path = write(png(0, 16, [b"\2\xbc\0\1"], width=2))
    assert mask_from_file(path).tolist() == [[700, 1]]
    with pytest.raises(CatseyeError, match="ids up to 700; expected ids 0 to 11"):
        ids_from_file(path, 11)


@pytest.mark.parametrize(
    "data, complaint",
    [
        (png(2, 16, [b"\0\1\0\2\0\3"], width=1), "colours of 16 bits|is coloured"),
        (b"", "begins with nothing"),
        (cv2.imencode(".jpg", np.zeros((4, 4), np.uint8))[1].tobytes(), "begins with ffd8ff"),
        (FORMS["grey, 8 bits"][0][:-1], "damaged or cut off"),
        (FORMS["grey, 8 bits"][0][:45], "damaged or cut off"),
        (FORMS["grey, 8 bits"][0].replace(b"IDAT", b"IDAU"), "damaged or cut off"),
        (SIGNATURE + chunk(b"IEND", b""), "cannot read"),
        (png(0, 8, []), "4 x 0 pixels"),
        (png(0, 8, [b"\0"], width=1 << 31), "2147483648 x 1 pixels"),
        (png(0, 3, [b"\0"]), "cannot read"),
    ],
)
def test_what_is_no_mask_is_one_line_with_its_name(write, data, complaint):
    path = write(data)
    for read in (mask_from_file, lambda path: ids_from_file(path, 255)):
        with pytest.raises(CatseyeError, match=complaint) as error:
            read(path)
        assert "mask.png" in str(error.value) and "\n" not in str(error.value)


def folder_with(tmp_path, mask, void=255):
    classes = [
        {"name": "Ground", "id": 0, "colour": [0, 0, 0]},
        {"name": "Road", "id": 1, "colour": [255, 255, 255]},
    ]
    content = {"classes": classes, "void": void, "road": "Road"}
    (tmp_path / "classes.json").write_text(json.dumps(content))
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    for name in "ab":
        cv2.imwrite(str(tmp_path / "images" / (name + ".png")), np.zeros((1, 4, 3), np.uint8))
        (tmp_path / "masks" / (name + ".png")).write_bytes(mask)
    return str(tmp_path)


def test_a_road_mask_of_one_bit_is_no_mask_of_void(tmp_path):
    data = folder_with(tmp_path, FORMS["grey, 1 bit"][0])
    assert road_samples(data, "train")[0].read()[1].tolist() == [[0, 1, 0, 1]]


def camvid_with(tmp_path, mask):
    for folder, content in (
        ("train", cv2.imencode(".png", np.zeros((1, 4, 3), np.uint8))[1].tobytes()),
        ("trainannot", mask),
    ):
        (tmp_path / "camvid" / folder).mkdir(parents=True)
        (tmp_path / "camvid" / folder / "0001TP_1.png").write_bytes(content)
    return str(tmp_path)


@pytest.mark.parametrize(
    "mask",
    [
        FORMS["grey, 4 bits"][0],
        png(0, 16, [b"\0\0\0\1\0\2\0\x0b"]),
        png(3, 8, [b"\0\1\2\x0b"], [(b"PLTE", bytes(range(36)))]),
    ],
)
def test_annotations_of_camvid_keep_their_ids(tmp_path, mask):
    sample = road_samples(camvid_with(tmp_path, mask), "train")[0]
    assert sample.read()[1].tolist() == [[0, 1, 2, VOID]]
