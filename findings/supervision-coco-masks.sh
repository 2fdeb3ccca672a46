#!/bin/sh
# Masks of a street written as COCO by supervision, and judged by pycocotools: a car, one with a hole, one behind a pole.
#
# supervision 0.31.2 (DetectionDataset.as_coco), pycocotools 2.0.11. Expected: what is found to the pixel has a precision of 1 and
# what is missed 0; a box holds its mask. Seen: a mask with a hole or of two parts becomes iscrowd 1, COCO's word for a heap
# that is not to be judged, so that a car behind a pole, found or missed, no longer counts (-1: nothing to judge). Outlines and
# boxes run through the middles of the outermost pixels, where COCO has their edges: pycocotools reads a car one row and one
# column smaller, and what is found to the pixel has 0.8 (supervision itself reads back what it wrote); a pole of one
# pixel's width has a box of width 0 and no outline, and comes back empty, of which a warning tells.
#   car: iscrowd 0, box 23 x 11 of 24 x 12, 288 of 288 pixels, pycocotools 253, AP found 0.8, missed 0.0
#   car with a hole: iscrowd 1, box 23 x 11 of 24 x 12, 279 of 279 pixels, pycocotools 279, AP found -1.0, missed -1.0
#   car behind a pole: iscrowd 1, box 23 x 11 of 24 x 12, 264 of 264 pixels, pycocotools 264, AP found -1.0, missed -1.0
#   pole: iscrowd 0, box 0 x 44 of 1 x 45, 0 of 45 pixels, pycocotools 0
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 supervision==0.31.2 pycocotools==2.0.11 \
    opencv-python-headless==5.0.0.93
"$folder/venv/bin/python" - "$folder" <<'END'
import contextlib
import io
import json
import sys

import cv2
import numpy as np
import supervision as sv
from pycocotools import mask as codes
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

folder = sys.argv[1]
picture, path = folder + "/street.png", folder + "/street.json"
cv2.imwrite(picture, np.zeros((60, 80, 3), np.uint8))
car = np.zeros((60, 80), bool)
car[20:32, 10:34] = True
hole, parts, pole = car.copy(), car.copy(), np.zeros_like(car)
hole[24:27, 14:17] = False
parts[:, 20:22] = False
pole[5:50, 60] = True


def shape(path):
    truth = quiet(COCO, path)
    return truth.annToRLE(next(iter(truth.anns.values())))


def quiet(call, *given):
    with contextlib.redirect_stdout(io.StringIO()):
        return call(*given)


def precision(truth, mask):
    """Average precision of a single detection with this mask"""
    code = codes.encode(np.asfortranarray(mask.astype(np.uint8)))
    place = {"image_id": truth.getImgIds()[0], "category_id": truth.getCatIds()[0]}
    judge = COCOeval(truth, truth.loadRes([{**place, "score": 0.9, "segmentation": code}]), "segm")
    for step in (judge.evaluate, judge.accumulate, judge.summarize):
        step()
    return float(judge.stats[0])


told = {}
for name, mask in (("car", car), ("car with a hole", hole), ("car behind a pole", parts), ("pole", pole)):
    boxes = sv.mask_to_xyxy(mask[None]).astype(float)
    shapes = sv.Detections(xyxy=boxes, mask=mask[None], class_id=np.array([0]))
    data = sv.DetectionDataset(classes=["thing"], images=[picture], annotations={picture: shapes})
    data.as_coco(annotations_path=path)
    with open(path) as file:
        written = json.load(file)["annotations"][0]
    back = next(iter(sv.DetectionDataset.from_coco(folder, path, force_masks=True).annotations.values())).mask
    told[name] = "iscrowd %d, box %g x %g of %d x %d, %d of %d pixels, pycocotools %d" % (
        written["iscrowd"],
        *written["bbox"][2:],
        *cv2.boundingRect(mask.astype(np.uint8))[2:],
        back.sum(),
        mask.sum(),
        codes.area(shape(path)) if back.any() else 0,
    )
    if back.any():
        truth = quiet(COCO, path)
        told[name] += ", AP found %.1f, missed %.1f" % (quiet(precision, truth, mask), quiet(precision, truth, pole))
    print(name + ": " + told[name])
SEEN = {
    "car": "iscrowd 0, box 23 x 11 of 24 x 12, 288 of 288 pixels, pycocotools 253, AP found 0.8, missed 0.0",
    "car with a hole": "iscrowd 1, box 23 x 11 of 24 x 12, 279 of 279 pixels, pycocotools 279, AP found -1.0, missed -1.0",
    "car behind a pole": "iscrowd 1, box 23 x 11 of 24 x 12, 264 of 264 pixels, pycocotools 264, AP found -1.0, missed -1.0",
    "pole": "iscrowd 0, box 0 x 44 of 1 x 45, 0 of 45 pixels, pycocotools 0",
}
raise SystemExit(0 if told == SEEN else 1)
END
