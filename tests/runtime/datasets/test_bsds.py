"""The reader of photographs and the protocol of the patches."""

import builtins

import cv2
import numpy as np
import pytest

from catseye.runtime.datasets.bsds import (
    demo_photographs,
    patches_from_image,
    read_photographs,
    sample_patches,
    unit_patches,
)
from catseye.runtime.errors import CatseyeError


def test_patches_lie_where_they_were_cut():
    image = np.arange(7 * 9).reshape(7, 9)
    patches = patches_from_image(image, 3, 2)
    assert patches.shape == (3 * 4, 9)
    assert (patches[5] == image[2:5, 2:5].ravel()).all()  # row 1, column 1


def test_unit_patches_skip_what_is_flat():
    random = np.random.RandomState(0)
    patches = random.randint(0, 256, (6, 100)).astype(np.uint8)
    patches[2], patches[4] = 7, 120 + np.arange(100) % 2
    x, lively = unit_patches(patches)
    assert list(lively) == [True, True, False, True, False, True]
    assert x.dtype == np.float32 and abs(x.mean(1)).max() < 1e-6
    assert np.allclose(np.linalg.norm(x, axis=1), 1, atol=1e-6)


def test_sampling_follows_the_seed():
    photographs = read_photographs("demo", "train")
    first, again, other = (sample_patches(photographs, 50, 10, seed) for seed in (1, 1, 2))
    assert first.shape == (50, 100)
    assert (first == again).all() and not (first == other).all()


def test_demo_splits_share_no_pixel():
    whole = demo_photographs()
    parts = [read_photographs("demo", split) for split in ("train", "val")]
    for image, left, right in zip(whole, *parts):
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        assert (np.hstack([left.image, right.image]) == grey).all()


def test_real_photographs_are_grey(data_dir):
    photographs = read_photographs(str(data_dir), "val")
    assert len(photographs) == 100
    assert {photograph.image.shape for photograph in photographs} == {(321, 481), (481, 321)}


def test_a_missing_split_folder_is_said(tmp_path):
    (tmp_path / "bsds" / "train").mkdir(parents=True)
    for split, found in ("val", "no val/"), ("train", "no .jpg"), ("all", "no split 'all'"):
        with pytest.raises(CatseyeError, match=found):
            read_photographs(str(tmp_path), split)


def test_a_broken_jpeg_is_said(tmp_path):
    folder = tmp_path / "bsds" / "val"
    folder.mkdir(parents=True)
    (folder / "1.jpg").write_bytes(b"no picture")
    with pytest.raises(CatseyeError, match="cannot read .*1.jpg"):
        read_photographs(str(tmp_path), "val")


def test_demo_without_scikit_learn_is_said(monkeypatch):
    real = builtins.__import__

    def without_sklearn(name, *rest):
        if name.startswith("sklearn"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_sklearn)
    with pytest.raises(CatseyeError, match="scikit-learn, which holds them"):
        demo_photographs()


def test_photographs_without_enough_lively_patches_are_said(tmp_path):
    folder = tmp_path / "bsds" / "train"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "1.jpg"), np.full((40, 40), 90, np.uint8))
    with pytest.raises(CatseyeError, match="too few"):
        sample_patches(read_photographs(str(tmp_path), "train"), 10, 10, 0)
