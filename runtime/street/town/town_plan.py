"""The town plan: what stands where along the course, block by block, on either side.

A block is a pure function of seed, side and number, so the street never ends and looks the same
from either end of a drive. Knows places; does not know how anything is drawn.
"""

from typing import Dict, List, Sequence, Tuple

import numpy as np

from catseye.runtime.street.painting.noise import rng_of
from catseye.runtime.street.town.course import Course
from catseye.runtime.street.town.places import (
    Barrier,
    Block,
    House,
    Parked,
    Plant,
    Post,
    Stander,
    Yard,
)

BLOCK_M = 48.0
SIDE_ROAD_M = 7.0


class TownPlan:
    """Blocks of the street on demand; `fronts_wh` are width and height in metres of the fronts
    there are."""

    def __init__(self, seed: int, course: Course, fronts_wh: Sequence[Tuple[float, float]]) -> None:
        rng = rng_of(seed, 601)
        self._seed = seed
        self._course = course
        self._fronts_wh = fronts_wh
        self._blocks: Dict[Tuple[int, int], Block] = {}
        self._manners = {side: rng.dirichlet((1.6, 0.7, 0.45)) for side in (-1, 1)}
        self._busy = rng.uniform(0.1, 1.0)  # how many people and parked cars there are
        self._green = rng.uniform(0.0, 0.8)  # how many street trees
        self.bare = rng.uniform(0.25, 1)  # how many of the trees have lost their leaves

    def blocks(self, v0: float, v1: float) -> List[Block]:
        """The blocks of both sides that touch v0 to v1."""
        numbers = range(int(np.floor(v0 / BLOCK_M)), int(np.floor(v1 / BLOCK_M)) + 1)
        return [self._block(number, side) for number in numbers for side in (-1, 1)]

    def _block(self, number: int, side: int) -> Block:
        if (number, side) not in self._blocks:
            if len(self._blocks) > 64:
                # far behind; what comes back into sight is laid out again, the same
                self._blocks.clear()
            self._blocks[number, side] = self._laid_out(number, side)
        return self._blocks[number, side]

    def _laid_out(self, number: int, side: int) -> Block:
        rng = rng_of(self._seed, 602, number + 100000, side + 1)
        both = rng_of(self._seed, 603, number + 100000)  # what the two sides of the road share
        junction, crossing = bool(rng.rand() < 0.3), bool(both.rand() < 0.2)
        v = number * BLOCK_M
        block = Block(
            v=v,
            side=side,
            junction=junction,
            crossing=crossing,
            houses=[],
            plants=[],
            barriers=[],
            posts=[],
            parked=[],
            standers=[],
            yards=[],
        )
        start = v + (SIDE_ROAD_M + self._course.pavement if junction else 0.0)
        manner = ("terrace", "suburb", "park")[int(rng.choice(3, p=self._manners[side]))]
        getattr(self, "_" + manner)(
            rng, block, start, v + BLOCK_M - (self._course.pavement if rng.rand() < 0.3 else 0.0)
        )
        self._kerbside(rng, block, start)
        return block

    def _houses(
        self, rng: np.random.RandomState, block: Block, v: float, end: float, u: float, gap_m: float
    ) -> None:
        """As many houses as fit between v and end."""
        shoulder = 0.0
        while True:
            facade = rng.randint(len(self._fronts_wh))
            width, height = self._fronts_wh[facade]
            if v + width > end:
                return
            tint = rng.uniform(0.8, 1.12) * (1 + rng.uniform(-0.05, 0.05, 3))
            block.houses.append(
                House(
                    v0=v,
                    v1=v + width,
                    side=block.side,
                    u=u,
                    facade=facade,
                    tint=tint,
                    shoulder_m=shoulder,
                )
            )
            gap = gap_m if rng.rand() < 0.6 else 0.0
            v, shoulder = v + width + gap, 0.0 if gap else height

    def _terrace(self, rng: np.random.RandomState, block: Block, start: float, end: float) -> None:
        self._houses(
            rng,
            block,
            start,
            end,
            self._course.half_width + self._course.pavement,
            rng.choice([0.0, 1.5]),
        )

    def _suburb(self, rng: np.random.RandomState, block: Block, start: float, end: float) -> None:
        edge = self._course.half_width + self._course.pavement
        block.yards.append(Yard(start, end, block.side, str(rng.choice(["grass", "paving"]))))
        self._houses(rng, block, start, end, edge + rng.uniform(3.5, 8), rng.uniform(1, 4))
        kind = str(rng.choice(["wall", "hedge", "boards", "railings"]))
        self._barrier(rng, block, start, end, edge + 0.1, kind)
        for v in np.arange(start + 2, end, 6.0):
            if rng.rand() < 0.5:
                self._plant(
                    rng, block, edge + rng.uniform(1, 3), v + rng.uniform(0, 3), rng.uniform(2, 7)
                )

    def _park(self, rng: np.random.RandomState, block: Block, start: float, end: float) -> None:
        edge = self._course.half_width + self._course.pavement
        block.yards.append(Yard(block.v, end, block.side, "grass"))
        if rng.rand() < 0.6:
            self._barrier(
                rng,
                block,
                start,
                end,
                edge + 0.1,
                str(rng.choice(["railings", "wall", "hedge", "boards"])),
            )
        for v in np.arange(start, end, 4.5):
            for u in (edge + rng.uniform(1, 5), edge + rng.uniform(6, 22)):
                if rng.rand() < 0.75:
                    self._plant(rng, block, u, v + rng.uniform(0, 4), rng.uniform(5, 13))

    def _barrier(
        self,
        rng: np.random.RandomState,
        block: Block,
        start: float,
        end: float,
        u: float,
        kind: str,
    ) -> None:
        height = {"wall": rng.uniform(0.8, 2.0), "hedge": rng.uniform(1.0, 2.2)}.get(
            kind, rng.uniform(1.0, 1.7)
        )
        for v in np.arange(start, end, 8.0):
            if rng.rand() < 0.9:
                block.barriers.append(
                    Barrier(
                        v0=v, v1=min(v + 8.0, end), side=block.side, u=u, kind=kind, height_m=height
                    )
                )

    def _plant(
        self, rng: np.random.RandomState, block: Block, u: float, v: float, height_m: float
    ) -> None:
        kind = (
            "bare" if rng.rand() < self.bare else str(rng.choice(["leafy", "leafy", "fir", "bush"]))
        )
        height_m = min(height_m, 3.0) if kind == "bush" else height_m
        block.plants.append(Plant(block.side * u, v, kind, rng.randint(3), height_m))

    def _kerbside(self, rng: np.random.RandomState, block: Block, start: float) -> None:
        """Lamp posts, signs, street trees, railings, parked cars and people on the pavement."""
        kerb, end = self._course.half_width, block.v + BLOCK_M
        self._posts(rng, block, start, kerb)
        for v in np.arange(start + 3, end - 2, 9.0):
            if rng.rand() < self._green * 0.6:
                self._plant(rng, block, kerb + 0.8, v + rng.uniform(0, 5), rng.uniform(4, 9))
            if rng.rand() < self._busy * 0.5:
                u = block.side * (kerb + rng.uniform(0.6, self._course.pavement - 0.3))
                block.standers.append(Stander(u, v + rng.uniform(0, 6), rng.randint(1000)))
        if rng.rand() < 0.2:
            self._barrier(
                rng,
                block,
                start + 2,
                min(start + 2 + rng.uniform(8, 30), end),
                kerb + 0.3,
                "railings",
            )
        if self._course.parking:
            for v in np.arange(start + 6, end - 5, 5.6):
                if rng.rand() < 0.25 + 0.6 * self._busy:
                    u = block.side * (kerb - 1.1 + rng.uniform(-0.1, 0.1))
                    block.parked.append(
                        Parked(
                            u, v + rng.uniform(-0.3, 0.3), rng.randint(9), bool(rng.rand() < 0.3)
                        )
                    )

    def _posts(self, rng: np.random.RandomState, block: Block, start: float, kerb: float) -> None:
        if rng.rand() < 0.85:
            block.posts.append(
                Post(
                    block.side * (kerb + 0.5),
                    block.v + 15 + rng.uniform(0, 8),
                    block.side,
                    "lamp",
                    rng.randint(100),
                )
            )
        if rng.rand() < 0.4:
            block.posts.append(
                Post(
                    block.side * (kerb + 0.5),
                    block.v + 38 + rng.uniform(0, 8),
                    block.side,
                    "lamp",
                    rng.randint(100),
                )
            )
        for _ in range(rng.poisson(1.3)):
            v = start + rng.uniform(1, BLOCK_M - SIDE_ROAD_M - 6)
            block.posts.append(
                Post(block.side * (kerb + 0.5), v, block.side, "sign", rng.randint(1000))
            )
        for _ in range(rng.poisson(0.7)):
            block.posts.append(
                Post(
                    block.side * (kerb + 0.4),
                    start + rng.uniform(1, 35),
                    block.side,
                    "bollard",
                    rng.randint(100),
                )
            )
        if block.junction or block.crossing:
            kind = "lights" if rng.rand() < 0.6 else "beacon"
            block.posts.append(
                Post(block.side * (kerb + 0.5), start + 0.6, block.side, kind, rng.randint(100))
            )
