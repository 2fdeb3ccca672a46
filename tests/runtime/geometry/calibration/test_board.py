"""Boards are found where they are."""

import cv2
import numpy as np
import pytest
from boards import poses, rays_of, view_of

from catseye.runtime.errors import CatseyeError
from catseye.runtime.geometry.calibration.board import board_from_text


def test_a_chessboard_is_found(views):
    lens, pictures = views
    board = board_from_text("9x6x25mm")
    found = [board.corners_in(picture) for picture in pictures]
    seen = [corners for corners in found if corners is not None]
    assert len(seen) >= 10
    for corners in seen:
        _, turn, shift = cv2.solvePnP(
            corners.board_m, corners.pixels, lens.matrix(), np.array(lens.distortion)
        )
        there = cv2.projectPoints(
            corners.board_m, turn, shift, lens.matrix(), np.array(lens.distortion)
        )
        assert np.abs(there[0].reshape(-1, 2) - corners.pixels).max() < 0.5
    assert board.corners_in(np.full((480, 640, 3), 90, np.uint8)) is None


def drawn_charuco():
    """(700, 500) uint8: the default board, by either API of OpenCV."""
    aruco = cv2.aruco
    if hasattr(aruco, "CharucoDetector"):
        table = aruco.getPredefinedDictionary(aruco.DICT_4X4_50)
        return aruco.CharucoBoard((5, 7), 0.03, 0.03 * 0.75, table).generateImage((500, 700))
    table = aruco.Dictionary_get(aruco.DICT_4X4_50)
    return aruco.CharucoBoard_create(5, 7, 0.03, 0.03 * 0.75, table).draw((500, 700))


@pytest.mark.skipif(not hasattr(cv2, "aruco"), reason="an OpenCV without aruco")
def test_a_charuco_board_is_found_in_part(views):
    lens, _ = views
    board, texture = board_from_text("charuco"), drawn_charuco()
    picture = view_of(texture, (0.15, 0.21), lens, rays_of(lens), poses(6)[5])
    found = board.corners_in(picture)
    assert found is not None and len(found.pixels) >= 12
    assert board.corners_in(np.full((480, 640, 3), 90, np.uint8)) is None


@pytest.mark.parametrize(
    "text", ["", "9x6", "9x6x25", "9x6x0mm", "2x6x25mm", "999x6x25mm", "charuco:", "-9x6x25mm"]
)
def test_what_is_no_board_is_refused(text):
    with pytest.raises(CatseyeError, match="--board"):
        board_from_text(text)


def test_boards_by_their_words():
    assert board_from_text("9x6x25mm") == (False, 9, 6, 0.025)
    assert board_from_text("charuco:5x7x30.5mm") == (True, 5, 7, 0.0305)
