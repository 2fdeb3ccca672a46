"""A road task whose results are smoothed over time: every pixel keeps its class until others have
won an exponential vote, and the corridor's edges in metres follow by an exponential mean.

A pixel holds a class and how far it leads, s from 0 to 1; a frame that comes dt seconds after the
one before moves s by the weight 1 - exp(-dt / T) towards its confidence, or, where it says another
class, towards minus that; below 0 the other class takes over. After a change for good that is
T ln 2 later. The camera's motion is not made up for. Knows frames' times; wraps the task of one
camera.
"""

import math
from typing import Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.geometry.corridor import Corridor
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.tasks.base import AnyTask, Kept
from catseye.runtime.tasks.road import RoadTask
from catseye.runtime.tasks.road_mask import RoadMask

LONGEST_GAP = 5.0  # times T after which what was before is forgotten


class Votes:
    """What every pixel of one camera's masks holds."""

    def __init__(self) -> None:
        self._ids: Optional[np.ndarray] = None
        self._lead: Optional[np.ndarray] = None

    def take(
        self, ids: np.ndarray, levels: Optional[np.ndarray], weight: float
    ) -> Tuple[np.ndarray, np.ndarray]:
        """ids: (h, w) uint8 of a new frame.  levels: (h, w) uint8, its confidence, None: sure.
        weight: of this frame, 1 forgets all before. The classes held then, (h, w) uint8, and where
        they are the frame's, (h, w) bool."""
        sure = np.float32(1.0) if levels is None else levels.astype(np.float32) / 255
        if self._ids is None or self._lead is None or self._ids.shape != ids.shape or weight >= 1:
            self._ids, self._lead = ids.copy(), np.full(ids.shape, sure, np.float32)
            return ids, np.ones(ids.shape, bool)
        same = self._ids == ids
        signed = np.where(same, sure, -sure)
        lead = cv2.addWeighted(self._lead, 1 - weight, signed, weight, 0)
        lost = lead < 0
        held = np.where(lost, ids, self._ids)
        self._ids, self._lead = held, np.abs(lead)
        return held, np.asarray(same | lost)


class Edges:
    """The corridor's edges of one camera, row by row."""

    def __init__(self) -> None:
        self._before: Optional[Corridor] = None

    def take(self, corridor: Corridor, weight: float) -> Corridor:
        """The same corridor with its edges smoothed where it went on before too."""
        before = self._before
        if before is not None and weight < 1:
            rows = min(len(corridor.x_m), len(before.x_m))
            if rows and np.array_equal(corridor.x_m[:rows], before.x_m[:rows]):
                left, right = corridor.left_m.copy(), corridor.right_m.copy()
                left[:rows] += (1 - weight) * (before.left_m[:rows] - left[:rows])
                right[:rows] += (1 - weight) * (before.right_m[:rows] - right[:rows])
                corridor = corridor._replace(left_m=left, right_m=right)
        self._before = corridor
        return corridor


class SmoothingTask(AnyTask):
    """`task` with its masks and corridors smoothed."""

    def __init__(self, task: AnyTask, seconds: float, fps: float, keeps_time: bool) -> None:
        """seconds: T.  fps, keeps_time: of the source; where its time stamps are no capture's, and
        no film's, its frames are 1 / fps apart. Raises CatseyeError for a task without masks."""
        if not isinstance(task, RoadTask):
            raise CatseyeError(
                "--smooth for a model of another task", "a road model", "leave it out"
            )
        self._task, self._seconds = task, seconds
        self._fps, self._keeps_time = fps, keeps_time
        self._votes, self._edges = Votes(), Edges()
        self._before: Optional[Frame] = None

    def prepare(self, frame: Frame) -> Tuple[Arrays, Kept]:
        inputs, kept = self._task.prepare(frame)
        gap_s = self._gap_s(frame)
        self._before = frame._replace(image=frame.image[:0])  # its times, not its picture
        return inputs, (kept, self._weight(gap_s))

    def parse(self, outputs: Arrays, kept: Kept) -> RoadMask:
        inner, weight = kept
        result = self._task.parse(outputs, inner)
        ids, levels = result.votes()
        held, same = self._votes.take(ids, levels, weight)
        doubt = None if levels is None else np.where(same, levels, 0).astype(np.uint8)
        smoothed = result.with_votes(held, doubt)
        geometry = smoothed.geometry
        if geometry is None:
            return smoothed
        return smoothed.with_corridor(self._edges.take(geometry.corridor, weight))

    def _gap_s(self, frame: Frame) -> float:
        """Seconds since the frame before; infinity for the first, and where time went back."""
        before = self._before
        if before is None or frame.index <= before.index:
            return math.inf
        if frame.media_time_ns is not None and before.media_time_ns is not None:
            gap_s = (frame.media_time_ns - before.media_time_ns) / 1e9
        elif self._keeps_time and frame.since_ns is not None and before.since_ns is not None:
            gap_s = (frame.since_ns - before.since_ns) / 1e9
        elif frame.replayed:
            gap_s = (frame.timestamp_ns - before.timestamp_ns) / 1e9
        else:
            gap_s = (frame.index - before.index) / self._fps
        return gap_s if gap_s >= 0 else math.inf

    def _weight(self, gap_s: float) -> float:
        if gap_s > LONGEST_GAP * self._seconds:
            return 1.0
        return 1 - math.exp(-gap_s / self._seconds)
