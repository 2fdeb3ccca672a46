"""Finding digits: on paper and slate, in several sizes, among things that are no digits, whatever
the ground."""

from typing import List

import cv2
import numpy as np
import pytest

from catseye.runtime.datasets.mnist import DigitPage, page_of_digits, read_digits
from catseye.runtime.tasks.digit_finder import Box, find_digits
from catseye.runtime.tasks.digit_form import slot_from_ink

PAGES = 3
GROUNDS = {"dark on light": (225, 35), "light on dark": (40, 235), "faint on grey": (150, 100)}


def intersection_over_union(one: Box, other: Box) -> float:
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    common = max(across, 0) * max(down, 0)
    return common / (one[2] * one[3] + other[2] * other[3] - common)


def pages(size_wh, digits_each: int, board: bool) -> List[DigitPage]:
    digits = read_digits("demo", "test")
    starts = range(0, PAGES * digits_each, digits_each)
    parts = [slice(start, start + digits_each) for start in starts]
    return [
        page_of_digits(digits.images[p], digits.labels[p], size_wh, p.start, board) for p in parts
    ]


def picture_of(
    text: str, ground: int, ink: int, size_wh=(320, 240), thickness: int = 4
) -> np.ndarray:
    picture = np.full((size_wh[1], size_wh[0], 3), ground, np.uint8)
    cv2.putText(picture, text, (40, 140), cv2.FONT_HERSHEY_SIMPLEX, 2, (ink,) * 3, thickness)
    return picture


@pytest.mark.parametrize(
    "size_wh, number", [((640, 480), 12), ((1920, 1080), 6), ((320, 240), 10), ((240, 240), 1)]
)
@pytest.mark.parametrize("board", [False, True])
def test_it_finds_the_digits_of_a_page_and_little_else(size_wh, number: int, board: bool):
    found_digits, extra = 0, 0
    for page in pages(size_wh, number, board):
        boxes = [digit.box for digit in find_digits(page.image, 16)]
        hits = sum(
            any(intersection_over_union(box, truth) > 0.5 for box in boxes) for truth in page.boxes
        )
        found_digits, extra = found_digits + hits, extra + len(boxes) - hits
    assert found_digits >= 0.95 * PAGES * number
    assert extra <= max(2, 0.05 * PAGES * number)


@pytest.mark.parametrize("ground, ink", GROUNDS.values(), ids=GROUNDS.keys())
@pytest.mark.parametrize("label", range(10))
def test_a_digit_is_found_once_on_any_ground(label: int, ground: int, ink: int):
    found = find_digits(picture_of(str(label), ground, ink), 16)
    assert len(found) == 1  # not the holes of an 8 as well
    x, y, w, h = found[0].box
    assert 40 <= x + w / 2 <= 85 and 90 <= y + h / 2 <= 145


def test_the_largest_are_kept_and_given_from_left_to_right():
    picture = np.full((240, 640, 3), 230, np.uint8)
    for x, scale in ((20, 1.0), (120, 3.0), (260, 2.0), (380, 1.0), (480, 2.5)):
        cv2.putText(picture, "3", (x, 160), cv2.FONT_HERSHEY_SIMPLEX, scale, (20, 20, 20), 4)
    everything = [digit.box for digit in find_digits(picture, 16)]
    assert [box[0] // 100 for box in everything] == [0, 1, 2, 3, 4]
    assert [digit.box for digit in find_digits(picture, 3)] == [everything[i] for i in (1, 2, 4)]


@pytest.mark.parametrize("thing", ["nothing", "noise", "blot", "line", "cut off", "specks"])
def test_what_is_no_digit_is_left_alone(thing: str):
    picture = np.full((240, 320, 3), 200, np.uint8)
    if thing == "noise":
        picture = np.clip(
            picture + np.random.RandomState(0).normal(0, 6, picture.shape), 0, 255
        ).astype(np.uint8)
    elif thing == "blot":
        cv2.circle(picture, (160, 120), 22, (20, 20, 20), -1)
    elif thing == "line":
        cv2.line(picture, (40, 100), (280, 110), (20, 20, 20), 5)
    elif thing == "cut off":
        cv2.putText(picture, "8", (-20, 140), cv2.FONT_HERSHEY_SIMPLEX, 2, (20, 20, 20), 4)
    elif thing == "specks":
        picture[::40, ::40] = 0
    assert find_digits(picture, 16) == []


@pytest.mark.parametrize("side", [28, 32, 64])
@pytest.mark.parametrize("light_on_dark", [True, False])
def test_a_small_picture_is_one_digit(side: int, light_on_dark: bool):
    digits = read_digits("demo", "test")
    for digit in digits.images[:20]:
        grey = cv2.resize(digit[2:30, 2:30], (side, side)) if side != 32 else digit
        grey = grey if light_on_dark else 255 - grey
        found = find_digits(np.repeat(grey[..., None], 3, 2), 16)
        assert len(found) == 1
        slot = slot_from_ink(found[0].ink)
        assert np.corrcoef(slot.ravel(), digit.ravel())[0, 1] > 0.7


def test_a_flat_small_picture_is_no_digit():
    assert find_digits(np.full((32, 32, 3), 90, np.uint8), 16) == []
