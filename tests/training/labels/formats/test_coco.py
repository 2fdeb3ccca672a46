"""COCO, as pycocotools reads it and as datumaro wrote it."""

import json

import numpy as np
import pytest
from label_files import HEIGHT, WIDTH, WRITTEN, rectangle, save_coco, save_picture, save_text

from catseye.runtime.errors import CatseyeError

coco_mask = pytest.importorskip("pycocotools.mask")
TWO = ["road", "car"]


def two_pictures(folder, outlines, names=TWO, **more):
    """A set that opens needs two."""
    save_coco(folder / "a.json", outlines, names, **more)
    save_coco(folder / "b.json", outlines, names, file_name="b.png", **more)


def test_shapes_are_those_of_pycocotools(tmp_path, take):
    """Polygons between pixels, of several parts, and both kinds of run lengths."""
    rng = np.random.default_rng(1)
    area = np.asfortranarray(cells := rng.integers(0, 2, (HEIGHT, WIDTH), np.uint8))
    packed = coco_mask.encode(area)
    flat = cells.T.ravel()
    counts = np.diff([0, *np.flatnonzero(np.diff(flat.astype(int))) + 1, flat.size]).tolist()
    counts = [0, *counts] if flat[0] else counts
    parts = [
        [3.3, 4.7, 20.1, 9.6, 11.5, 40.2],
        [50, 30, 63.5, 30, 60, 47.9],
        [2, 44, -9, 60, 9, 47],
    ]
    runs = coco_mask.merge(coco_mask.frPyObjects(parts, HEIGHT, WIDTH))
    for outline, truth in (
        (parts, coco_mask.decode(runs)),
        ({"size": [HEIGHT, WIDTH], "counts": packed["counts"].decode()}, area),
        ({"size": [HEIGHT, WIDTH], "counts": counts}, area),
    ):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        two_pictures(folder, [(1, outline)])
        np.testing.assert_array_equal(take(folder).names("a") == "road", truth > 0)


def test_category_zero_is_a_class_and_the_order_is_the_files(tmp_path, take):
    """Both are lost where datumaro 1.13 reads it."""
    outlines = [(0, [rectangle(0, 0, 64, 48)]), (1, [rectangle(10, 10, 20, 20)])]
    two_pictures(tmp_path / "coco", outlines, first=0)
    taken = take(tmp_path / "coco")
    assert taken.found.table.names == ("road", "car")  # nothing is left for a background
    assert len(taken.found.table.colours_rgb) == 2
    assert (taken.names("a") == "car").sum() == 100
    two_pictures(tmp_path / "turned", outlines[::-1], first=0)
    assert not (take(tmp_path / "turned").names("a") == "car").any()
    assert (take(tmp_path / "turned", order="small").names("a") == "car").sum() == 100


def test_what_datumaro_wrote(tmp_path, take):
    document = json.loads((WRITTEN / "datumaro-coco.json").read_text())
    for split in ("train", "val"):
        for image in document["images"]:
            save_picture(tmp_path / "coco/images" / split / image["file_name"])
        save_text(tmp_path / f"coco/annotations/instances_{split}.json", json.dumps(document))
    taken = take(tmp_path / "coco")
    assert taken.found.pictures == {"train": 3, "val": 3}
    names = taken.names("drive_train0", "val")
    assert (names[5, 5], names[15, 5], names[25, 30], names[40, 30]) == (
        "sky",
        "background",
        "car",
        "road",
    )


def test_what_lies_under_no_shape(tmp_path, take):
    two_pictures(tmp_path / "coco", [(1, [rectangle(0, 0, 64, 24)])])
    taken = take(tmp_path / "coco")
    assert taken.found.rest == ("background", 0.5)
    assert set(taken.names("a")[30]) == {"background"}
    assert set(take(tmp_path / "coco", rest="void").names("a")[30]) == {"void"}
    assert set(take(tmp_path / "coco", rest="car").names("a")[30]) == {"car"}


def test_pictures_are_found_wherever_they_lie(tmp_path, take):
    """By the longest part of the name, then the split, then the folder; elsewhere with --images."""
    for split in ("train", "valid"):
        for name in ("a.png", "b.png"):
            save_coco(tmp_path / f"coco/{split}/{name}.json", [(1, [rectangle(0, 0, 9, 9)])], TWO,
                      file_name=name)  # fmt: skip
    assert take(tmp_path / "coco").found.pictures == {"train": 2, "val": 2}
    for path in (tmp_path / "coco").rglob("*.png"):
        path.rename(tmp_path / path.name)
    with pytest.raises(CatseyeError, match="--images DIR"):
        take(tmp_path / "coco")
    (tmp_path / "elsewhere").mkdir()
    for name in ("a.png", "b.png"):
        (tmp_path / name).rename(tmp_path / "elsewhere" / name)
    taken = take(tmp_path / "coco", images=str(tmp_path / "elsewhere"))
    assert taken.told["pictures come twice, in another split or under another name"] == 2


def test_what_is_harmless_is_counted(tmp_path, take):
    outlines = [
        (1, [rectangle(-5, 0, 30, 48)]),
        (2, []),
        (2, [[1, 1, 5, 5]]),
        (2, [rectangle(40, 0, 50, 9)]),
    ]
    two_pictures(tmp_path / "coco", outlines)
    save_coco(tmp_path / "coco/c.json", outlines, TWO, file_name="c.png")
    (tmp_path / "coco/c.png").unlink()
    save_coco(tmp_path / "coco/d.json", [], TWO, file_name="d.png")
    told = take(tmp_path / "coco").told
    assert told == {
        "boxes, which do not label pixels, left out": 3,
        "polygons of fewer than three points, left out": 3,
        "pictures that the labels name are not there, left out": 1,
        "pictures without labels, left out": 1,
        "points outside their picture, cut off at its border": 4,
    }


WRONG = {
    "of 64 x 48 pixels and its picture of 32 x 24": dict(picture=(32, 24)),
    "has a point at 900": dict(outline=[rectangle(0, 0, 900, 9)]),
    "a point at 1e": dict(outline=[rectangle(0, 0, 1e300, 9)]),
    "is no list of points": dict(outline=[[1, 2, "x", 4, 5, 6]]),
    "x and y, finite numbers": dict(outline=[[1, 2, 3, 4, 5]]),
    "other pixels; expected 3072 in all": dict(outline={"size": [HEIGHT, WIDTH], "counts": [3, 4]}),
    "no run lengths": dict(outline={"size": [HEIGHT, WIDTH], "counts": [3.5, 4]}),
    "COCO's compressed": dict(outline={"size": [HEIGHT, WIDTH], "counts": "~~~\u00ff"}),
    "is of 4096 x 4096 pixels": dict(outline={"size": [4096, 4096], "counts": [4096 * 4096]}),
    "one of its own": dict(names=["road", "road"]),
    "differ in more than capitals": dict(names=["road", "Road"]),
    "the id of a category": dict(category=9),
    "a whole number from 1 to 65536": dict(width=10**9),
    "a is labelled twice, a.png in a.json and a.png in b.json": dict(file_name="a.png"),
}


@pytest.mark.parametrize("said", WRONG)
def test_what_is_wrong_is_one_line(said, tmp_path, take):
    more = dict(WRONG[said])
    outline = more.pop("outline", [rectangle(0, 0, 9, 9)])
    names, picture = more.pop("names", TWO), more.pop("picture", None)
    category = more.pop("category", 1)
    folder = tmp_path / "coco"
    save_coco(folder / "a.json", [(category, outline)], names)
    save_coco(folder / "b.json", [(1, [rectangle(0, 0, 9, 9)])], names,
              **{"file_name": "b.png", **more})  # fmt: skip
    if picture:
        save_picture(folder / "a.png", *picture)
    if said == "one of its own":
        said = "an id and a name of its own for each category"
    with pytest.raises(CatseyeError, match=said):
        take(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["coco"]  # nothing is left of it


def test_two_pictures_of_one_id(tmp_path, take):
    """As sets merged by hand have: the outlines of both would lie over the first."""
    save_coco(tmp_path / "coco/a.json", [(1, [rectangle(0, 0, 9, 9)])], TWO)
    document = json.loads((tmp_path / "coco/a.json").read_text())
    document["images"].append(dict(document["images"][0], file_name="b.png"))
    save_text(tmp_path / "coco/a.json", json.dumps(document))
    save_picture(tmp_path / "coco/b.png")
    with pytest.raises(CatseyeError, match="an id of its own for each image"):
        take(tmp_path / "coco")


def test_a_segment_of_millions_of_pixels_is_refused(tmp_path, take):
    """The memory that fills it grows with its outline, not with its picture."""
    zigzag = [coordinate for i in range(60_000) for coordinate in (64 * (i % 2), 48 * (i % 2))]
    save_coco(tmp_path / "coco/a.json", [(1, [zigzag])], TWO)
    with pytest.raises(CatseyeError, match="an outline of millions"):
        take(tmp_path / "coco")


def test_an_image_that_is_listed_twice_is_told(tmp_path, take):
    two_pictures(tmp_path, [(1, [rectangle(0, 0, 20, 20)])])
    document = json.loads((tmp_path / "a.json").read_text())
    document["images"] += [dict(document["images"][0], id=8), {"id": 9, "file_name": "b.png"}]
    save_text(tmp_path / "a.json", json.dumps(document))
    taken = take(tmp_path)
    assert taken.found.pictures == {"": 2}
    assert taken.told == {"images are listed twice, left out where they have no outlines": 2}


def test_files_of_other_tasks_beside_instances_are_told(tmp_path, take):
    """As datumaro and COCO itself put them there."""
    for name in ("instances_train.json", "stuff_train.json", "person_keypoints_train.json"):
        save_coco(tmp_path / "annotations" / name, [(1, [rectangle(0, 0, 20, 20)])], TWO)
    save_coco(
        tmp_path / "annotations/stuff_val.json",
        [(2, [rectangle(0, 0, 20, 20)])],
        TWO,
        file_name="b.png",
    )
    taken = take(tmp_path)
    assert taken.found.pictures == {"train": 1, "val": 1}
    assert taken.told == {"files of COCO's other tasks lie beside instances, left out": 2}
