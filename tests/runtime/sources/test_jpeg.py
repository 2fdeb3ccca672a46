import cv2
import numpy as np
import pytest

from catseye.runtime.picture_files.jpeg import end_of_jpeg, jpeg_size_wh
from catseye.runtime.picture_files.reading import image_from_file
from catseye.runtime.sources.jpeg import image_from_jpeg

IMAGE = cv2.GaussianBlur(
    np.random.RandomState(0).randint(0, 256, (48, 64, 3)).astype(np.uint8), (0, 0), 2.0
)


def encoded(*parameters):
    return cv2.imencode(".jpg", IMAGE, parameters)[1].tobytes()


KINDS = {
    "baseline": encoded(),
    "progressive": encoded(cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "restarts": encoded(cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
}
# a thumbnail, which has an end of its own, in a segment of the header
KINDS["thumbnail"] = (
    b"\xff\xd8\xff\xe1"
    + (len(KINDS["baseline"]) + 2).to_bytes(2, "big")
    + KINDS["baseline"]
    + KINDS["baseline"][2:]
)
KINDS["fill bytes"] = KINDS["baseline"].replace(b"\xff\xdb", b"\xff\xff\xff\xdb", 1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_picture_ends_where_it_ends(kind):
    data = KINDS[kind]
    assert end_of_jpeg(data) == len(data)
    assert end_of_jpeg(data + b"\r\n--frame\xff\xd9") == len(data)
    assert jpeg_size_wh(data) == (64, 48)


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_cut_anywhere_has_no_end(kind):
    data = KINDS[kind]
    assert [end_of_jpeg(data[:size]) for size in range(len(data))] == [None] * len(data)
    assert not image_from_jpeg(data[: len(data) // 2]).size
    # the next picture's end is not this one's
    assert end_of_jpeg(data[:-9] + data) is None


def test_it_is_decoded_as_a_file_is(tmp_path):
    path = tmp_path / "picture.jpg"
    for kind, data in KINDS.items():
        path.write_bytes(data)
        assert np.array_equal(image_from_jpeg(data), image_from_file(str(path))), kind


@pytest.mark.parametrize("lost", (1400, 8000))
def test_a_picture_that_lacks_its_middle_is_undecoded(lost):
    """Its end is there, and libjpeg paints something."""
    grains = np.random.RandomState(0).randint(0, 256, (480, 640, 3)).astype(np.uint8)
    data = cv2.imencode(".jpg", cv2.GaussianBlur(grains, (0, 0), 2.0))[1].tobytes()
    damaged = data[: len(data) // 2] + data[len(data) // 2 + lost :]
    assert end_of_jpeg(damaged) == len(damaged)
    assert image_from_jpeg(data).size and not image_from_jpeg(damaged).size


def test_bytes_too_many_before_the_end_do_no_harm():
    data = KINDS["baseline"]
    padded = data[:-2] + bytes(3) + data[-2:]
    assert np.array_equal(image_from_jpeg(padded), image_from_jpeg(data))


@pytest.mark.parametrize("data", (b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff\xd9", b"GIF89a" * 9))
def test_what_is_no_picture_is_undecoded(data, capfd):
    assert image_from_jpeg(data).shape == (0, 0, 3)
    assert capfd.readouterr().err == ""


def test_a_header_that_promises_more_than_memory_is_not_believed(monkeypatch):
    data = bytearray(KINDS["baseline"])
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = b"\xff\xff\xff\xff"  # 65535x65535
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("it was decoded"))
    assert not image_from_jpeg(bytes(data)).size
