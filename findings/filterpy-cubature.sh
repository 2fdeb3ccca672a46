#!/bin/sh
# A car at constant speed, measured by its position: the cubature and the unscented filter beside the Kalman filter.
#
# filterpy 2.0.0. Where motion and measurement are linear, cubature and sigma points carry mean and covariance exactly, so
# both are the Kalman filter. Expected: differences of rounding. Seen: the unscented filter is it; the cubature filter sends to
# the measurement the points of before the process noise was added, so that its gain is wrong: where the car does more
# than the model says its variance is twice as large, and it is up to 2.4 m off where the Kalman filter follows. Nothing is
# said, and with little process noise nobody sees it.
#   acceleration 1.4 m/s2, measured to 0.50 m: unscented 0.0000 m off; cubature 0.05 m off, variance 1.01 times as large
#   acceleration 4.5 m/s2, measured to 0.10 m: unscented 0.0000 m off; cubature 0.39 m off, variance 1.14 times as large
#   acceleration 10.0 m/s2, measured to 0.05 m: unscented 0.0000 m off; cubature 2.41 m off, variance 2.25 times as large
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 filterpy==2.0.0
"$folder/venv/bin/python" - <<'END'
import numpy as np
from filterpy.common import Q_discrete_white_noise
from filterpy.kalman import CubatureKalmanFilter, KalmanFilter, MerweScaledSigmaPoints, UnscentedKalmanFilter

STEP = 0.1
MOVE, LOOK = np.array([[1, STEP], [0, 1]]), np.array([[1.0, 0]])


def move(x, dt):
    return MOVE @ x


def look(x):
    return LOOK @ x


def ready(tracker, acceleration, noise, shape=(2, 1)):
    tracker.x, tracker.P, tracker.F, tracker.H = np.zeros(shape), np.eye(2), MOVE, LOOK
    tracker.Q = Q_discrete_white_noise(2, STEP, acceleration**2)
    tracker.R = np.array([[noise**2]])
    return tracker


found = []
for variance, noise in ((2.0, 0.5), (20.0, 0.1), (100.0, 0.05)):
    how = variance**0.5, noise
    kalman = ready(KalmanFilter(2, 1), *how)
    points = MerweScaledSigmaPoints(2, 0.1, 2.0, 1.0)
    unscented = ready(UnscentedKalmanFilter(2, 1, STEP, look, move, points), *how, shape=2)
    cubature = ready(CubatureKalmanFilter(2, 1, STEP, look, move), *how)
    off = np.zeros(2)
    for place in 10 * np.sin(STEP * np.arange(100)):
        for tracker in (kalman, unscented, cubature):
            tracker.predict()
            tracker.update(np.full((1,) * tracker.x.ndim, place))
        off = np.maximum(off, [np.abs(each.x.ravel() - kalman.x.ravel()).max() for each in (unscented, cubature)])
    larger = cubature.P[0, 0] / kalman.P[0, 0]
    text = "acceleration %.1f m/s2, measured to %.2f m: unscented %.4f m off; "
    text += "cubature %.2f m off, variance %.2f times as large"
    print(text % (*how, *off, larger))
    found.append((round(off[0], 4), round(off[1], 2), round(larger, 2)))
raise SystemExit(0 if found == [(0, 0.05, 1.01), (0, 0.39, 1.14), (0, 2.41, 2.25)] else 1)
END
