"""Memory that is used again: never while anybody holds a picture in it, or a part of one."""

import numpy as np
import pytest

from catseye.runtime.sources import open_source
from catseye.runtime.street import Street
from catseye.runtime.system.reused import MOST, ReusedPictures


def picture(size_wh=(8, 6)):
    return np.zeros((size_wh[1], size_wh[0], 3), np.uint8)


def test_a_picture_is_free_when_nobody_holds_it():
    pictures, held = ReusedPictures(), picture()
    assert pictures.free() is None
    pictures.keep(held)
    assert pictures.free() is None
    place = held.ctypes.data
    del held
    assert pictures.free().ctypes.data == place
    assert pictures.free().ctypes.data == place  # asking takes nothing


@pytest.mark.parametrize("part", (lambda all_: all_[2:4, ::2], lambda all_: all_.T[1:], memoryview))
def test_a_part_of_it_holds_it(part):
    pictures, held = ReusedPictures(), picture()
    pictures.keep(held)
    some = part(held)
    del held
    assert pictures.free() is None
    del some
    assert pictures.free() is not None


def test_few_are_kept_and_of_one_size():
    pictures, held = ReusedPictures(), [picture() for _ in range(MOST + 3)]
    for each in held * 2:
        pictures.keep(each)
    held = [picture((4, 4))]
    pictures.keep(held[0])
    assert pictures.free() is None  # the others are gone
    held.clear()
    assert pictures.free().shape == (4, 4, 3)


def test_what_is_part_of_something_else_is_not_kept():
    pictures = ReusedPictures()
    pictures.keep(picture()[:4])
    assert pictures.free() is None


def test_frames_that_are_kept_stay_as_they_were(tmp_path):
    """Of a film whose memory is used again: all, every second one, and a part of each."""
    import cv2

    street, path = Street(3, (160, 96)), str(tmp_path / "film.mp4")
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"mp4v"), 25.0, (160, 96))
    for index in range(12):
        writer.write(street.render(index / 25)[0])
    writer.release()
    capture = cv2.VideoCapture(path)
    truth = [capture.read()[1] for _ in range(12)]
    with open_source(path) as source:
        kept, places = [], set()
        for frame in source:
            places.add(frame.image.ctypes.data)
            kept.append(frame.image if frame.index % 3 == 0 else frame.image[10:20].copy())
            if frame.index % 4 == 1:
                kept[-1] = frame.image[10:20]
            del frame
    for index, (part, whole) in enumerate(zip(kept, truth)):
        assert (part == (whole if len(part) == 96 else whole[10:20])).all(), index
    assert len(kept) == 12 and len(places) < 12
