"""Shapes of cars: faces of a body, a cabin, wheels and lights, as polygons in the car's own metres.

The car's frame: x to its right, y up, z forward, the origin on the ground under its middle. Knows forms and paint; does
not know where a car is or how it is seen.
"""

from typing import List, NamedTuple, Optional, Tuple

import numpy as np

from catseye.runtime.street.noise import rng_of

Face = NamedTuple("Face", [
    ("points", np.ndarray),  # (N, 3) metres
    ("normal", np.ndarray),  # (3,) outward unit vector
    ("colour", Tuple[float, float, float]),  # BGR
    ("outer", bool),  # part of the outline, so painted into the mask
    ("glow", float),  # 0 lit by the street - 1 shines by itself at dusk
])
Shape = NamedTuple("Shape", [
    ("faces", List[Face]), ("firsts", np.ndarray), ("normals", np.ndarray),  # first corners and normals of all faces, (N, 3)
    ("length_m", float), ("width_m", float), ("height_m", float),
])

_BODIES = {  # length, width, height, then z of rear glass foot and top, windscreen top and foot, as shares of the length
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
_PAINTS = ((190, 190, 187), (175, 174, 170), (150, 148, 145), (44, 42, 41), (26, 26, 26), (130, 66, 36), (110, 60, 34),
           (44, 40, 150), (36, 32, 110), (228, 230, 230), (66, 92, 44), (88, 90, 92), (100, 105, 130), (150, 112, 74))
_RUBBER, _TRIM, _LAMP, _RED = (22.0, 22.0, 22.0), (34.0, 34.0, 34.0), (215.0, 220.0, 222.0), (38.0, 34.0, 168.0)


def make_shape(seed: int, number: int) -> Shape:
    """Car `number` of one street."""
    rng = rng_of(seed, 1001, number)
    name = "bus" if number == BUS else str(_NAMES[int(rng.choice(len(_NAMES), p=_CHANCES))])
    length, width, height, *marks = _BODIES[name]
    paint = np.array(_PAINTS[rng.randint(len(_PAINTS))]) * rng.uniform(0.85, 1.1)
    size = np.array([width, height, length]) * rng.uniform(0.95, 1.05, 3)
    outline = _Outline(size, np.array(marks) - 0.5, tall=name in ("van", "bus"))
    faces = outline.body(paint) + outline.wheels() + outline.cabin(paint, windowless=name == "van" and rng.rand() < 0.6)
    faces += outline.lights(rng.rand() < 0.7)
    firsts, normals = np.array([face.points[0] for face in faces]), np.array([face.normal for face in faces])
    return Shape(faces, firsts, normals, float(size[2]), float(size[0]), float(size[1]))


def _normal(points: np.ndarray, outward: np.ndarray) -> np.ndarray:
    across = np.cross(points[1] - points[0], points[2] - points[0])
    across /= max(float(np.linalg.norm(across)), 1e-9)
    return across if across.dot(outward) > 0 else -across


class _Outline:
    """Measures of one car, and the faces built on them."""

    def __init__(self, size: np.ndarray, marks: np.ndarray, tall: bool) -> None:
        self.half, self.height, self.length = size[0] / 2, size[1], size[2]
        self.rear_foot, self.rear_top, self.front_top, self.front_foot = marks * self.length
        self.belt = self.height * (0.5 if tall else 0.62)
        self.bonnet = self.belt * (0.83 if not tall else 0.9 if self.length < 8 else 1.0)
        self.narrow = 0.94 if tall else 0.78  # roof width as a share of the width
        self.radius = 0.31 if self.length < 8 else 0.46

    def _face(self, points: List[List[float]], outward: Tuple[float, float, float], colour: np.ndarray, outer: bool = True,
              glow: float = 0.0) -> Face:
        corners = np.array(points, np.float64)
        b, g, r = np.asarray(colour, np.float64)
        return Face(corners, _normal(corners, np.array(outward)), (b, g, r), outer, glow)

    def body(self, paint: np.ndarray) -> List[Face]:
        """Everything below the windows: two ends, two flanks and the bevels between them, in three bands of height."""
        faces = [self._face(self._ring(0.16, 1.0, 0.0)[[0, 1, 2, 5, 6, 7]].tolist(), (0, -1, 0), np.array(_TRIM))]
        levels = ((0.2, 0.97, _TRIM), (0.36, 1.0, 0.72 * paint), (self.belt * 0.66, 1.0, 0.98 * paint))
        tops = levels[1:] + ((None, 0.94, paint),)
        for (low, wide, colour), (high, wide_top, _) in zip(levels, tops):
            lower, upper = self._ring(low, wide, 0.0), self._ring(high, wide_top, 0.02)
            for here in range(8):
                there = (here + 1) % 8
                out = lower[here] + lower[there]
                shade = 0.94 if here in (0, 2, 4, 6) else 1.0
                faces.append(self._face([lower[here], lower[there], upper[there], upper[here]], (out[0], 0.2, out[2]), np.array(colour) * shade))
        return faces + self._decks(paint)

    def _ring(self, y: Optional[float], wide: float, drawn_in: float) -> np.ndarray:
        """The body's outline (8, 3) seen from above: rear left, rear right, then round by the right flank; y None is the
        upper edge, lower at the bonnet than at the boot."""
        w, z = self.half * wide, self.length / 2 * (1 - drawn_in)
        rear, front = (self.belt, self.bonnet) if y is None else (y, y)
        slope = self.belt if y is None else y
        narrow, flank = w * 0.86, z * 0.9
        return np.array([[-narrow, rear, -z], [narrow, rear, -z], [w, slope, -flank], [w, front, flank], [narrow, front, z],
                         [-narrow, front, z], [-w, front, flank], [-w, slope, -flank]])

    def _decks(self, paint: np.ndarray) -> List[Face]:
        """Bonnet and boot lid."""
        w, ring = self.half * 0.94, self._ring(None, 0.94, 0.02)
        bonnet = [[-w, self.belt, self.front_foot], [w, self.belt, self.front_foot], ring[3], ring[4], ring[5], ring[6]]
        boot = [ring[0], ring[1], ring[2], [w, self.belt, self.rear_foot], [-w, self.belt, self.rear_foot], ring[7]]
        flank = [self._face([[side * w, self.belt, ring[2][2]], [side * w, self.belt, self.front_foot], [side * w, self.bonnet, ring[3][2]]],
                            (side, 0.1, 0), paint) for side in (-1.0, 1.0)]
        return flank + [self._face(bonnet, (0, 1, 0), paint * 1.08), self._face(boot, (0, 1, 0), paint * 1.08)]

    def wheels(self) -> List[Face]:
        """Arch, tyre and hub of the four wheels."""
        faces, turn = [], np.linspace(0, 2 * np.pi, 14, endpoint=False)
        for side in (-1, 1):
            for z in (-0.31 * self.length, 0.31 * self.length):
                for radius, out, colour in ((self.radius * 1.18, 0.0, _TRIM), (self.radius, 0.01, _RUBBER), (self.radius * 0.62, 0.02, (120, 122, 122)),
                                            (self.radius * 0.25, 0.03, (60, 60, 60))):
                    ring = [[side * (self.half + out), self.radius + radius * np.sin(a), z + radius * np.cos(a)] for a in turn]
                    if out == 0.0:
                        ring = [[p[0], max(p[1], 0.22), p[2]] for p in ring]
                    faces.append(self._face(ring, (float(side), 0, 0), np.array(colour), 0.0 < out < 0.015))
        return faces

    def cabin(self, paint: np.ndarray, windowless: bool) -> List[Face]:
        """Windows and roof. Glass is dark and mirrors the sky towards its top."""
        low, top, foot, roof = self.belt, self.height, self.half * 0.94, self.half * self.narrow
        faces = []
        for z_foot, z_top, end in ((self.rear_foot, self.rear_top, -1.0), (self.front_foot, self.front_top, 1.0)):
            corners = np.array([[-foot, low, z_foot], [foot, low, z_foot], [roof, top, z_top], [-roof, top, z_top]])
            faces.append(self._face(corners.tolist(), (0, 0.3, end), paint * 0.95))
            if not (windowless and end < 0):
                faces += self._glass(corners, (0, 0.3, end), 0.08)
        for side in (-1.0, 1.0):
            corners = np.array([[side * foot, low, self.rear_foot], [side * foot, low, self.front_foot],
                                [side * roof, top, self.front_top], [side * roof, top, self.rear_top]])
            faces.append(self._face(corners.tolist(), (side, 0, 0), paint * 0.95))
            panes = 1 if windowless else (6 if self.length > 8 else 2)
            for pane in range(panes):
                left, right = (0.68, 0.97) if windowless else (pane / panes + 0.02, (pane + 1) / panes - 0.02)
                faces += self._glass(_part(corners, left, right), (side, 0, 0), 0.1)
        faces.append(self._face([[-roof, top, self.rear_top], [roof, top, self.rear_top], [roof, top, self.front_top],
                                 [-roof, top, self.front_top]], (0, 1, 0), paint * 1.05))
        return faces

    def _glass(self, corners: np.ndarray, outward: Tuple[float, float, float], inset: float) -> List[Face]:
        low_l, low_r, top_r, top_l = corners + inset * 0.8 * (corners.mean(axis=0) - corners)
        split_l, split_r = low_l + 0.55 * (top_l - low_l), low_r + 0.55 * (top_r - low_r)
        return [self._face([low_l, low_r, top_r, top_l], outward, np.array([40, 38, 36.0]), False),
                self._face([split_l, split_r, top_r, top_l], outward, np.array([120, 117, 110.0]), False)]

    def lights(self, yellow_rear: bool) -> List[Face]:
        """Head and tail lamps on ends and bevels, number plates, grille."""
        faces, z = [], self.length / 2 + 0.012
        for end, lamp, top, height, glow in ((-1.0, _RED, self.belt * 0.95, 0.26, 0.55), (1.0, _LAMP, self.bonnet * 0.95, 0.17, 1.0)):
            for side in (-1.0, 1.0):
                inner, edge = side * self.half * 0.62, side * self.half * 0.85
                faces.append(self._patch([inner, edge], [end * z, end * z], top, height, (0, 0, end), lamp, glow))
                bevel = [side * self.half * 0.955, end * z * 0.935]
                faces.append(self._patch([edge, bevel[0]], [end * z, bevel[1]], top, height, (side, 0, end), lamp, 0.5 * glow))
            plate = (40.0, 165.0, 190.0) if end < 0 and yellow_rear else (190.0, 195.0, 195.0)
            faces.append(self._patch([-0.26, 0.26], [end * z] * 2, 0.54 if end > 0 else self.belt * 0.72, 0.12, (0, 0, end), plate, 0.0))
        grille = self.half * 0.5
        faces.append(self._patch([-grille, grille], [z, z], self.bonnet * 0.88, 0.14, (0, 0, 1.0), _TRIM, 0.0))
        return faces

    def _patch(self, x: List[float], z: List[float], top: float, height: float, outward: Tuple[float, float, float],
               colour: Tuple[float, float, float], glow: float) -> Face:
        """An upright rectangle on the body's skin, a detail inside its outline."""
        return self._face([[x[0], top - height, z[0]], [x[1], top - height, z[1]], [x[1], top, z[1]], [x[0], top, z[0]]], outward,
                          np.array(colour), False, glow)


def _part(corners: np.ndarray, left: float, right: float) -> np.ndarray:
    """The part of a quadrilateral (4, 3) between two shares of its length."""
    low, top = corners[1] - corners[0], corners[2] - corners[3]
    return np.array([corners[0] + left * low, corners[0] + right * low, corners[3] + right * top, corners[3] + left * top])
