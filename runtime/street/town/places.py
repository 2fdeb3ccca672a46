"""What can stand along the course: small immutable notes of the town plan, in road coordinates (u,
v) and metres.

Knows places only; does not know who lays them out or draws them.
"""

from typing import List, NamedTuple

import numpy as np


class House(NamedTuple):
    """A house whose front runs from v0 to v1, u metres from the middle of the road on one side (-1
    left, 1 right)."""

    v0: float
    v1: float
    side: int
    u: float
    facade: int  # which of the street's fronts
    tint: np.ndarray  # BGR about 1
    shoulder_m: float  # up to where its neighbour hides the wall at its near end


class Plant(NamedTuple):
    """A tree or bush: bare, leafy, fir or bush."""

    u: float
    v: float
    kind: str
    variant: int
    height_m: float


class Barrier(NamedTuple):
    """A stretch of wall, hedge, boards or railings."""

    v0: float
    v1: float
    side: int
    u: float
    kind: str
    height_m: float


class Post(NamedTuple):
    """A post at the kerb: lamp, sign, lights, beacon or bollard."""

    u: float
    v: float
    side: int
    kind: str
    variant: int


class Parked(NamedTuple):
    """A parked car."""

    u: float
    v: float
    model: int
    backwards: bool


class Stander(NamedTuple):
    """Somebody who stands on the pavement."""

    u: float
    v: float
    variant: int


class Yard(NamedTuple):
    """What the ground beyond the pavement is: grass or paving."""

    v0: float
    v1: float
    side: int
    kind: str


class Block(NamedTuple):
    """One side of the road from v on for BLOCK_M."""

    v: float
    side: int
    junction: bool  # does it begin with a side road
    crossing: bool  # does a zebra cross the road in it
    houses: List[House]
    plants: List[Plant]
    barriers: List[Barrier]
    posts: List[Post]
    parked: List[Parked]
    standers: List[Stander]
    yards: List[Yard]
