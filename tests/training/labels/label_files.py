"""Small label sets in the tests' own folders, and what became of them."""

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from catseye.runtime.datasets.road import open_road_data
from catseye.training.labels.importing import Imported

WIDTH, HEIGHT = 64, 48
WRITTEN = Path(__file__).parent / "written"  # what the tools themselves wrote, of such pictures


def unwatched(items: Sequence[Any], what: str) -> Sequence[Any]:
    """Instead of a bar."""
    return items


def save_picture(path: Path, width: int = WIDTH, height: int = HEIGHT) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)
    save_mask(path, noise)


def save_mask(path: Path, mask: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), mask)


def save_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


# a row of each id, and of each colour
IDS = np.repeat(np.arange(3, dtype=np.uint8)[:, None], 8, axis=1)  # (3, 8)
TABLE = "64 128 64\tAnimal\n128 64 128\t\tRoad\n0 0 0 \tVoid\n"
COLOURS = np.array([(64, 128, 64), (128, 64, 128), (0, 0, 0)], np.uint8)[IDS][..., ::-1]  # BGR


def save_small_picture(path: Path) -> None:
    """Of the size of IDS and COLOURS."""
    save_picture(path, 8, 3)


def png_base64(area: np.ndarray) -> str:
    return base64.b64encode(cv2.imencode(".png", area)[1].tobytes()).decode("ascii")


def rectangle(left: float, top: float, right: float, bottom: float) -> list[float]:
    """A polygon as COCO writes one."""
    return [left, top, right, top, right, bottom, left, bottom]


def save_coco(
    path: Path, outlines: list[tuple[int, Any]], names: list[str], *, first: int = 1, **image: Any
) -> None:
    """A COCO file of one picture, a.png beside the file unless `image` says another, which is made;
    an outline is a category and its segmentation."""
    entry = {"id": 7, "file_name": "a.png", "width": WIDTH, "height": HEIGHT, **image}
    if not (path.parent / entry["file_name"]).exists():
        save_picture(path.parent / entry["file_name"])
    document = {
        "images": [entry],
        "categories": [{"id": first + i, "name": name} for i, name in enumerate(names)],
        "annotations": [
            {"id": i, "image_id": 7, "category_id": category, "segmentation": outline}
            for i, (category, outline) in enumerate(outlines, 1)
        ],
    }
    save_text(path, json.dumps(document))


class Taken(NamedTuple):
    """What an import came to. told: what it let pass."""

    folder: Path
    found: Imported
    told: dict[str, int]

    def names(self, name: str, split: str = "") -> np.ndarray:
        """(H, W) the class names of a mask, "void" too, as `train` and `eval` read them."""
        data = open_road_data(str(self.folder))
        samples = [s for each in data.splits if split in ("", each) for s in data.samples(each)]
        _, codes = next(sample for sample in samples if sample.name == name).read()
        return np.array([*data.classes.names, *["void"] * 256])[codes]
