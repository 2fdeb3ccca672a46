"""The body of a car, built on a handful of measures: flanks and ends, cabin, wheels, lights.

The car's frame: x to its right, y up, z forward, metres, the origin on the ground under its middle.
Knows forms; does not know which cars there are, where they are or how they are seen.
"""

from typing import List, Optional, Tuple

import numpy as np

from catseye.runtime.street.things.car_faces import Face, make_face, part_of

_RUBBER, _TRIM, _LAMP, _RED = (
    (22.0, 22.0, 22.0),
    (34.0, 34.0, 34.0),
    (215.0, 220.0, 222.0),
    (38.0, 34.0, 168.0),
)


class Body:
    """Measures of one car, and the faces built on them."""

    def __init__(self, size: np.ndarray, marks: np.ndarray, tall: bool) -> None:
        self.half, self.height, self.length = size[0] / 2, size[1], size[2]
        self.rear_foot, self.rear_top, self.front_top, self.front_foot = marks * self.length
        self.belt = self.height * (0.5 if tall else 0.62)
        self.bonnet = self.belt * (0.83 if not tall else 0.9 if self.length < 8 else 1.0)
        self.narrow = 0.94 if tall else 0.78  # roof width as a share of the width
        self.radius = 0.31 if self.length < 8 else 0.46

    def body(self, paint: np.ndarray) -> List[Face]:
        """Everything below the windows: two ends, two flanks and the bevels between them, in three
        bands of height."""
        faces = [
            make_face(
                self._ring(0.16, 1.0, 0.0)[[0, 1, 2, 5, 6, 7]].tolist(), (0, -1, 0), np.array(_TRIM)
            )
        ]
        levels = (
            (0.2, 0.97, _TRIM),
            (0.36, 1.0, 0.72 * paint),
            (self.belt * 0.66, 1.0, 0.98 * paint),
        )
        tops = levels[1:] + ((None, 0.94, paint),)
        for (low, wide, colour), (high, wide_top, _) in zip(levels, tops):
            lower, upper = self._ring(low, wide, 0.0), self._ring(high, wide_top, 0.02)
            for here in range(8):
                there = (here + 1) % 8
                out = lower[here] + lower[there]
                shade = 0.94 if here in (0, 2, 4, 6) else 1.0
                faces.append(
                    make_face(
                        [lower[here], lower[there], upper[there], upper[here]],
                        (out[0], 0.2, out[2]),
                        np.array(colour) * shade,
                    )
                )
        return faces + self._decks(paint)

    def _ring(self, y: Optional[float], wide: float, drawn_in: float) -> np.ndarray:
        """The outline (8, 3) from rear left and rear right round by the right flank, at height y or
        at the body's upper edge (None), which is lower at the bonnet than at the boot."""
        w, z = self.half * wide, self.length / 2 * (1 - drawn_in)
        rear, front = (self.belt, self.bonnet) if y is None else (y, y)
        slope = self.belt if y is None else y
        narrow, flank = w * 0.86, z * 0.9
        return np.array(
            [
                [-narrow, rear, -z],
                [narrow, rear, -z],
                [w, slope, -flank],
                [w, front, flank],
                [narrow, front, z],
                [-narrow, front, z],
                [-w, front, flank],
                [-w, slope, -flank],
            ]
        )

    def _decks(self, paint: np.ndarray) -> List[Face]:
        """Bonnet and boot lid."""
        w, ring = self.half * 0.94, self._ring(None, 0.94, 0.02)
        bonnet = [
            [-w, self.belt, self.front_foot],
            [w, self.belt, self.front_foot],
            ring[3],
            ring[4],
            ring[5],
            ring[6],
        ]
        boot = [
            ring[0],
            ring[1],
            ring[2],
            [w, self.belt, self.rear_foot],
            [-w, self.belt, self.rear_foot],
            ring[7],
        ]
        flank = [
            make_face(
                [
                    [side * w, self.belt, ring[2][2]],
                    [side * w, self.belt, self.front_foot],
                    [side * w, self.bonnet, ring[3][2]],
                ],
                (side, 0.1, 0),
                paint,
            )
            for side in (-1.0, 1.0)
        ]
        return flank + [
            make_face(bonnet, (0, 1, 0), paint * 1.08),
            make_face(boot, (0, 1, 0), paint * 1.08),
        ]

    def wheels(self) -> List[Face]:
        """Arch, tyre and hub of the four wheels."""
        faces, turn = [], np.linspace(0, 2 * np.pi, 14, endpoint=False)
        for side in (-1, 1):
            for z in (-0.31 * self.length, 0.31 * self.length):
                for radius, out, colour in (
                    (self.radius * 1.18, 0.0, _TRIM),
                    (self.radius, 0.01, _RUBBER),
                    (self.radius * 0.62, 0.02, (120, 122, 122)),
                    (self.radius * 0.25, 0.03, (60, 60, 60)),
                ):
                    ring = [
                        [
                            side * (self.half + out),
                            self.radius + radius * np.sin(a),
                            z + radius * np.cos(a),
                        ]
                        for a in turn
                    ]
                    if out == 0.0:
                        ring = [[p[0], max(p[1], 0.22), p[2]] for p in ring]
                    faces.append(
                        make_face(ring, (float(side), 0, 0), np.array(colour), 0.0 < out < 0.015)
                    )
        return faces

    def cabin(self, paint: np.ndarray, windowless: bool) -> List[Face]:
        """Windows and roof. Glass is dark and mirrors the sky towards its top."""
        low, top, foot, roof = self.belt, self.height, self.half * 0.94, self.half * self.narrow
        faces = []
        for z_foot, z_top, end in (
            (self.rear_foot, self.rear_top, -1.0),
            (self.front_foot, self.front_top, 1.0),
        ):
            corners = np.array(
                [[-foot, low, z_foot], [foot, low, z_foot], [roof, top, z_top], [-roof, top, z_top]]
            )
            faces.append(make_face(corners.tolist(), (0, 0.3, end), paint * 0.95))
            if not (windowless and end < 0):
                faces += self._glass(corners, (0, 0.3, end), 0.08)
        for side in (-1.0, 1.0):
            corners = np.array(
                [
                    [side * foot, low, self.rear_foot],
                    [side * foot, low, self.front_foot],
                    [side * roof, top, self.front_top],
                    [side * roof, top, self.rear_top],
                ]
            )
            faces.append(make_face(corners.tolist(), (side, 0, 0), paint * 0.95))
            panes = 1 if windowless else (6 if self.length > 8 else 2)
            for pane in range(panes):
                left, right = (
                    (0.68, 0.97) if windowless else (pane / panes + 0.02, (pane + 1) / panes - 0.02)
                )
                faces += self._glass(part_of(corners, left, right), (side, 0, 0), 0.1)
        faces.append(
            make_face(
                [
                    [-roof, top, self.rear_top],
                    [roof, top, self.rear_top],
                    [roof, top, self.front_top],
                    [-roof, top, self.front_top],
                ],
                (0, 1, 0),
                paint * 1.05,
            )
        )
        return faces

    def _glass(
        self, corners: np.ndarray, outward: Tuple[float, float, float], inset: float
    ) -> List[Face]:
        low_l, low_r, top_r, top_l = corners + inset * 0.8 * (corners.mean(axis=0) - corners)
        split_l, split_r = low_l + 0.55 * (top_l - low_l), low_r + 0.55 * (top_r - low_r)
        return [
            make_face([low_l, low_r, top_r, top_l], outward, np.array([40, 38, 36.0]), False),
            make_face(
                [split_l, split_r, top_r, top_l], outward, np.array([120, 117, 110.0]), False
            ),
        ]

    def lights(self, yellow_rear: bool) -> List[Face]:
        """Head and tail lamps on ends and bevels, number plates, grille."""
        faces, z = [], self.length / 2 + 0.012
        for end, lamp, top, height, glow in (
            (-1.0, _RED, self.belt * 0.95, 0.26, 0.55),
            (1.0, _LAMP, self.bonnet * 0.95, 0.17, 1.0),
        ):
            for side in (-1.0, 1.0):
                inner, edge = side * self.half * 0.62, side * self.half * 0.85
                faces.append(
                    self._patch(
                        [inner, edge], [end * z, end * z], top, height, (0, 0, end), lamp, glow
                    )
                )
                bevel = [side * self.half * 0.955, end * z * 0.935]
                faces.append(
                    self._patch(
                        [edge, bevel[0]],
                        [end * z, bevel[1]],
                        top,
                        height,
                        (side, 0, end),
                        lamp,
                        0.5 * glow,
                    )
                )
            plate = (40.0, 165.0, 190.0) if end < 0 and yellow_rear else (190.0, 195.0, 195.0)
            faces.append(
                self._patch(
                    [-0.26, 0.26],
                    [end * z] * 2,
                    0.54 if end > 0 else self.belt * 0.72,
                    0.12,
                    (0, 0, end),
                    plate,
                    0.0,
                )
            )
        grille = self.half * 0.5
        faces.append(
            self._patch(
                [-grille, grille], [z, z], self.bonnet * 0.88, 0.14, (0, 0, 1.0), _TRIM, 0.0
            )
        )
        return faces

    def _patch(
        self,
        x: List[float],
        z: List[float],
        top: float,
        height: float,
        outward: Tuple[float, float, float],
        colour: Tuple[float, float, float],
        glow: float,
    ) -> Face:
        """An upright rectangle on the body's skin, a detail inside its outline."""
        return make_face(
            [
                [x[0], top - height, z[0]],
                [x[1], top - height, z[1]],
                [x[1], top, z[1]],
                [x[0], top, z[0]],
            ],
            outward,
            np.array(colour),
            False,
            glow,
        )
