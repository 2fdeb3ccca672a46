"""Shapes of cars: faces of a body, a cabin, wheels and lights, as polygons in the car's own metres.

The car's frame: x to its right, y up, z forward, the origin on the ground under its middle. Knows forms and paint; does
not know where a car is or how it is seen.
"""

from typing import List, NamedTuple, Tuple

import numpy as np

from catseye.runtime.street.noise import rng_of

Face = NamedTuple("Face", [
    ("points", np.ndarray),  # (N, 3) metres
    ("normal", np.ndarray),  # (3,) outward unit vector
    ("colour", Tuple[float, float, float]),  # BGR
    ("outer", bool),  # part of the outline, so painted into the mask
    ("glow", float),  # 0 lit by the street - 1 shines by itself at dusk
])
Shape = NamedTuple("Shape", [("faces", List[Face]), ("length_m", float), ("width_m", float), ("height_m", float)])

_BODIES = {  # length, width, height, then z of rear glass foot and top, windscreen top and foot, as shares of the length
    "hatch": (3.9, 1.7, 1.45, 0.02, 0.10, 0.56, 0.76),
    "saloon": (4.5, 1.75, 1.42, 0.18, 0.30, 0.58, 0.74),
    "estate": (4.5, 1.75, 1.48, 0.01, 0.06, 0.58, 0.75),
    "jeep": (4.4, 1.85, 1.8, 0.01, 0.04, 0.60, 0.72),
    "van": (4.9, 1.9, 2.1, 0.0, 0.01, 0.70, 0.88),
    "bus": (9.5, 2.5, 3.1, 0.0, 0.005, 0.985, 1.0),
}
_NAMES = ("hatch", "saloon", "estate", "jeep", "van", "bus")
_CHANCES = (0.38, 0.24, 0.14, 0.1, 0.1, 0.04)
_PAINTS = ((165, 165, 162), (130, 128, 125), (38, 36, 35), (24, 24, 24), (120, 60, 32), (95, 52, 30), (40, 36, 130), (32, 28, 95),
           (200, 202, 202), (60, 84, 40), (80, 82, 84), (90, 95, 120), (140, 105, 70))
_RUBBER, _TRIM, _LAMP, _RED = (22.0, 22.0, 22.0), (34.0, 34.0, 34.0), (215.0, 220.0, 222.0), (38.0, 34.0, 168.0)


def make_shape(seed: int, number: int) -> Shape:
    """Car `number` of one street."""
    rng = rng_of(seed, 1001, number)
    name = str(_NAMES[int(rng.choice(len(_NAMES), p=_CHANCES))])
    length, width, height, *marks = _BODIES[name]
    paint = np.array(_PAINTS[rng.randint(len(_PAINTS))]) * rng.uniform(0.85, 1.1)
    size = np.array([width, height, length]) * rng.uniform(0.95, 1.05, 3)
    outline = _Outline(size, np.array(marks) - 0.5, tall=name in ("van", "bus"))
    faces = outline.body(paint) + outline.wheels() + outline.cabin(paint, windowless=name == "van" and rng.rand() < 0.6)
    return Shape(faces + outline.lights(rng.rand() < 0.5), float(size[2]), float(size[0]), float(size[1]))


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
        self.bonnet = self.belt * (0.9 if tall else 0.83)
        self.narrow = 0.94 if tall else 0.78  # roof width as a share of the width
        self.radius = 0.31 if self.length < 8 else 0.46

    def _face(self, points: List[List[float]], outward: Tuple[float, float, float], colour: np.ndarray, outer: bool = True,
              glow: float = 0.0) -> Face:
        corners = np.array(points, np.float64)
        b, g, r = np.asarray(colour, np.float64)
        return Face(corners, _normal(corners, np.array(outward)), (b, g, r), outer, glow)

    def body(self, paint: np.ndarray) -> List[Face]:
        """Everything below the windows."""
        w, back, front, sill, waist = self.half, -self.length / 2, self.length / 2, 0.22, self.belt * 0.66
        deck = self.belt
        faces = [self._face([[-w, 0.16, back], [w, 0.16, back], [w, 0.16, front], [-w, 0.16, front]], (0, -1, 0), np.array(_TRIM))]
        for end, top, z in ((-1, deck, back), (1, self.bonnet, front)):
            out = (0, 0, float(end))
            faces.append(self._face([[-w, sill, z], [w, sill, z], [w, waist, z], [-w, waist, z]], out, paint * 0.82))
            faces.append(self._face([[-w, waist, z], [w, waist, z], [w * 0.94, top, z * 0.985], [-w * 0.94, top, z * 0.985]], out, paint))
            faces.append(self._face([[-w, sill, z], [w, sill, z], [w, sill + 0.16, z], [-w, sill + 0.16, z]], out, np.array(_TRIM), False))
        for side in (-1, 1):
            x, out = side * w, (float(side), 0, 0)
            faces.append(self._face([[x, sill, back], [x, sill, front], [x, waist, front], [x, waist, back]], out, paint * 0.78))
            faces.append(self._face([[x, waist, back], [x, waist, front], [x * 0.94, self.bonnet, front * 0.985],
                                     [x * 0.94, deck, self.front_foot], [x * 0.94, deck, back * 0.985]], out, paint))
            faces.append(self._face([[x, sill, back], [x, sill, front], [x, sill + 0.07, front], [x, sill + 0.07, back]], out,
                                    np.array(_TRIM), False))
        z = self.front_foot
        faces.append(self._face([[-w * 0.94, deck, z], [w * 0.94, deck, z], [w * 0.94, self.bonnet, front * 0.985],
                                 [-w * 0.94, self.bonnet, front * 0.985]], (0, 1, 0), paint * 1.05))
        z = self.rear_foot
        faces.append(self._face([[-w * 0.94, deck, back * 0.985], [w * 0.94, deck, back * 0.985], [w * 0.94, deck, z], [-w * 0.94, deck, z]],
                                (0, 1, 0), paint * 1.05))
        return faces

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
                self._face([split_l, split_r, top_r, top_l], outward, np.array([82, 80, 76.0]), False)]

    def lights(self, yellow_rear: bool) -> List[Face]:
        """Head and tail lamps, number plates, grille."""
        w, faces = self.half, []
        for z, lamp, end, top, glow in ((-self.length / 2 - 0.01, _RED, -1.0, self.belt * 0.92, 0.8), (self.length / 2 + 0.01, _LAMP, 1.0, self.bonnet * 0.9, 1.0)):
            for side in (-1, 1):
                x0, x1 = side * w * 0.92, side * w * (0.7 if end < 0 else 0.58)
                faces.append(self._face([[x0, top - 0.2, z], [x1, top - 0.2, z], [x1, top, z], [x0, top, z]], (0, 0, end), np.array(lamp), False, glow))
            plate = np.array([40, 165, 190.0]) if end < 0 and yellow_rear else np.array([190, 195, 195.0])
            y = 0.42 if end > 0 else self.belt * 0.62
            faces.append(self._face([[-0.26, y, z], [0.26, y, z], [0.26, y + 0.12, z], [-0.26, y + 0.12, z]], (0, 0, end), plate, False))
        z, y = self.length / 2 + 0.01, self.bonnet * 0.72
        faces.append(self._face([[-w * 0.5, y - 0.1, z], [w * 0.5, y - 0.1, z], [w * 0.5, y + 0.06, z], [-w * 0.5, y + 0.06, z]], (0, 0, 1.0), np.array(_TRIM), False))
        return faces


def _part(corners: np.ndarray, left: float, right: float) -> np.ndarray:
    """The part of a quadrilateral (4, 3) between two shares of its length."""
    low, top = corners[1] - corners[0], corners[2] - corners[3]
    return np.array([corners[0] + left * low, corners[0] + right * low, corners[3] + right * top, corners[3] + left * top])
