"""Pictures that EXIF says are turned: as Pillow turns them, whatever holds the EXIF data."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from catseye.runtime.picture_files import tiff
from catseye.runtime.picture_files.orientation import upright
from catseye.runtime.picture_files.reading import grey_from_file, image_from_file, stored_picture

# eight fields of one brightness each: every turn and mirroring gives another picture
FIELDS = np.kron(np.arange(0, 240, 30).reshape(2, 4), np.ones((16, 16))).astype(np.uint8)


def turned(form, orientation, **options):
    exif = Image.Exif()
    exif[tiff.ORIENTATION] = orientation
    stream = io.BytesIO()
    Image.fromarray(FIELDS).convert("RGB").save(stream, form, exif=exif.tobytes(), **options)
    return stream.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_as_pillow_has_it(orientation):
    seen = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(turned("PNG", orientation)))))
    assert np.array_equal(upright(FIELDS, orientation), seen[..., 0])
    assert np.array_equal(upright(np.dstack([FIELDS] * 3), orientation), seen)


@pytest.mark.parametrize("form, options", (("JPEG", {}), ("PNG", {}), ("WEBP", {"lossless": True})))
@pytest.mark.parametrize("orientation", (3, 6))
def test_files_are_turned_alike(tmp_path, form, options, orientation):
    path = tmp_path / "picture"
    path.write_bytes(turned(form, orientation, **options))
    expected = upright(FIELDS, orientation).astype(int)
    assert np.abs(image_from_file(str(path)).astype(int) - expected[..., None]).max() < 8
    assert np.abs(grey_from_file(str(path)).astype(int) - expected).max() < 8
    stored = stored_picture(str(path))
    assert stored.pixels.shape == (32, 64, 3) and stored.orientation == orientation


@pytest.mark.parametrize("orientation", (0, 9, 65535))
def test_nonsense_is_upright(tmp_path, orientation):
    (tmp_path / "a.jpg").write_bytes(turned("JPEG", orientation))
    assert stored_picture(str(tmp_path / "a.jpg")).orientation == 1


def test_exif_cut_anywhere_is_harmless():
    exif = Image.Exif()
    exif[tiff.ORIENTATION] = 6
    block = exif.tobytes()[len(b"Exif\0\0") :]
    found = {tiff.orientation_from_exif(block[:size]) for size in range(len(block))}
    assert tiff.orientation_from_exif(block) == 6 and found <= {1, 6}
    # a directory that points at itself, and one far behind the end
    assert tiff.orientation_from_exif(b"II*\0" + bytes((4, 0, 0, 0)) * 9) == 1
    assert tiff.orientation_from_exif(b"MM\0*" + b"\xff" * 40) == 1


def test_a_turned_tiff_is_refused(tmp_path):
    exif = Image.Exif()
    exif[tiff.ORIENTATION] = 3
    Image.fromarray(FIELDS).save(tmp_path / "a.tif", exif=exif)
    assert cv2.haveImageReader(str(tmp_path / "a.tif"))
    with pytest.raises(ValueError, match="orientation 3"):
        tiff.tiff_header((tmp_path / "a.tif").read_bytes())
