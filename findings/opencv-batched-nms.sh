#!/bin/sh
# Boxes of several classes around the car, in metres, through cv2.dnn.NMSBoxesBatched: do the classes leave each other alone?
#
# opencv-python-headless 5.0.0.93 and 4.12.0.88. Boxes seen from above, the car at 0, 0. Expected: suppression within each
# class, as of one call of cv2.dnn.NMSBoxes a class. Seen: the classes are moved apart by the largest coordinate and 1, which
# is less than the extent where coordinates are negative too, so that boxes of other classes come to lie upon each other: a
# van behind the car is suppressed by a truck before it, 49 m away. Moved by 60 m, so that nothing is negative, the same
# boxes are right; so are pixels, but for boxes that begin beyond the left or upper border.
#   5.0.0: truck at 30, 30, van at -5, -5: kept [0], by class [0, 1]
#   5.0.0: of 1000 scenes of 60 boxes, within 50 m: 80 lose 84 boxes; all moved by 60 m: 0 lose 0
#   4.12.0: the same
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
for version in 5.0.0.93 4.12.0.88; do
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.2.6 "opencv-python-headless==$version"
    "$folder/venv/bin/python" - <<'END'
import cv2
import numpy as np

LOWEST, OVERLAP = 0.1, 0.5


def both(boxes, scores, classes):
    """Numbers that are kept in one call, and in one a class"""
    together = cv2.dnn.NMSBoxesBatched(boxes, scores, classes, LOWEST, OVERLAP)
    apart = set()
    for each in set(classes):
        own = [number for number, kind in enumerate(classes) if kind == each]
        kept = cv2.dnn.NMSBoxes([boxes[i] for i in own], [scores[i] for i in own], LOWEST, OVERLAP)
        apart |= {own[int(i)] for i in np.ravel(kept)}
    return sorted(int(i) for i in np.ravel(together)), sorted(apart)


two = both([(30.0, 30.0, 4.0, 4.0), (-5.0, -5.0, 4.0, 4.0)], [0.9, 0.8], [0, 1])
text = "%s: truck at 30, 30, van at -5, -5: kept %s, by class %s"
print(text % (cv2.__version__, *two))
random, lost = np.random.default_rng(0), {0: [], 60: []}
for _ in range(1000):
    places = random.uniform(-50, 46, (60, 2))
    scores, classes = random.uniform(0.2, 1, 60).tolist(), random.integers(0, 3, 60).tolist()
    for moved in lost:
        boxes = [(x + moved, y + moved, 4.0, 4.0) for x, y in places.tolist()]
        together, apart = both(boxes, scores, classes)
        assert set(together) <= set(apart)
        lost[moved].append(len(apart) - len(together))
found = [number for each in lost.values() for number in (sum(map(bool, each)), sum(each))]
text = "%s: of 1000 scenes of 60 boxes, within 50 m: %d lose %d boxes; all moved by 60 m: %d lose %d"
print(text % (cv2.__version__, *found))
raise SystemExit(0 if two == ([0], [0, 1]) and found[0] > 20 and found[2:] == [0, 0] else 1)
END
done
