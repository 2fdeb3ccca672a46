"""A lens from views of a board, by OpenCV's own calibration, and whether it is good enough.

Knows corners and what makes a calibration poor; not where the views come from.
"""

import math
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

import cv2
import numpy as np

from catseye.runtime.errors import CatseyeError, CheckFailed
from catseye.runtime.geometry.calibration.board import Corners
from catseye.runtime.geometry.lens import Lens

CELLS = (4, 3)  # across and down, in which corners are counted
FEWEST_VIEWS, MOST_VIEWS = 8, 60
NEW = 0.04  # of the picture's width that a board must move to be another view
LEAST_COVERAGE = 0.7  # share of the cells with a corner in any view
MOST_ERROR = 0.001  # root mean square of the reprojection error, of the picture's width
MOST_UNSURE = 0.02  # standard deviation of the focal length, of itself
OUTLIER = 3.0  # times the median error of the views


class Calibration(NamedTuple):
    """lens: of the pictures' size.  error_px: root mean square of the reprojection.
    focal_error_px: standard deviation, 0 where the model tells none.  views: that were used.
    coverage: see Views."""

    lens: Lens
    error_px: float
    focal_error_px: float
    views: int
    coverage: float


class Views:
    """The views of a board that are worth keeping."""

    def __init__(self) -> None:
        self.corners: List[Corners] = []
        self.size_wh: Tuple[int, int] = (0, 0)

    def add(self, corners: Corners, size_wh: Tuple[int, int]) -> bool:
        """Whether it is another view than those before. Raises CatseyeError for a picture of
        another size."""
        if not self.corners:
            self.size_wh = size_wh
        if size_wh != self.size_wh:
            raise CatseyeError(
                "a picture of %dx%d among ones of %dx%d" % (*size_wh, *self.size_wh), "one size"
            )
        if len(self.corners) >= MOST_VIEWS or any(
            _apart(corners, other) < NEW * size_wh[0] for other in self.corners
        ):
            return False
        self.corners.append(corners)
        return True

    def counts(self) -> np.ndarray:
        """(3, 4) int: views with a corner in each cell of the picture."""
        across, down = CELLS
        counts = np.zeros((down, across), int)
        for corners in self.corners:
            x, y = (corners.pixels / self.size_wh * CELLS).astype(int).T
            cells = np.zeros_like(counts)
            cells[np.clip(y, 0, down - 1), np.clip(x, 0, across - 1)] = 1
            counts += cells
        return counts

    def coverage(self) -> float:
        """Share of the cells, 0-1, that any view has a corner in."""
        return float(np.mean(self.counts() > 0))


def calibrated(views: Views, fisheye: bool) -> Calibration:
    """The lens. Raises CheckFailed where it is not to be trusted: too few views, parts of the
    picture without a corner, an error or an uncertainty beyond what a lens needs."""
    if len(views.corners) < FEWEST_VIEWS:
        raise CheckFailed(
            "%d different views of the board" % len(views.corners),
            "%d or more" % FEWEST_VIEWS,
            "hold it in all parts of the picture, near and far, tilted to all sides",
        )
    if views.coverage() < LEAST_COVERAGE:
        raise CheckFailed(
            "corners of the board in %.0f %% of the picture" % (100 * views.coverage()),
            "%.0f %%" % (100 * LEAST_COVERAGE),
            "hold it into the corners too",
        )
    solve = _fisheye if fisheye else _pinhole
    try:
        kept = list(views.corners)
        lens, errors, unsure_px = solve(kept, views.size_wh)
        good = [each <= OUTLIER * np.median(errors) for each in errors]
        if not all(good) and sum(good) >= FEWEST_VIEWS:
            kept = [corners for corners, is_good in zip(kept, good) if is_good]
            lens, errors, unsure_px = solve(kept, views.size_wh)
    except cv2.error as error:
        raise CheckFailed(
            "OpenCV finds no lens (%s)" % str(error).strip().splitlines()[-1][:80],
            "views of one flat board, tilted to all sides",
            "take them again" + (", or without --fisheye" if fisheye else ""),
        )
    error_px = math.sqrt(float(np.mean(np.square(errors))))
    found = Calibration(lens, error_px, unsure_px, len(kept), views.coverage())
    _check(found)
    return found


def _check(found: Calibration) -> None:
    assert found.lens.size_wh and found.lens.focal_px
    most = max(MOST_ERROR * found.lens.size_wh[0], 0.3)
    if not found.error_px <= most:
        raise CheckFailed(
            "a reprojection error of %.2f pixels" % found.error_px,
            "at most %.2f" % most,
            "a flat board, sharp pictures, and --fisheye for a lens that bends straight lines",
        )
    focal = found.lens.focal_px[0]
    if not found.focal_error_px <= MOST_UNSURE * focal:
        raise CheckFailed(
            "a focal length of %.0f +- %.0f pixels" % (focal, found.focal_error_px),
            "at most %.0f %%" % (100 * MOST_UNSURE),
            "tilt the board to all sides, and hold it near too",
        )


Solved = Tuple[Lens, Sequence[float], float]


def _pinhole(kept: Sequence[Corners], size_wh: Tuple[int, int]) -> Solved:
    board, pixels = [each.board_m for each in kept], [each.pixels for each in kept]
    found: Any = cv2.calibrateCameraExtended(
        board,
        pixels,
        size_wh,
        None,  # type: ignore[call-overload]  # nothing is known before
        None,
    )
    _, matrix, distortion, _, _, unsure, _, errors = found
    errors_px = [float(error) for error in np.ravel(errors)]
    return _lens(matrix, distortion, size_wh, False), errors_px, float(np.ravel(unsure)[0])


def _fisheye(kept: Sequence[Corners], size_wh: Tuple[int, int]) -> Solved:
    board = [each.board_m[None].astype(np.float64) for each in kept]
    pixels = [each.pixels[None].astype(np.float64) for each in kept]
    matrix, distortion = np.eye(3), np.zeros((4, 1))
    flags = _flag("CALIB_RECOMPUTE_EXTRINSIC") + _flag("CALIB_FIX_SKEW")
    found: Any = cv2.fisheye.calibrate(board, pixels, size_wh, matrix, distortion, flags=flags)
    _, matrix, distortion, turns, shifts = found
    errors = []
    for points, seen, turn, shift in zip(board, pixels, turns, shifts):
        there = cv2.fisheye.projectPoints(points.reshape(-1, 1, 3), turn, shift, matrix, distortion)
        off = there[0].reshape(-1, 2) - seen.reshape(-1, 2)
        errors.append(math.sqrt(float((off**2).sum(axis=1).mean())))
    return _lens(matrix, distortion, size_wh, True), errors, 0.0


def _flag(name: str) -> int:
    """OpenCV 5 moved the fisheye's flags."""
    return int(getattr(cv2.fisheye if hasattr(cv2.fisheye, name) else cv2, name))


def _lens(
    matrix: np.ndarray, distortion: np.ndarray, size_wh: Tuple[int, int], fisheye: bool
) -> Lens:
    return Lens(
        size_wh,
        (float(matrix[0, 0]), float(matrix[1, 1])),
        (float(matrix[0, 2]), float(matrix[1, 2])),
        None,
        tuple(float(value) for value in np.ravel(distortion)),
        fisheye,
    )


def _apart(corners: Corners, other: Corners) -> float:
    """How far two views are apart, pixels: the mean over their corners, or over their outlines
    where these are not the same."""
    if corners.board_m.shape == other.board_m.shape and (corners.board_m == other.board_m).all():
        return float(np.linalg.norm(corners.pixels - other.pixels, axis=1).mean())
    ends = [np.concatenate((p.pixels.min(axis=0), p.pixels.max(axis=0))) for p in (corners, other)]
    return float(np.abs(ends[0] - ends[1]).mean())


def calibration_as_json(found: Calibration) -> Dict[str, float]:
    return {
        "views": found.views,
        "coverage": round(found.coverage, 3),
        "error_px": round(found.error_px, 4),
        "focal_error_px": round(found.focal_error_px, 3),
    }
