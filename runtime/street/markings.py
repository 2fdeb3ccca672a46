"""What lies on the ground as shapes: roads and yards, painted lines, crossings, patches, manholes.

Makes outlines in road coordinates from the plan; does not know how they are seen.
"""

from typing import List

import numpy as np

from catseye.runtime.street.course import Course
from catseye.runtime.street.ground import FARTHEST_M, Mark, Patch
from catseye.runtime.street.noise import rng_of
from catseye.runtime.street.plan import BLOCK_M, SIDE_ROAD_M, Block

_PAINT_M = 130.0  # paint farther away than this is thinner than a pixel
_SIDE_REACH_M = 70.0


def strip(u0: float, u1: float, v0: float, v1: float) -> np.ndarray:
    """Outline (N, 2) of the band u0 to u1, v0 to v1, with corners close enough to follow the bends."""
    steps = max(2, int((v1 - v0) / 6.0) + 1)
    v = np.linspace(v0, v1, steps)
    return np.concatenate([np.stack([np.full(steps, u0), v], 1), np.stack([np.full(steps, u1), v[::-1]], 1)])


class Markings:
    """The ground's shapes of one drive."""

    def __init__(self, seed: int, course: Course) -> None:
        rng = rng_of(seed, 701)
        self._seed = seed
        self._course = course
        self._centre = str(rng.choice(["dashes", "long dashes", "hatched", "none"], p=[0.45, 0.3, 0.15, 0.1]))
        self._edge = {side: str(rng.choice(["double yellow", "single yellow", "white", "none"], p=[0.35, 0.2, 0.15, 0.3]))
                      for side in (-1, 1)}
        self._dash_m, self._gap_m = (2.0, 4.0) if self._centre == "dashes" else (4.0, 2.0)
        self._line_m = rng.uniform(0.09, 0.15)
        self._bad = rng.uniform(0, 1.5)  # how often the asphalt was mended

    def patches(self, blocks: List[Block], v: float) -> List[Patch]:
        """Materials, the later above the earlier, for a camera at v."""
        half, near = self._course.half_width, v - 4
        edge = half + self._course.pavement
        found = [Patch(yard.kind, strip(yard.side * edge, yard.side * (edge + 60), yard.v0, yard.v1))
                 for block in blocks for yard in block.yards]
        found.append(Patch("asphalt", strip(-half, half, near, v + FARTHEST_M)))
        for block in blocks:
            if block.junction:
                found.append(Patch("asphalt", self._mouth(block)))
        return found

    def _mouth(self, block: Block) -> np.ndarray:
        """A side road with rounded corners."""
        half, radius = self._course.half_width, min(2.5, self._course.pavement)
        turn = np.linspace(0, np.pi / 2, 5)
        u = half + radius * (1 - np.sin(turn))
        first = block.v + radius * (np.cos(turn) - 1)
        last = block.v + SIDE_ROAD_M + radius * (1 - np.cos(turn))
        reach = half + _SIDE_REACH_M
        side = np.concatenate([[half - 0.5], u[::-1], [reach, reach], u, [half - 0.5]]) * block.side
        along = np.concatenate([[first[-1] - 0.0], first[::-1], [first[0], last[0]], last, [last[-1]]])
        return np.stack([side, along], axis=1)

    def marks(self, blocks: List[Block], v: float) -> List[Mark]:
        """Paint, kerbs and mends for a camera at v."""
        found = self._kerbs(v)
        self._centre_line(found, v)
        for side in (-1, 1):
            self._edge_lines(found, side, v)
        for block in blocks:
            if block.v < v + _PAINT_M:
                self._junction_marks(found, block)
                self._mends(found, block)
        return [mark for mark in found if mark.outline_uv[:, 1].max() > v + 0.5]

    def _kerbs(self, v: float) -> List[Mark]:
        half = self._course.half_width
        return [Mark("kerb", strip(side * half, side * (half + 0.18), v - 2, v + 120), 255) for side in (-1, 1)]

    def _line(self, found: List[Mark], layer: str, u: float, v0: float, v1: float, width: float) -> None:
        found.append(Mark(layer, strip(u - width / 2, u + width / 2, v0, v1), 255))

    def _centre_line(self, found: List[Mark], v: float) -> None:
        if self._centre == "none":
            return
        period = self._dash_m + self._gap_m
        for index in range(int(v / period), int((v + _PAINT_M) / period)):
            self._line(found, "white", 0.0, index * period, index * period + self._dash_m, self._line_m)
        if self._centre == "hatched":
            for side in (-0.55, 0.55):
                self._line(found, "white", side, v - 2, v + _PAINT_M, self._line_m)

    def _edge_lines(self, found: List[Mark], side: int, v: float) -> None:
        kind, kerb = self._edge[side], self._course.half_width
        places = {"double yellow": (0.25, 0.45), "single yellow": (0.3,), "white": (0.4,), "none": ()}[kind]
        for inward in places:
            self._line(found, "white" if kind == "white" else "yellow", side * (kerb - inward), v - 2, v + 90, 0.09)

    def _junction_marks(self, found: List[Mark], block: Block) -> None:
        half = self._course.half_width
        if block.junction:
            for step in np.arange(0.3, SIDE_ROAD_M - 0.6, 0.9):
                u = block.side * (half + 0.3)
                found.append(Mark("white", strip(u - 0.1, u + 0.1, block.v + step, block.v + step + 0.6), 255))
        if block.crossing and block.side == 1:
            v = block.v + SIDE_ROAD_M + 4
            for u in np.arange(-half + 0.4, half - 0.5, 1.1):
                found.append(Mark("white", strip(u, u + 0.55, v, v + 3.0), 255))
            self._line(found, "white", 0, v - 8, v - 1.5, self._line_m)
            for ahead in (-1.4, 4.2):
                found.append(Mark("white", strip(-half + 0.3, half - 0.3, v + ahead, v + ahead + 0.25), 220))

    def _mends(self, found: List[Mark], block: Block) -> None:
        """Patches of other asphalt, trenches, manholes and cracks, as changes of tone."""
        rng = rng_of(self._seed, 702, int(block.v / BLOCK_M) + 100000, block.side + 1)
        half = self._course.half_width
        for _ in range(rng.poisson(2.0 * self._bad)):
            u, v = block.side * rng.uniform(0, half - 1.2), block.v + rng.uniform(0, BLOCK_M)
            width, length = (rng.uniform(0.5, 2.4), rng.uniform(0.6, 5)) if rng.rand() < 0.7 else (0.5, rng.uniform(8, 25))
            found.append(Mark("tone", strip(u, u + block.side * width, v, v + length), int(rng.choice([96, 106, 114, 140, 150]))))
        for _ in range(rng.poisson(1.5)):
            u, v = block.side * rng.uniform(0.6, half - 0.6), block.v + rng.uniform(0, BLOCK_M)
            turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
            for radius, tone in ((0.4, 80), (0.32, 112)):
                found.append(Mark("tone", np.stack([u + radius * np.cos(turn), v + radius * np.sin(turn)], 1), tone))
