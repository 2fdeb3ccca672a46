"""Street furniture: lamp posts, signs, traffic lights, bollards, walls, hedges, fences and
railings.

Knows how each is built and painted; does not know where it stands.
"""

from typing import Dict, List, NamedTuple

import numpy as np

from catseye.runtime.classes import NAMES
from catseye.runtime.street.painting.camera import Camera
from catseye.runtime.street.painting.canvas import Canvas, Colour
from catseye.runtime.street.painting.look import Look, light_on, through_air
from catseye.runtime.street.painting.noise import rng_of
from catseye.runtime.street.painting.panels import Panel, make_panel
from catseye.runtime.street.painting.strokes import Stroke
from catseye.runtime.street.things.barriers import barrier_textures
from catseye.runtime.street.town.course import Course
from catseye.runtime.street.town.places import Barrier, Post

_POLE, _SIGN, _FENCE = NAMES.index("Pole"), NAMES.index("SignSymbol"), NAMES.index("Fence")
_CLASS_OF = {
    "wall": NAMES.index("Building"),
    "hedge": NAMES.index("Tree"),
    "boards": _FENCE,
    "railings": _FENCE,
}
_SIDEWAYS = np.array([0.0, 0.0, -1.0])
_UP = np.array([0.0, 1.0, 0.0])
_STEEL = (96.0, 98.0, 96.0)


class _Board(NamedTuple):
    """The face of a sign."""

    top_m: float
    size_m: float
    kind: str
    ground: Colour
    ink: Colour
    lines: List[float]


class Furniture:
    """The street furniture of one drive."""

    def __init__(self, seed: int, course: Course, look: Look) -> None:
        rng = rng_of(seed, 1201)
        self._course = course
        self._look = look
        self._lamp_m = rng.uniform(5.5, 10.5)
        self._arm_m = rng.uniform(0.8, 2.2)
        self._grey = float(rng.uniform(0.5, 1.6))
        self._boards: Dict[int, _Board] = {}
        self._textures = barrier_textures(rng)

    def panels(self, barrier: Barrier) -> List[Panel]:
        """A stretch of wall, hedge, fence or railing."""
        near, far = self._course.world(barrier.side * barrier.u, np.array([barrier.v0, barrier.v1]))
        length = float(np.linalg.norm(far - near))
        along = (far - near) / length
        inward = np.array([-along[2], 0, along[0]]) * barrier.side
        outline = np.array([[0, 0], [length, 0], [length, barrier.height_m], [0, barrier.height_m]])
        return [
            make_panel(
                self._textures[barrier.kind],
                near,
                np.stack([along, _UP]),
                outline,
                inward,
                light_on(self._look, inward, 0.7),
                _CLASS_OF[barrier.kind],
            )
        ]

    def post(
        self, canvas: Canvas, camera: Camera, post: Post, foot: np.ndarray, sunlit: float
    ) -> None:
        """A post of any kind, its foot at a world point (3,), upright and facing the camera."""
        depth = camera.depth(foot[0], foot[2])
        pixel, scale = (
            camera.pixels_from_camera(camera.camera_from_world(foot[None]))[0],
            camera.focal_px / depth,
        )
        gain = light_on(self._look, _SIDEWAYS, 0.0) + 0.5 * sunlit * self._look.sun
        stroke = Stroke(canvas, pixel, scale, through_air(self._look, gain, depth))
        steel = tuple(level * self._grey for level in _STEEL)
        getattr(self, "_" + post.kind)(stroke, post, steel)

    def _lamp(self, stroke: Stroke, post: Post, steel: Colour) -> None:
        top, reach = self._lamp_m, -post.side * self._arm_m
        stroke.bar(0, 0, 0, 1.2, 0.22, steel, _POLE)
        stroke.bar(0, 1.2, 0, top, 0.13, steel, _POLE)
        stroke.bar(0, top, reach, top + 0.25, 0.09, steel, _POLE)
        glow = self._look.lamps
        head = (120 + 100 * glow, 125 + 110 * glow, 128 + 120 * glow)
        stroke.bar(
            reach * 0.75, top + 0.2, reach * 1.15, top + 0.3, 0.2, head, _POLE, shining=glow > 0
        )

    def _sign(self, stroke: Stroke, post: Post, steel: Colour) -> None:
        if post.variant not in self._boards:
            self._boards[post.variant] = _board(rng_of(post.variant, 1202))
        top, size, kind, ground, ink, lines = self._boards[post.variant]
        stroke.bar(0, 0, 0, top, 0.08, steel, _POLE)
        if kind == "order":  # a ring or a blue disc
            stroke.disc(0, top, size / 2, ground, _SIGN)
            stroke.disc(0, top, size * 0.34, ink, None)
        elif kind == "warning":
            for share, colour in ((1.0, ground), (0.66, ink)):
                stroke.shape(
                    [
                        (-0.6 * size * share, top - 0.38 * size * share),
                        (0.6 * size * share, top - 0.38 * size * share),
                        (0, top + 0.66 * size * share),
                    ],
                    colour,
                    _SIGN if share == 1 else None,
                )
        else:  # a plate with writing
            wide = size * 1.2
            stroke.box(-wide / 2, top - size * 0.5, wide, size, ground, _SIGN)
            for line, share in enumerate(lines):
                stroke.box(
                    -wide * 0.38,
                    top - size * (0.32 - 0.24 * line),
                    wide * share,
                    size * 0.1,
                    ink,
                    None,
                )

    def _lights(self, stroke: Stroke, post: Post, steel: Colour) -> None:
        stroke.bar(0, 0, 0, 3.3, 0.12, (60, 60, 60), _POLE)
        stroke.box(-0.2, 2.25, 0.4, 1.05, (24, 24, 24), _SIGN)
        on = post.variant % 3
        for lamp, colour in enumerate(((50, 60, 245), (50, 180, 250), (160, 240, 70))):
            stroke.disc(
                0,
                3.1 - 0.33 * lamp,
                0.12,
                colour if lamp == on else (30, 34, 36),
                None,
                shining=lamp == on,
            )

    def _beacon(self, stroke: Stroke, post: Post, steel: Colour) -> None:
        for step in range(6):
            stroke.bar(
                0,
                0.45 * step,
                0,
                0.45 * (step + 1),
                0.11,
                (215, 215, 215) if step % 2 else (28, 28, 28),
                _POLE,
            )
        stroke.disc(0, 2.85, 0.2, (40, 150, 250), _SIGN, shining=True)

    def _bollard(self, stroke: Stroke, post: Post, steel: Colour) -> None:
        stroke.bar(0, 0, 0, 0.95, 0.16, (48, 48, 50), _POLE)
        stroke.bar(0, 0.75, 0, 0.83, 0.17, (170, 172, 172), None)


def _board(rng: np.random.RandomState) -> _Board:
    """A sign: round orders, triangular warnings, plates with lines of writing."""
    top, size, lines = (
        rng.uniform(2.3, 3.2),
        rng.uniform(0.55, 0.9),
        rng.uniform(0.4, 0.76, 3).tolist(),
    )
    kind = str(rng.choice(["order", "warning", "plate"], p=[0.3, 0.25, 0.45]))
    red, blue, white = (40.0, 40.0, 190.0), (170.0, 90.0, 30.0), (225.0, 228.0, 228.0)
    if kind != "plate":
        return _Board(
            top,
            size,
            kind,
            *(
                (red, white)
                if kind == "warning" or rng.rand() < 0.6
                else (blue, (190.0, 120.0, 60.0))
            ),
            lines,
        )
    grounds = ((150.0, 70.0, 30.0), (60.0, 100.0, 40.0), white, (40.0, 40.0, 42.0))
    ground = grounds[rng.randint(len(grounds))]
    return _Board(
        top_m=top,
        size_m=size,
        kind=kind,
        ground=ground,
        ink=(40.0, 40.0, 40.0) if ground is white else white,
        lines=lines,
    )
