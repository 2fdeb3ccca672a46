import collections
import os

import cv2
import numpy as np
import pytest
from camera_loop import frame_of, report_for

from catseye.__main__ import main
from catseye.runtime.classes import CAMVID, ROAD_OR_NOT
from catseye.runtime.datasets.road import open_road_data
from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks import open_sink, output_paths
from catseye.runtime.tasks.road_mask import RoadMask


def write_road(sink, frame, mask, classes):
    result = RoadMask(mask, classes)
    sink.write(frame, result, report_for(frame, result))


@pytest.mark.parametrize("classes", [CAMVID, ROAD_OR_NOT])
def test_what_it_writes_is_a_data_set(tmp_path, classes):
    path = str(tmp_path / "mine")
    masks = [np.full((48, 64), index % 2, np.uint8) for index in range(5)]
    with open_sink("dataset://" + path, 30.0) as sink:
        for index, mask in enumerate(masks):
            write_road(sink, frame_of(10 * index, index), mask, classes)
    data = open_road_data(path)
    assert data.classes == classes
    image, mask = data.samples("train")[3].read()
    assert (image == 30).all() and np.array_equal(mask, masks[3]) and len(data.samples("val")) == 1


def test_a_recording_becomes_one(tmp_path, small_model):
    log, path = str(tmp_path / "log.mcap"), str(tmp_path / "mine")
    street = "synthetic://road?frames=5&size=70x50"
    assert main(["run", str(small_model), "--source", street, "--sink", "record://" + log]) == 0
    assert main(["run", str(small_model), "--source", log, "--sink", "dataset://" + path]) == 0
    samples = open_road_data(path).samples("train")
    assert [sample.name for sample in samples] == ["000000", "000001", "000002", "000003"]
    assert samples[0].read()[1].max() < len(CAMVID.names)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "corrected.png").write_bytes(b"hours of work")
    with open_sink("dataset://%s" % mine, 30.0) as sink:
        write_road(sink, frame_of(), np.zeros((48, 64), np.uint8), CAMVID)
        with pytest.raises(CatseyeError, match="another run writes"):
            open_sink("dataset://%s.1" % mine, 30.0)
    assert os.listdir(str(mine)) == ["corrected.png"]
    assert sink.path == "%s.1" % mine and os.listdir(sink.path + "/masks") == ["000000.png"]


def test_a_picture_that_does_not_fit_takes_its_mask_along(tmp_path, monkeypatch):
    disk = collections.namedtuple("disk", "f_bavail f_frsize")
    noise = np.random.RandomState(1).randint(0, 256, (48, 64, 3)).astype(np.uint8)
    with open_sink("dataset://%s" % (tmp_path / "mine"), 30.0) as sink:
        # room for the mask and the classes alone
        monkeypatch.setattr(output_paths.os, "statvfs", lambda folder: disk((4 << 20) + 4000, 1))
        with pytest.raises(CatseyeError, match="full"):
            frame = frame_of()._replace(image=noise)
            write_road(sink, frame, np.zeros((48, 64), np.uint8), CAMVID)
    assert os.listdir(str(tmp_path / "mine" / "masks")) == []


def test_without_a_mask_there_are_pictures_alone(tmp_path):
    class Words:
        task = "words"

        def drawn_on(self, image):
            return image

    frame, path = frame_of(90, 2, "street"), str(tmp_path / "mine")
    with open_sink("dataset://" + path, 30.0) as sink:
        sink.write(frame, Words(), report_for(frame, Words()))
    assert os.listdir(path) == ["images"]
    assert np.array_equal(cv2.imread(os.path.join(path, "images", "street.png")), frame.image)
