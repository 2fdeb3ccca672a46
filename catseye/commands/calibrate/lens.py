"""`catseye calibrate --board`: the lens, from views of a board. Knows how it is told; not how
a lens is found."""

import argparse
import itertools
from typing import Optional

from catseye.commands.parsing.parser import print_json, say
from catseye.runtime.errors import CatseyeError
from catseye.runtime.geometry.calibration.board import Board, board_from_text
from catseye.runtime.geometry.calibration.lens_calibration import (
    MOST_VIEWS,
    Views,
    calibrated,
    calibration_as_json,
)
from catseye.runtime.geometry.camera_file import lens_as_json
from catseye.runtime.geometry.camera_yaml import yaml_of_lens
from catseye.runtime.sources import Source, open_source
from catseye.runtime.system.files import write_bytes
from catseye.runtime.system.signals import ended_by_signals


def calibrate_lens(args: argparse.Namespace, board_text: str) -> int:
    """Raises CatseyeError for a board or a source that is none, CheckFailed for views that give no
    lens to be trusted; then nothing is written."""
    board, views = board_from_text(board_text), Views()
    with open_source(args.source) as source, ended_by_signals(source.stop):
        looked_at = _look(source, board, views, args.frames)
    if not views.corners:
        raise CatseyeError(
            "no board %s in %d pictures of %s" % (board_text, looked_at, source.description),
            "a chessboard of so many inner corners, or a ChArUco board of so many squares",
            "see --board; all of a chessboard must be in sight",
        )
    _say_coverage(views)
    found = calibrated(views, args.fisheye)
    write_bytes(args.out, yaml_of_lens(found.lens).encode())
    assert found.lens.focal_px and found.lens.size_wh
    focal = "%.1f, %.1f" % found.lens.focal_px
    sure = " +- %.1f" % found.focal_error_px if found.focal_error_px else ""
    say(
        "%s: %dx%d, focal length %s%s pixels, reprojection error %.3f pixels over %d views"
        % (args.out, *found.lens.size_wh, focal, sure, found.error_px, found.views)
    )
    say("add height_m (above the road), then: catseye calibrate --ground --camera %s" % args.out)
    if args.json:
        print_json(dict(lens_as_json(found.lens), **calibration_as_json(found), file=args.out))
    return 0


def _look(source: Source, board: Board, views: Views, most: Optional[int]) -> int:
    """Keep the views of the board that are worth it; the number of pictures."""
    looked_at = 0
    for frame in itertools.islice(source, most):
        looked_at += 1
        corners = board.corners_in(frame.image)
        size_wh = frame.image.shape[1], frame.image.shape[0]
        if corners is not None and views.add(corners, size_wh):
            count, share = len(views.corners), 100 * views.coverage()
            say("view %d in picture %d: %.0f %% covered" % (count, frame.index, share))
            if count == MOST_VIEWS:
                break
    return looked_at


def _say_coverage(views: Views) -> None:
    """How many views have a corner in each part of the picture."""
    say("views by part of the picture:")
    for row in views.counts():
        say("  " + " ".join("%3d" % count for count in row))
