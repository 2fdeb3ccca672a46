"""How far what a mask says in metres is from the truth, on synthetic streets whose plan is known:
`python benchmarks/metres.py [--frames 200] [--model road] [--json]`.

True masks, and with --model those of a model; the camera's mount is told as it is fixed to the
vehicle, or as it stands in each frame (the vehicle nods). With 1 degree of pitch that nobody knows
of, the bars are asked whether they hold the truth. Flat ground.
"""

import argparse
import json
import math
import sys

import numpy as np

from catseye.runtime.classes import CAMVID
from catseye.runtime.geometry.camera_model import CameraModel, Mount, Vehicle
from catseye.runtime.geometry.ground_view import WIDTHS_M, GroundView
from catseye.runtime.geometry.labels import labels_of
from catseye.runtime.geometry.lens import Lens
from catseye.runtime.geometry.road_geometry import road_geometry
from catseye.runtime.geometry.steering import look_ahead_m
from catseye.runtime.street import Street

SIZE_WH, CELL_M, SIDE_M, REACH_M = (640, 360), 0.05, 24.0, 90.0
NOD = math.radians(0.16)  # standard deviation of the pitch as the street's vehicle nods
BEND_RAD = 0.01  # of the front wheels, from which a road bends: a radius of 270 m
OFF = math.radians(1.0)
FREE_BANDS = ((0.0, 10.0), (10.0, 25.0))


class Truth:
    """One frame, and the plan of the ground around it."""

    def __init__(self, seed, time_s):
        self.street = Street(seed, SIZE_WH)
        self.image, self.mask = self.street.render(time_s)
        self.around = self.street.surroundings(time_s)
        self.plan = self.around.is_road(REACH_M, SIDE_M, CELL_M)
        self.seen = self.plan & ~self._hidden()

    def _hidden(self):
        """Ground behind what stands on the road, as the camera's foot sees it, as far as widths
        are asked for."""
        rows, columns = np.indices((int(1.1 * max(WIDTHS_M) / CELL_M), self.plan.shape[1]))
        x, y = CELL_M * (rows + 0.5), SIDE_M - CELL_M * (columns + 0.5)
        angles, far, hidden = np.arctan2(y, x), np.hypot(x, y), np.zeros(self.plan.shape, bool)
        for corners in self.around.obstacles:
            nearest = np.hypot(*corners.T).min()
            if corners[:, 0].min() > 0.5 and nearest < far.max():
                seen_at = np.arctan2(corners[:, 1], corners[:, 0])
                within = (angles > seen_at.min()) & (angles < seen_at.max())
                hidden[: len(rows)] |= within & (far > nearest)
        return hidden

    def camera(self, nodding, pitch_error=NOD, off=0.0):
        """The model of the frame's camera; off: what its pitch is wrong by."""
        pose, ride = self.around.camera.pose, self.street._ride
        height, pitch, roll = (
            (ride._height, ride._pitch, ride._roll)
            if nodding
            else (pose.position[1], pose.pitch, pose.roll)
        )
        mount = Mount(height, pitch + off, roll, pitch_error_rad=pitch_error)
        return CameraModel(Lens(SIZE_WH, (self.around.camera.focal_px,) * 2), mount, Vehicle())

    def free(self, x, y):
        """bool of ground points of any one shape; what is off the plan is not."""
        rows, columns = (x / CELL_M).astype(int), ((SIDE_M - y) / CELL_M).astype(int)
        inside = (rows >= 0) & (rows < self.plan.shape[0]) & (columns >= 0)
        inside &= columns < self.plan.shape[1]
        return inside & self.plan[np.where(inside, rows, 0), np.where(inside, columns, 0)]

    def distances(self, angles, offsets, near_m):
        """Along lines from `offsets` to the left: to the first ground beyond `near_m` that is not
        free."""
        along = np.arange(near_m, REACH_M - 1, 0.03)
        x = along * np.cos(angles)[:, None]
        y = offsets[:, None] + along * np.sin(angles)[:, None]
        blocked = ~self.free(x, y)
        return np.where(blocked.any(axis=1), along[blocked.argmax(axis=1)], REACH_M)

    def width(self, x):
        """Of the free road that is seen at x, around the camera's way; None in the mouth of a side
        road, and where that width is another one a twentieth nearer or farther."""
        found = [self._width_at(x * share) for share in (0.95, 1.0, 1.05)]
        if None in found or max(found) - min(found) > 0.05 * found[1]:
            return None
        slope = abs(np.gradient(self.around.middle[:, 1], self.around.middle[:, 0])).max()
        widest = 2 * self.around.half_width_m * math.hypot(1, slope) + 0.5
        return found[1] if found[1] < widest else None

    def _width_at(self, x):
        columns, middle = self.seen[int(x / CELL_M)], int(SIDE_M / CELL_M)
        if not columns[middle - 10 : middle + 10].all():
            return None
        left = middle - (~columns[:middle][::-1]).argmax()
        right = middle + (~columns[middle:]).argmax()
        return (right - left) * CELL_M

    def steering(self, vehicle):
        """Pure pursuit of the line through the camera that keeps its distance from the middle of
        the road."""
        x, y = self.around.middle.T
        beside = np.interp(0.0, x, y)
        ahead = look_ahead_m(None) - vehicle.rear_axle_m
        y = np.interp(ahead, x, y) - beside
        back = math.hypot(ahead + vehicle.rear_axle_m, y)
        return math.atan(2 * vehicle.wheelbase_m * y / back / back)


def measured(truth, ids, camera, found):
    """Add what one mask says to `found`."""
    view = GroundView(camera, SIZE_WH, ids.shape[::-1])
    geometry = road_geometry(ids, labels_of(CAMVID), view)
    row, vehicle = geometry.as_json(), view.camera.vehicle
    lines = np.linspace(-vehicle.width_m / 2, vehicle.width_m / 2, 9)
    ahead = truth.distances(np.zeros(9), lines, view.near_m).min()
    told = [(ahead, row["free_m"], row["free_low_m"], row["free_high_m"], row["free_beyond"])]
    each = row["free_directions"]
    angles = view.angles_rad
    real = truth.distances(angles, np.zeros(len(angles)), view.near_m)
    told += zip(real, each["free_m"], each["low_m"], each["high_m"], geometry.directions.beyond)
    for where, group in (("ahead", told[:1]), ("directions", told[1:])):
        for real, far, low, high, beyond in group:
            if far <= 0 or real <= view.near_m + 0.1:
                continue
            found.setdefault("covered " + where, []).append(
                low <= real <= (math.inf if high is None else high)
            )
            if beyond:
                continue
            for least, most in FREE_BANDS:
                if least < real <= most:
                    name = "free %s to %d m" % (where, most)
                    found.setdefault(name, []).append(abs(far - real) / real)
    for at in WIDTHS_M:
        real, far = truth.width(at), row["width_at_%d_m" % at]
        if real is not None and far is not None:
            found.setdefault("width at %d m" % at, []).append(abs(far - real) / real)
            found.setdefault("width", []).append(abs(far - real) / real)
            found.setdefault("covered width", []).append(
                abs(far - real) <= row["width_error_at_%d_m" % at]
            )
    real = truth.steering(vehicle)
    if abs(real) >= BEND_RAD:
        found.setdefault("steering told", []).append(row["steering_rad"] is not None)
    if abs(real) >= BEND_RAD and row["steering_rad"] is not None:
        right = row["steering_rad"] * real > 0
        found.setdefault("steering sign", []).append(right)
        if abs(row["steering_rad"]) > row["steering_error_rad"]:
            found.setdefault("steering sign beyond its bar", []).append(right)
    if row["steering_rad"] is not None:
        found.setdefault("covered steering", []).append(
            abs(row["steering_rad"] - real) <= row["steering_error_rad"]
        )


def summary(found):
    """{what: [median, count]} of errors, {what: [share, count]} of yes and no."""
    return {
        name: [
            float(
                np.mean(values) if name.split()[0] in ("covered", "steering") else np.median(values)
            ),
            len(values),
        ]
        for name, values in sorted(found.items())
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--model", default="")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    model = None
    if args.model:
        import catseye

        model = catseye.load(args.model, threads=1)
    tables = {}
    rng = np.random.RandomState(0)
    for seed in range(args.frames):
        truth = Truth(1000 + seed, float(rng.uniform(0, 20)))
        masks = {"true masks": truth.mask}
        if model is not None:
            masks[args.model] = model(truth.image).mask
        sign = 1 if rng.rand() < 0.5 else -1
        for name, ids in masks.items():
            for how, camera in (
                ("pose of the frame", truth.camera(False)),
                ("as mounted", truth.camera(True)),
                ("1 degree off", truth.camera(True, OFF, sign * OFF)),
            ):
                measured(truth, ids, camera, tables.setdefault(name + ", " + how, {}))
    tables = {name: summary(found) for name, found in tables.items()}
    if args.json:
        json.dump(tables, sys.stdout)
        return
    for name, rows in tables.items():
        print(name)
        for what, (value, count) in rows.items():
            print("  %-28s %6.1f %%  of %d" % (what, 100 * value, count))


if __name__ == "__main__":
    main()
