"""Which cars there are: kinds, sizes and paints, drawn from the seed of the street.

Knows the models of one street; does not know where a car is or how it is seen.
"""

from typing import List, NamedTuple

import numpy as np

from catseye.runtime.street.painting.noise import rng_of
from catseye.runtime.street.things.car_body import Body
from catseye.runtime.street.things.car_faces import Face


class Shape(NamedTuple):
    """The form of one car."""

    faces: List[Face]
    firsts: np.ndarray
    normals: np.ndarray  # first corners and normals of all faces, (N, 3)
    length_m: float
    width_m: float
    height_m: float


# length, width, height; z of rear glass foot and top, windscreen top and foot, in shares of the
# length
_BODIES = {
    "hatch": (3.9, 1.7, 1.45, 0.02, 0.10, 0.56, 0.76),
    "saloon": (4.5, 1.75, 1.42, 0.18, 0.30, 0.58, 0.74),
    "estate": (4.5, 1.75, 1.48, 0.01, 0.06, 0.58, 0.75),
    "jeep": (4.4, 1.85, 1.8, 0.01, 0.04, 0.60, 0.72),
    "van": (4.9, 1.9, 2.1, 0.0, 0.01, 0.70, 0.88),
    "bus": (9.5, 2.5, 3.1, 0.0, 0.005, 0.985, 1.0),
}
_NAMES = ("hatch", "saloon", "estate", "jeep", "van")
_CHANCES = (0.4, 0.24, 0.14, 0.12, 0.1)
BUS = 9  # the number of the one bus; it never parks
_PAINTS = (
    (190, 190, 187),
    (175, 174, 170),
    (150, 148, 145),
    (44, 42, 41),
    (26, 26, 26),
    (130, 66, 36),
    (110, 60, 34),
    (44, 40, 150),
    (36, 32, 110),
    (228, 230, 230),
    (66, 92, 44),
    (88, 90, 92),
    (100, 105, 130),
    (150, 112, 74),
)


def make_shape(seed: int, number: int) -> Shape:
    """Car `number` of one street."""
    rng = rng_of(seed, 1001, number)
    name = "bus" if number == BUS else str(_NAMES[int(rng.choice(len(_NAMES), p=_CHANCES))])
    length, width, height, *marks = _BODIES[name]
    paint = np.array(_PAINTS[rng.randint(len(_PAINTS))]) * rng.uniform(0.85, 1.1)
    size = np.array([width, height, length]) * rng.uniform(0.95, 1.05, 3)
    body = Body(size, np.array(marks) - 0.5, tall=name in ("van", "bus"))
    faces = (
        body.body(paint)
        + body.wheels()
        + body.cabin(paint, windowless=name == "van" and rng.rand() < 0.6)
    )
    faces += body.lights(rng.rand() < 0.7)
    firsts, normals = (
        np.array([face.points[0] for face in faces]),
        np.array([face.normal for face in faces]),
    )
    return Shape(
        faces=faces,
        firsts=firsts,
        normals=normals,
        length_m=float(size[2]),
        width_m=float(size[0]),
        height_m=float(size[1]),
    )
