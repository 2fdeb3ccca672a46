"""There and back: masks as COCO and as CVAT, read by pycocotools and by ourselves."""

import json

import cv2
import numpy as np
import pytest
from label_files import save_text, unwatched

from catseye.runtime.classes import VOID, ClassTable
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.sinks.base import WriteReport
from catseye.runtime.sinks.dataset import DatasetSink
from catseye.runtime.tasks.road_mask import RoadMask
from catseye.training.labels.exporting import export_set
from catseye.training.labels.told import Told

pytest.importorskip("pycocotools")
pytest.importorskip("defusedxml")

TABLE = ClassTable(("Sky & <sea>", "Road", "Car"), ((1, 2, 3), (128, 64, 128), (7, 8, 9)), 1)


@pytest.fixture
def masks_of_run(tmp_path):
    """What `run --sink dataset://` leaves: noise, a mask that begins with a class, one without."""
    rng = np.random.default_rng(3)
    folder = tmp_path / "mine"
    sink = DatasetSink(str(folder))
    for index, mask in enumerate(
        (
            rng.choice(np.array([0, 1, 2, VOID], np.uint8), (11, 13)),
            np.full((11, 13), 1, np.uint8),
            np.pad(np.full((3, 4), 2, np.uint8), ((4, 4), (6, 3)), constant_values=VOID),
        )
    ):
        frame = Frame(rng.integers(0, 255, (11, 13, 3), np.uint8), index, 0)
        result = RoadMask(mask, TABLE)
        sink.write(frame, result, WriteReport(frame, result, None))
    sink.close()
    return folder


@pytest.mark.parametrize("form", ("coco", "cvat"))
def test_what_goes_out_comes_back(form, masks_of_run, tmp_path, take):
    told = Told()
    assert export_set(str(masks_of_run), str(tmp_path / form), form, told, unwatched) == 3
    assert told.as_json() == {}
    taken = take(tmp_path / form, rest="void", road="Road")
    assert taken.found.table.names == TABLE.names
    assert form == "coco" or taken.found.table == TABLE
    for name in ("000000", "000001", "000002"):
        files = [f / "masks" / f"{name}.png" for f in (masks_of_run, taken.folder)]
        one, other = (cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in files)
        np.testing.assert_array_equal(one, other)
        data = (masks_of_run / f"images/{name}.png").read_bytes()
        assert (taken.folder / f"images/{name}.png").read_bytes() == data


def test_pycocotools_reads_it(masks_of_run, tmp_path, capsys):
    from pycocotools.coco import COCO

    export_set(str(masks_of_run), str(tmp_path / "coco"), "coco", Told(), unwatched)
    coco = COCO(str(tmp_path / "coco/annotations/instances_default.json"))
    image = next(i for i in coco.loadImgs(coco.getImgIds()) if i["file_name"] == "000000.png")
    mask = cv2.imread(str(masks_of_run / "masks/000000.png"), cv2.IMREAD_UNCHANGED)
    for annotation in coco.loadAnns(coco.getAnnIds(imgIds=image["id"])):
        code = annotation["category_id"] - 1
        np.testing.assert_array_equal(coco.annToMask(annotation), mask == code)
        assert annotation["area"] == (mask == code).sum()
    capsys.readouterr()


def test_splits_and_choices(masks_of_run, tmp_path, take):
    classes = json.loads((masks_of_run / "classes.json").read_text())
    classes["classes"][0] = {"id": 0, "one_of": ["Road", "Car"]}
    save_text(masks_of_run / "classes.json", json.dumps(classes))
    for part in ("images", "masks"):
        for split, name in (("train", "000000"), ("val", "000001"), ("train", "000002")):
            (masks_of_run / part / split).mkdir(exist_ok=True)
            path = masks_of_run / part / f"{name}.png"
            path.rename(masks_of_run / part / split / path.name)
    told = Told()
    export_set(str(masks_of_run), str(tmp_path / "cvat"), "cvat", told, unwatched)
    assert list(told.as_json().values()) == [1]
    assert take(tmp_path / "cvat", rest="void").found.pictures == {"train": 2, "val": 1}


def test_what_cannot_be(masks_of_run, tmp_path):
    with pytest.raises(CatseyeError, match="new or empty"):
        export_set(str(masks_of_run), str(masks_of_run), "coco", Told(), unwatched)
    with pytest.raises(CatseyeError, match="no classes.json"):
        export_set(str(tmp_path), str(tmp_path / "new"), "coco", Told(), unwatched)
    for path in (masks_of_run / "masks").iterdir():
        path.unlink()
    with pytest.raises(CatseyeError, match="no pictures with masks"):
        export_set(str(masks_of_run), str(tmp_path / "new"), "coco", Told(), unwatched)
