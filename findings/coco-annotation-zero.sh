#!/bin/sh
# Four cars, each found to the pixel, in a COCO file whose annotations are counted from 0, and from 1: their average precision.
#
# pycocotools 2.0.11, faster-coco-eval 1.8.0, hotcoco 1.3.0. Ids are numbers of the file's own choice. Expected: 1.0
# from both. Seen: pycocotools keeps, of each detection, the id that it was matched to, and 0 is its sign for none, so that the
# first annotation of a file counted from 0 is missed and its detection is a false alarm, at the highest score; in a data set
# of many pictures it is one box and nobody sees it, in a test of four it is half of the score. faster-coco-eval has taken
# that over; hotcoco warns, and is right.
#   ids from 0: pycocotools AP 0.564 AR 0.750, faster-coco-eval AP 0.564 AR 0.750, hotcoco AP 1.000 AR 1.000
#   ids from 1: pycocotools AP 1.000 AR 1.000, faster-coco-eval AP 1.000 AR 1.000, hotcoco AP 1.000 AR 1.000
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pycocotools==2.0.11 \
    faster-coco-eval==1.8.0 hotcoco==1.3.0
"$folder/venv/bin/python" - "$folder" <<'END'
import contextlib
import io
import json
import sys

import faster_coco_eval
import hotcoco
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

TOOLS = {
    "pycocotools": (COCO, COCOeval),
    "faster-coco-eval": (faster_coco_eval.COCO, faster_coco_eval.COCOeval_faster),
    "hotcoco": (hotcoco.COCO, hotcoco.COCOeval),
}
BOXES = [[20.0 * each, 0.0, 10.0, 10.0] for each in range(4)]
truth, found = sys.argv[1] + "/truth.json", sys.argv[1] + "/found.json"
scores = [0.9, 0.8, 0.7, 0.6]
with open(found, "w") as file:
    json.dump([{"image_id": 1, "category_id": 1, "bbox": b, "score": s} for b, s in zip(BOXES, scores)], file)


def judged(coco, evaluation):
    with contextlib.redirect_stdout(io.StringIO()):
        cars = coco(truth)
        each = evaluation(cars, cars.loadRes(found), "bbox")
        each.evaluate()
        each.accumulate()
        each.summarize()
    return round(float(each.stats[0]), 3), round(float(each.stats[8]), 3)


told = {}
for first in (0, 1):
    annotations = [
        {"id": first + i, "image_id": 1, "category_id": 1, "iscrowd": 0, "area": 100, "bbox": box}
        for i, box in enumerate(BOXES)
    ]
    images = [{"id": 1, "width": 80, "height": 10, "file_name": "street.png"}]
    with open(truth, "w") as file:
        json.dump({"images": images, "categories": [{"id": 1, "name": "car"}], "annotations": annotations}, file)
    told[first] = {name: judged(*tool) for name, tool in TOOLS.items()}
    print("ids from %d: " % first + ", ".join("%s AP %.3f AR %.3f" % (name, *each) for name, each in told[first].items()))
seen = {0: dict.fromkeys(TOOLS, (0.564, 0.75)), 1: dict.fromkeys(TOOLS, (1.0, 1.0))}
seen[0]["hotcoco"] = (1.0, 1.0)
raise SystemExit(0 if told == seen else 1)
END
