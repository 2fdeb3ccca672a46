#!/bin/sh
# Two tracks, two boxes, lap.lapjv with cost_limit, as the trackers of the SORT family call it: who gets no box.
#
# lap 0.5.13 beside scipy 1.17.1. Costs are 1 - IoU, the limit is 0.8, and the second track fits the second box badly (0.95).
# Expected: pairs above the limit are out, and of the others as many as fit are taken: tracks 0 and 1 get boxes 1 and 0, at
# 0.45 each, as linear_sum_assignment gives where what is above the limit is made dear. Seen: being left alone costs half
# the limit, so 0.1 and two alone are less than two of 0.45: track 1 and box 1 stay alone, and a car that overlaps its track by
# 55 % is lost and found as a new one. With a limit of 0.9, which lets no other pair in, both are taken.
#   limit 0.8: lap [0, -1] at 0.1, scipy [1, 0]
#   limit 0.9: lap [1, 0] at 0.9, scipy [1, 0]
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 lap==0.5.13
"$folder/venv/bin/python" - <<'END'
import lap
import numpy as np
from scipy.optimize import linear_sum_assignment

costs = np.array([[0.1, 0.45], [0.45, 0.95]])
found = []
for limit in (0.8, 0.9):
    total, boxes, _ = lap.lapjv(costs, extend_cost=True, cost_limit=limit)
    _, most = linear_sum_assignment(np.where(costs > limit, 1e6, costs))
    found.append((boxes.tolist(), round(total, 2), most.tolist()))
    print("limit %.1f: lap %s at %.1f, scipy %s" % (limit, *found[-1]))
raise SystemExit(0 if found == [([0, -1], 0.1, [1, 0]), ([1, 0], 0.9, [1, 0])] else 1)
END
