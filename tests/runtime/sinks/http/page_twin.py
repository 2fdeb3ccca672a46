"""What tests of the page share: a token, and a result to show."""

import numpy as np
from camera_loop import frame_of, report_for

from catseye.runtime.tasks.road_mask import RoadMask

TOKEN = "correct-horse-battery"


def show(sink, index=0, size_wh=(64, 48), camera="", **facts):
    """One result: a grey frame whose left half is road and whose right half is a tree."""
    mask = np.full((size_wh[1], size_wh[0]), 3, np.uint8)
    mask[:, size_wh[0] // 2 :] = 5
    frame = frame_of(100, index, size_wh=size_wh)._replace(camera=camera)
    sink.write(frame, RoadMask(mask), report_for(frame, RoadMask(mask), **facts))
