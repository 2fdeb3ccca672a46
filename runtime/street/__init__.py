"""The synthetic drive: a street that never was, filmed from a moving car, with an exact mask for
every frame.

`Street(seed, size_wh).render(time_s)` is a pure function of its arguments. This page knows the
order in which a frame is made; it does not know how anything is painted. Classes are those of
`catseye.runtime.classes`.
"""

from typing import Tuple

import numpy as np

from catseye.runtime.street.painting.canvas import Canvas
from catseye.runtime.street.painting.ground import Ground
from catseye.runtime.street.painting.look import make_look
from catseye.runtime.street.painting.sensor import Sensor
from catseye.runtime.street.painting.sky import Sky
from catseye.runtime.street.scene import SIGHT_M, Scene, paint_all
from catseye.runtime.street.surroundings import Surroundings, ground_points
from catseye.runtime.street.things.facades import make_facades
from catseye.runtime.street.things.houses import Houses, make_tiles
from catseye.runtime.street.town.course import Course, Ride
from catseye.runtime.street.town.town_plan import TownPlan

__all__ = ["Street", "Surroundings"]

_FACADES = 9
_SHADE_M = 60.0  # blocks that begin farther ahead are seen without the shadows in them


class Street:
    """An endless street drawn from `seed`, filmed at size_wh (width, height); without kerbs there
    are no pavements either, and the asphalt frays into dry grass."""

    def __init__(
        self, seed: int = 0, size_wh: Tuple[int, int] = (640, 360), kerbs: bool = True
    ) -> None:
        self.size_wh = (int(size_wh[0]), int(size_wh[1]))
        look, self._course = make_look(seed), Course(seed, kerbs)
        facades = make_facades(seed, _FACADES, look.lamps)
        self._ride = Ride(seed, self._course, self.size_wh)
        self._plan = TownPlan(
            seed, self._course, [(facade.width_m, facade.height_m) for facade in facades]
        )
        self._sky = Sky(seed, look, self._ride.focal_px, self.size_wh)
        self._ground = Ground(seed, self._course, look)
        self._scene = Scene(
            seed, self._course, look, Houses(self._course, look, facades, make_tiles(seed))
        )
        self._sensor = Sensor(seed, look, self.size_wh)

    def surroundings(self, time_s: float) -> Surroundings:
        """What is on the ground around the camera at that time."""
        camera, v = self._ride.camera(time_s), self._course.progress(time_s)
        blocks = self._plan.blocks(v - 2, v + SIGHT_M)
        roads = [patch for block in blocks for patch in self._scene.standing(block).outlines.roads]
        along = np.arange(v - 10, v + SIGHT_M, 0.5)
        return Surroundings(
            camera,
            [ground_points(camera, patch.outline) for patch in roads],
            [ground_points(camera, outline) for outline in self._scene.footprints(blocks, time_s)],
            ground_points(camera, self._course.world(0.0, along)),
            self._course.half_width,
        )

    def render(self, time_s: float) -> Tuple[np.ndarray, np.ndarray]:
        """The frame at that time: image (H, W, 3) uint8 BGR and mask (H, W) uint8 class ids
        0-10."""
        camera, v = self._ride.camera(time_s), self._course.progress(time_s)
        views = [self._scene.standing(block) for block in self._plan.blocks(v - 2, v + SIGHT_M)]
        shadows, things = self._scene.moving(time_s, v)
        canvas = Canvas(self.size_wh)
        self._sky.paint(canvas, camera)
        patches = [patch for view in views for patch in view.outlines.yards] + [
            patch for view in views for patch in view.outlines.roads
        ]
        self._ground.paint(
            canvas,
            camera,
            patches,
            [mark for view in views for mark in view.outlines.marks],
            shadows
            + [shadow for view in views if view.v < v + _SHADE_M for shadow in view.shadows],
        )
        paint_all(canvas, camera, things + [thing for view in views for thing in view.things])
        return self._sensor.expose(canvas.image, time_s), canvas.mask
