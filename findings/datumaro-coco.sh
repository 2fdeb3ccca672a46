#!/bin/sh
# One COCO file whose first category has id 0 and whose second shape lies over the first, read by datumaro: which labels
# come, and in which order.
#
# datumaro 1.13.12. Expected: road, then car over it, as in the file. Seen: shapes come in reverse, so that what is drawn
# later is hidden; an annotation of category 0 has no label (a warning says so), though many tools count from 0.
#   labels in order: ['car', None]
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datumaro==1.13.12
"$folder/venv/bin/python" - "$folder" <<'END' 2>"$folder/warnings"
import json
import sys
from pathlib import Path

import cv2
import numpy as np
from datumaro import AnnotationType, Dataset

folder = Path(sys.argv[1])


def outline(size):
    return [0, 0, size, 0, size, size, 0, size]


shapes = [
    {"id": i + 1, "image_id": 1, "category_id": i, "iscrowd": 0, "bbox": [0, 0, 5, 5],
     "segmentation": [outline(20 - 10 * i)]}
    for i in (0, 1)
]
document = {
    "images": [{"id": 1, "file_name": "a.png", "width": 20, "height": 20}],
    "categories": [{"id": 0, "name": "road"}, {"id": 1, "name": "car"}],
    "annotations": shapes,
}
for name in ("annotations", "images/train"):
    (folder / "coco" / name).mkdir(parents=True)
cv2.imwrite(str(folder / "coco/images/train/a.png"), np.zeros((20, 20, 3), np.uint8))
(folder / "coco/annotations/instances_train.json").write_text(json.dumps(document))
data = Dataset.import_from(str(folder / "coco"), "coco_instances")
names = [category.name for category in data.categories()[AnnotationType.label]]
found = [
    None if each.label is None else names[each.label]
    for item in data
    for each in item.annotations
    if each.type is AnnotationType.polygon
]
print("labels in order:", found)
sys.exit(found != ["car", None])
END
