"""Calibration boards, found by OpenCV: a chessboard, or ChArUco, whose API differs by version.

Knows corners on the board and in a picture; not what is made of them.
"""

import re
from typing import Any, NamedTuple, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.errors import CatseyeError

EXAMPLES = "9x6x25mm (inner corners, side of a square) or charuco:5x7x30mm (squares)"
CHARUCO = "charuco"
SQUARES, SQUARE_M = (5, 7), 0.03  # of `charuco` alone
MARKER = 0.75  # of a square's side
DICTIONARY = "DICT_4X4_50"
FEWEST = 12  # corners of a ChArUco board that must be in sight
SUB_PIXEL = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 30, 0.01)
LONGEST_SIDE = 1280  # of pictures in which a chessboard is looked for: the search takes long


class Corners(NamedTuple):
    """board_m: (N, 3) float32, where the corners are on the board.  pixels: (N, 2) float32."""

    board_m: np.ndarray
    pixels: np.ndarray


class Board(NamedTuple):
    """columns, rows: inner corners of a chessboard, squares of a ChArUco board.  square_m: the side
    of a square."""

    charuco: bool
    columns: int
    rows: int
    square_m: float

    def corners_in(self, image: np.ndarray) -> Optional[Corners]:
        """Of a (H, W, 3) uint8 picture; None where the board is not in sight."""
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        return self._charuco_in(grey) if self.charuco else self._chessboard_in(grey)

    def _chessboard_in(self, grey: np.ndarray) -> Optional[Corners]:
        scale = min(1.0, LONGEST_SIDE / max(grey.shape))
        small = grey if scale == 1 else cv2.resize(grey, None, fx=scale, fy=scale)
        flags = cv2.CALIB_CB_ADAPTIVE_THRESH + cv2.CALIB_CB_NORMALIZE_IMAGE
        size = (self.columns, self.rows)
        found, points = cv2.findChessboardCorners(
            small, size, flags=flags + cv2.CALIB_CB_FAST_CHECK
        )
        if not found:
            return None
        points = ((points + 0.5) / scale - 0.5).astype(np.float32)
        apart = np.linalg.norm(np.diff(points.reshape(self.rows, self.columns, 2), axis=1), axis=2)
        half = int(max(2, min(11, apart.min() / 3)))  # a window that holds one corner
        points = cv2.cornerSubPix(grey, points, (half, half), (-1, -1), SUB_PIXEL)
        rows, columns = np.indices((self.rows, self.columns), np.float32)
        flat = np.stack([columns, rows, np.zeros_like(rows)], axis=-1).reshape(-1, 3)
        return Corners(flat * self.square_m, points.reshape(-1, 2))

    def _charuco_in(self, grey: np.ndarray) -> Optional[Corners]:
        pixels, ids, flat = _charuco_corners(grey, self)
        if ids is None or len(ids) < FEWEST:
            return None
        return Corners(
            flat[np.ravel(ids)].astype(np.float32), pixels.reshape(-1, 2).astype(np.float32)
        )


def board_from_text(text: str) -> Board:
    """Raises CatseyeError for anything else than EXAMPLES, and for ChArUco where this OpenCV has
    none."""
    found = re.match(r"(charuco:)?(\d{1,3})x(\d{1,3})x(\d{1,4}(?:\.\d{1,3})?)mm\Z", text)
    if text == CHARUCO:
        board = Board(True, *SQUARES, SQUARE_M)
    elif found is not None:
        columns, rows, millimetres = int(found[2]), int(found[3]), float(found[4])
        board = Board(bool(found[1]), columns, rows, millimetres / 1000)
    else:
        raise CatseyeError("--board %.40s" % text, EXAMPLES)
    if not (3 <= board.columns <= 50 and 3 <= board.rows <= 50 and board.square_m > 0):
        raise CatseyeError("--board %.40s" % text, "3 to 50 each way, of squares with a side")
    if board.charuco and not hasattr(cv2, "aruco"):
        raise CatseyeError(
            "this OpenCV has no aruco module", "one that has", "use a chessboard: --board 9x6x25mm"
        )
    return board


def _charuco_corners(
    grey: np.ndarray, board: Board
) -> Tuple[np.ndarray, Optional[np.ndarray], np.ndarray]:
    """Pixels, ids (None for none) and, by id, the place on the board."""
    aruco: Any = cv2.aruco
    dictionary = getattr(aruco, DICTIONARY)
    side = board.square_m
    if hasattr(aruco, "CharucoDetector"):  # OpenCV 4.7 and later
        made = aruco.CharucoBoard(
            (board.columns, board.rows),
            side,
            side * MARKER,
            aruco.getPredefinedDictionary(dictionary),
        )
        pixels, ids, _, _ = aruco.CharucoDetector(made).detectBoard(grey)
        return pixels, ids, made.getChessboardCorners()
    table = aruco.Dictionary_get(dictionary)
    made = aruco.CharucoBoard_create(board.columns, board.rows, side, side * MARKER, table)
    markers, numbers, _ = aruco.detectMarkers(grey, table)
    if numbers is None:
        return np.zeros((0, 2)), None, made.chessboardCorners
    _, pixels, ids = aruco.interpolateCornersCharuco(markers, numbers, grey, made)
    return pixels, ids, made.chessboardCorners
