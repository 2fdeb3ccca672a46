"""What lies on the ground as shapes: roads and yards, painted lines, crossings, patches, manholes.

Makes the outlines of one block at a time from the plan; does not know how they are seen.
"""

from typing import List, NamedTuple

import numpy as np

from catseye.runtime.street.painting.ground import Mark, Patch
from catseye.runtime.street.painting.noise import rng_of
from catseye.runtime.street.painting.surfaces import ASPHALT, GRASS, PAVING
from catseye.runtime.street.town.course import Course
from catseye.runtime.street.town.places import Block
from catseye.runtime.street.town.town_plan import BLOCK_M, SIDE_ROAD_M

_SIDE_REACH_M = 70.0
_MATERIALS = {"grass": GRASS, "paving": PAVING}


class Outlines(NamedTuple):
    """What lies on the ground along one block."""

    yards: List[Patch]
    roads: List[Patch]
    marks: List[Mark]


def strip(u0: float, u1: float, v0: float, v1: float) -> np.ndarray:
    """Outline (N, 2) of the band u0 to u1, v0 to v1, with corners close enough to follow the
    bends."""
    steps = max(2, int((v1 - v0) / 5.0) + 1)
    v = np.linspace(v0, v1, steps)
    return np.concatenate(
        [np.stack([np.full(steps, u0), v], 1), np.stack([np.full(steps, u1), v[::-1]], 1)]
    )


class Markings:
    """The ground's shapes of one drive."""

    def __init__(self, seed: int, course: Course) -> None:
        rng = rng_of(seed, 701)
        self._seed = seed
        self._course = course
        self._centre = str(
            rng.choice(["dashes", "long dashes", "hatched", "none"], p=[0.45, 0.3, 0.15, 0.1])
        )
        self._edge = {
            side: str(
                rng.choice(
                    ["double yellow", "single yellow", "white", "none"], p=[0.35, 0.2, 0.1, 0.35]
                )
            )
            for side in (-1, 1)
        }
        self._dash_m = 2.0 if self._centre == "dashes" else 4.0
        self._line_m = rng.uniform(0.09, 0.15)
        self._bad = rng.uniform(0, 1.5)  # how often the asphalt was mended

    def of_block(self, block: Block) -> Outlines:
        """Everything that lies on one side of the road along one block."""
        half, pavement, side = self._course.half_width, self._course.pavement, block.side
        edge = half + pavement
        found = Outlines([], [], [])
        if not self._course.kerbs:
            found.yards.append(
                self._patch(strip(0, side * 80, block.v - 0.2, block.v + BLOCK_M + 0.2), GRASS)
            )
        for yard in block.yards if self._course.kerbs else ():
            found.yards.append(
                self._patch(
                    strip(side * edge, side * (edge + 60), yard.v0, yard.v1), _MATERIALS[yard.kind]
                )
            )
        road = strip(-0.5 * side, side * half, block.v - 0.2, block.v + BLOCK_M + 0.2)
        found.roads.append(self._patch(road if self._course.kerbs else self._frayed(road), ASPHALT))
        if block.junction:
            found.roads.append(self._patch(self._mouth(block), ASPHALT))
        self._lines(found.marks, block)
        self._fixes(found.marks, block)
        return found

    def _patch(self, outline_uv: np.ndarray, material: int) -> Patch:
        return Patch(self._course.world(outline_uv[:, 0], outline_uv[:, 1]), material)

    def _frayed(self, outline_uv: np.ndarray) -> np.ndarray:
        """An edge without a kerb: its outer points lie up to 30 cm off the line, the same ones for
        both blocks that share a point."""
        outline = outline_uv.copy()
        outer = np.abs(outline[:, 0]) > 1
        off = 0.3 * np.sin(1.7 * outline[outer, 1]) * np.sin(0.6 * outline[outer, 1] + self._seed)
        outline[outer, 0] += off
        return outline

    def _mark(
        self, found: List[Mark], layer: str, outline_uv: np.ndarray, strength: int = 255
    ) -> None:
        found.append(Mark(self._course.world(outline_uv[:, 0], outline_uv[:, 1]), layer, strength))

    def _mouth(self, block: Block) -> np.ndarray:
        """A side road with rounded corners."""
        half, radius = self._course.half_width, min(2.5, self._course.pavement)
        turn = np.linspace(0, np.pi / 2, 5)
        # from the kerb round into the side road
        u, v = half + radius * (1 - np.cos(turn)), radius * (np.sin(turn) - 1)
        inside, reach = half - 0.5, half + _SIDE_REACH_M
        side = np.concatenate([[inside], u, [reach, reach], u[::-1], [inside]]) * block.side
        along = block.v + np.concatenate(
            [[-radius], v, [0, SIDE_ROAD_M], SIDE_ROAD_M - v[::-1], [SIDE_ROAD_M + radius]]
        )
        return np.stack([side, along], axis=1)

    def _lines(self, found: List[Mark], block: Block) -> None:
        """Kerb, edge lines, the middle line (with the right-hand block) and the paint of junctions
        and crossings."""
        half, side, v0, v1 = self._course.half_width, block.side, block.v, block.v + BLOCK_M
        start = v0 + (SIDE_ROAD_M + 1.5 if block.junction else 0.0)
        if self._course.kerbs:
            end = v1 - (1.5 if block.junction else 0)
            self._mark(found, "kerb", strip(side * half, side * (half + 0.18), start, end))
        kind = self._edge[side] if self._course.kerbs else "none"
        for inward in {
            "double yellow": (0.25, 0.45),
            "single yellow": (0.3,),
            "white": (0.4,),
            "none": (),
        }[kind]:
            u = side * (half - inward)
            self._mark(
                found,
                "white" if kind == "white" else "yellow",
                strip(u - 0.045, u + 0.045, start, v1),
            )
        if side == 1:
            self._middle_line(found, v0)
            if block.crossing:
                self._crossing(found, v0 + SIDE_ROAD_M + 4)
        if block.junction:
            for step in np.arange(0.3, SIDE_ROAD_M - 0.6, 0.9):
                u = side * (half + 0.3)
                self._mark(found, "white", strip(u - 0.1, u + 0.1, v0 + step, v0 + step + 0.6))

    def _middle_line(self, found: List[Mark], v: float) -> None:
        if self._centre == "none":
            return
        width = self._line_m / 2
        for step in np.arange(0, BLOCK_M, 6.0):
            self._mark(found, "white", strip(-width, width, v + step, v + step + self._dash_m))
        if self._centre == "hatched":
            for u in (-0.55, 0.55):
                self._mark(found, "white", strip(u - width, u + width, v, v + BLOCK_M))

    def _crossing(self, found: List[Mark], v: float) -> None:
        """A zebra with its give-way lines and zigzags."""
        half = self._course.half_width
        for u in np.arange(-half + 0.4, half - 0.5, 1.1):
            self._mark(found, "white", strip(u, u + 0.55, v, v + 3.0))
        for ahead in (-1.4, 4.2):
            self._mark(
                found, "white", strip(-half + 0.3, half - 0.3, v + ahead, v + ahead + 0.2), 220
            )
        for middle in (-half + 0.7, 0.0, half - 0.7):
            for step in range(4):
                lean = 0.18 if step % 2 else -0.18
                start, end = v - 2 - 2 * step, v - 4 - 2 * step
                self._mark(
                    found,
                    "white",
                    np.array(
                        [
                            [middle + lean - 0.05, start],
                            [middle + lean + 0.05, start],
                            [middle - lean + 0.05, end],
                            [middle - lean - 0.05, end],
                        ]
                    ),
                )

    def _fixes(self, found: List[Mark], block: Block) -> None:
        """Patches of other asphalt, trenches and manholes, as changes of tone."""
        rng = rng_of(self._seed, 702, int(block.v / BLOCK_M) + 100000, block.side + 1)
        half = self._course.half_width
        for _ in range(rng.poisson(2.0 * self._bad)):
            u, v = block.side * rng.uniform(0, half - 1.2), block.v + rng.uniform(0, BLOCK_M)
            width, length = (
                (rng.uniform(0.5, 2.4), rng.uniform(0.6, 5))
                if rng.rand() < 0.7
                else (0.5, rng.uniform(8, 25))
            )
            tone = int(rng.choice([96, 106, 114, 140, 150]))
            self._mark(found, "tone", strip(u, u + block.side * width, v, v + length), tone)
        for _ in range(rng.poisson(1.5)):
            u, v = block.side * rng.uniform(0.6, half - 0.6), block.v + rng.uniform(0, BLOCK_M)
            turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
            for radius, tone in ((0.4, 80), (0.32, 112)):
                self._mark(
                    found,
                    "tone",
                    np.stack([u + radius * np.cos(turn), v + radius * np.sin(turn)], 1),
                    tone,
                )
