"""The CamVid reader on a small tree of the official layout, on the real one where it is, and on
what is broken."""

import cv2
import numpy as np
import pytest

from catseye.runtime.classes import NAMES, VOID
from catseye.runtime.datasets.road import road_samples
from catseye.runtime.datasets.road_frames import class_frequencies
from catseye.runtime.errors import CatseyeError

FILES = {
    "train": ["0001TP_1", "0006R0_f1", "0006R0_f2", "0016E5_1"],
    "val": ["0016E5_2"],
    "test": ["Seq05VD_f0"],
}


@pytest.fixture()
def tree(tmp_path):
    for split, stems in FILES.items():
        image, mask = np.zeros((4, 6, 3), np.uint8), np.full((4, 6), 3, np.uint8)
        for folder, picture in ((split, image), (split + "annot", mask)):
            (tmp_path / "camvid" / folder).mkdir(parents=True)
            for stem in stems:
                cv2.imwrite(str(tmp_path / "camvid" / folder / (stem + ".png")), picture)
    return tmp_path


def names(samples):
    return [sample.name for sample in samples]


def test_splits_and_sequences(tree):
    assert names(road_samples(str(tree), "train")) == FILES["train"]
    assert names(road_samples(str(tree), "0016E5")) == ["0016E5_1", "0016E5_2"]
    assert names(road_samples(str(tree), "train", hold_out="0006R0")) == ["0001TP_1", "0016E5_1"]
    assert road_samples(str(tree), "test")[0].sequence == "Seq05VD"


def test_reading(tree):
    image, mask = road_samples(str(tree), "val")[0].read()
    assert image.shape == (4, 6, 3) and mask.shape == (4, 6) and (mask == 3).all()


def test_eleven_in_the_file_is_void(tree):
    cv2.imwrite(str(tree / "camvid" / "valannot" / "0016E5_2.png"), np.full((4, 6), 11, np.uint8))
    assert (road_samples(str(tree), "val")[0].read()[1] == VOID).all()


def test_holding_out_all_there_is(tree):
    with pytest.raises(CatseyeError, match="no frames left"):
        road_samples(str(tree), "val", hold_out="0016E5")


@pytest.mark.parametrize("split, hold_out", [("nosuch", None), ("train", "nosuch")])
def test_unknown_names_list_the_known_ones(tree, split, hold_out):
    with pytest.raises(CatseyeError, match="0006R0"):
        road_samples(str(tree), split, hold_out)


def test_no_data_at_all(tmp_path):
    with pytest.raises(CatseyeError, match="no camvid/"):
        road_samples(str(tmp_path), "train")


@pytest.mark.parametrize("folder", ["val", "valannot"])
def test_a_broken_picture_is_named(tree, folder):
    path = tree / "camvid" / folder / "0016E5_2.png"
    path.write_bytes(b"no picture")
    with pytest.raises(CatseyeError, match="0016E5_2"):
        road_samples(str(tree), "val")[0].read()


def test_ids_beyond_void(tree):
    cv2.imwrite(str(tree / "camvid" / "valannot" / "0016E5_2.png"), np.full((4, 6), 12, np.uint8))
    with pytest.raises(CatseyeError, match="ids up to 12"):
        road_samples(str(tree), "val")[0].read()


def test_the_demo_street_is_annotated():
    image, mask = road_samples("demo", "val")[0].read()
    assert image.shape == (360, 480, 3) and mask.shape == (360, 480) and mask.max() < len(NAMES)


def test_frequencies_leave_void_out():
    mask = np.array([[0, 0, 3, VOID]], np.uint8)
    assert class_frequencies([mask], len(NAMES))[[0, 3]] == pytest.approx([2 / 3, 1 / 3])


def test_the_real_one(data_dir):
    samples = road_samples(str(data_dir), "train")
    assert len(samples) == 367 and {s.sequence for s in samples} == {"0001TP", "0006R0", "0016E5"}
    image, mask = samples[0].read()
    assert image.shape == (360, 480, 3) and set(np.unique(mask)) <= {*range(len(NAMES)), VOID}
