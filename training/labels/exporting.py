"""A set of our own kind as COCO or CVAT, for correction by hand: pictures as they are, and masks as
exact run lengths, one for each class of a picture.

What comes back is read by `formats/`: void has no label there, so `--rest void` says so again.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from typing import IO, Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from catseye.runtime.classes import VOID, ClassTable
from catseye.runtime.datasets.classes_file import ClassesFile
from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks.output_paths import writing
from catseye.runtime.system.staging import staged_folder
from catseye.training.labels.checking import Pair, classes_of, pairs_of, read_pair
from catseye.training.labels.importing import check_fresh
from catseye.training.labels.told import Told, Watched

COCO = "coco"  # else CVAT
CHOICES = "pictures with pixels of a choice among classes, which neither can say"


class Exported(NamedTuple):
    """One picture: what to write of it. file_name: below images/.  masks: (H, W) bool by class."""

    split: str
    file_name: str
    size_wh: tuple[int, int]
    masks: dict[int, np.ndarray]


def export_set(data: str, output: str, form: str, told: Told, watched: Watched) -> int:
    """Write the set in `data` to the new or empty folder `output`; returns the number of pictures.
    Raises CatseyeError for what is no set, SinkError where it cannot be written."""
    check_fresh(output)
    said = classes_of(data)
    pairs = pairs_of(data, told)
    if not pairs:
        raise CatseyeError(f"no pictures with masks in {data}", "some", "see docs/data.md")
    with writing(output), staged_folder(output) as beside:
        folder = os.path.join(beside, "set")
        pictures = _pictures(said, watched(pairs, "pictures"), folder, told)
        if form == COCO:
            _write_coco(folder, said.classes, pictures)
        else:
            _write_cvat(folder, said.classes, pictures)
        os.rename(folder, output)
    return len(pairs)


def _pictures(
    said: ClassesFile, pairs: Iterable[Pair], folder: str, told: Told
) -> Iterator[Exported]:
    """Each picture, copied."""
    for pair in pairs:
        _, codes = read_pair(pair, said.legend.read_ids)
        inside = os.path.join(pair.split, os.path.basename(pair.picture))
        place = os.path.join(folder, "images", inside)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        shutil.copyfile(pair.picture, place)
        present = [int(code) for code in np.unique(codes)]
        known = len(said.classes.names)
        told.count(CHOICES, pair.mask, int(any(known <= code < VOID for code in present)))
        masks = {code: codes == code for code in present if code < known}
        yield Exported(pair.split, inside.replace(os.sep, "/"), codes.shape[::-1], masks)


def _write_coco(folder: str, table: ClassTable, pictures: Iterator[Exported]) -> None:
    """annotations/instances_SPLIT.json each; run lengths are iscrowd there, whatever they show."""
    from pycocotools import mask as coco_mask

    categories = [{"id": i, "name": name} for i, name in enumerate(table.names, 1)]
    documents: dict[str, dict[str, list[Any]]] = {}
    for number, picture in enumerate(pictures, 1):
        document = documents.setdefault(
            picture.split or "default", {"images": [], "annotations": [], "categories": categories}
        )
        width, height = picture.size_wh
        document["images"].append(
            {"id": number, "file_name": picture.file_name, "width": width, "height": height}
        )
        for code, mask in picture.masks.items():
            runs = coco_mask.encode(np.asfortranarray(mask, np.uint8))
            segmentation = {"size": [height, width], "counts": runs["counts"].decode("ascii")}
            document["annotations"].append(
                {
                    "id": sum(len(each["annotations"]) for each in documents.values()) + 1,
                    "image_id": number,
                    "category_id": code + 1,
                    "segmentation": segmentation,
                    "area": int(mask.sum()),
                    "bbox": [float(value) for value in coco_mask.toBbox(runs)],
                    "iscrowd": 1,
                }
            )
    os.makedirs(os.path.join(folder, "annotations"))
    for split, document in documents.items():
        path = os.path.join(folder, "annotations", f"instances_{split}.json")
        with open(path, "x", encoding="utf-8") as stream:
            json.dump(document, stream)


def _write_cvat(folder: str, table: ClassTable, pictures: Iterator[Exported]) -> None:
    """annotations.xml of CVAT for images 1.1; run lengths go row by row within their box."""
    os.makedirs(folder)
    with open(os.path.join(folder, "annotations.xml"), "x", encoding="utf-8") as stream:
        stream.write('<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n')
        stream.write("  <version>1.1</version>\n  <meta><task><labels>\n")
        for name, colour in zip(table.names, table.colours_rgb):
            label = f"<name>{escape(name)}</name><color>#{bytes(colour).hex()}</color>"
            stream.write(f"    <label>{label}</label>\n")
        stream.write("  </labels></task></meta>\n")
        for number, picture in enumerate(pictures):
            _write_image(stream, number, picture, table)
        stream.write("</annotations>\n")


def _write_image(stream: IO[str], number: int, picture: Exported, table: ClassTable) -> None:
    width, height = picture.size_wh
    subset = f" subset={quoteattr(picture.split)}" if picture.split else ""
    stream.write(
        f'  <image id="{number}" name={quoteattr(picture.file_name)}{subset} width="{width}"'
        f' height="{height}">\n'
    )
    for code, mask in picture.masks.items():
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        top, left = int(rows[0]), int(columns[0])
        area = mask[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
        stream.write(
            f'    <mask label={quoteattr(table.names[code])} source="file" occluded="0"'
            f' rle="{", ".join(map(str, _runs(area)))}" left="{left}" top="{top}"'
            f' width="{area.shape[1]}" height="{area.shape[0]}" z_order="0"></mask>\n'
        )
    stream.write("  </image>\n")


def _runs(area: np.ndarray) -> list[int]:
    """Row by row, how many pixels are not of it, are, are not, ..."""
    flat = area.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    runs = np.diff([0, *changes, flat.size]).tolist()
    return [0, *runs] if flat[0] else runs
