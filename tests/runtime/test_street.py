"""The synthetic drive: reproducible, moving, varied, with masks that hold the eleven classes and
nothing else."""

import numpy as np
import pytest

from catseye.runtime.classes import NAMES, ROAD
from catseye.runtime.street import Street

SIZE_WH = (320, 180)
SEEDS = range(8)


@pytest.fixture(scope="module")
def frames():
    """One frame and mask per seed."""
    return [Street(seed, SIZE_WH).render(1.0 + seed) for seed in SEEDS]


def test_the_same_arguments_give_the_same_bytes():
    fresh, used = Street(3, SIZE_WH), Street(3, SIZE_WH)
    for time_s in (0.0, 40.0, 7.5):
        used.render(time_s)
    for first, second in zip(fresh.render(2.5), used.render(2.5)):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("size_wh", [(640, 360), (480, 360), (320, 180), (111, 77)])
def test_any_size(size_wh):
    image, mask = Street(1, size_wh).render(3.0)
    assert image.shape == (size_wh[1], size_wh[0], 3) and image.dtype == np.uint8
    assert mask.shape == (size_wh[1], size_wh[0]) and mask.dtype == np.uint8


def test_masks_hold_class_ids_only(frames):
    assert max(mask.max() for _, mask in frames) < len(NAMES)


def test_every_class_appears_somewhere(frames):
    seen = np.unique(np.concatenate([mask.ravel() for _, mask in frames]))
    assert set(seen) == set(range(len(NAMES)))


def test_shares_of_the_large_classes_resemble_camvid(frames):
    counts = sum(np.bincount(mask.ravel(), minlength=len(NAMES)) for _, mask in frames)
    share = dict(zip(NAMES, counts / counts.sum()))
    assert 0.22 < share["Road"] < 0.45
    assert 0.08 < share["Sky"] < 0.30
    assert 0.10 < share["Building"] < 0.40
    assert share["Tree"] > 0.03 and share["Pavement"] > 0.02 and share["Car"] > 0.01


def test_the_road_lies_below_and_the_sky_above(frames):
    for _, mask in frames:
        rows = np.nonzero(mask == ROAD)[0]
        assert rows.mean() > 0.6 * SIZE_WH[1]
        assert (mask[-1] == ROAD).mean() > 0.3
        assert not (mask[SIZE_WH[1] * 3 // 4 :] == NAMES.index("Sky")).any()


def test_the_picture_shows_what_the_mask_says():
    """Road and sky differ in brightness; where the mask changes from one to the other, so does the
    picture."""
    image, mask = Street(2, SIZE_WH).render(0.0)
    grey = image.mean(axis=2)
    assert grey[mask == NAMES.index("Sky")].mean() > 1.3 * grey[mask == ROAD].mean()


def test_the_camera_moves_and_neighbouring_frames_belong_together():
    street = Street(4, SIZE_WH)
    (first, first_mask), (second, second_mask), (_, later_mask) = [
        street.render(time_s) for time_s in (5.0, 5.04, 8.0)
    ]
    assert (first != second).any()
    near, far = (first_mask == second_mask).mean(), (first_mask == later_mask).mean()
    assert near > 0.85 and near > far


def test_seeds_differ(frames):
    for first, second in zip(frames, frames[1:]):
        assert (first[1] != second[1]).mean() > 0.1
    brightness = [image.mean() for image, _ in frames]
    assert np.std(brightness) > 8


def test_without_kerbs_the_road_lies_in_grass():
    """The same road, but for its frayed edge, and no pavement."""
    for seed in (10_001, 10_003):
        _, kerbed = Street(seed, (160, 120)).render(2.0)
        _, bare = Street(seed, (160, 120), kerbs=False).render(2.0)
        road, pavement, tree = (NAMES.index(name) for name in ("Road", "Pavement", "Tree"))
        assert (kerbed == pavement).any() and not (bare == pavement).any()
        assert (bare == tree).sum() > (kerbed == tree).sum()
        both, either = (kerbed == road) & (bare == road), (kerbed == road) | (bare == road)
        assert both.sum() > 0.9 * either.sum()


def test_its_plan_is_what_its_pictures_show():
    """The ground before the camera, and the road's middle, projected into the mask."""
    agreed = []
    for seed in range(6):
        street = Street(seed, (320, 180))
        mask, around = street.render(1.0)[1], street.surroundings(1.0)
        free = around.is_road(20.0, 5.0, 0.25)
        rows, columns = np.indices(free.shape)
        x, y = 0.25 * (rows + 0.5), 5.0 - 0.25 * (columns + 0.5)
        camera, yaw = around.camera, around.camera.pose.yaw
        east, north = np.sin(yaw) * x - np.cos(yaw) * y, np.cos(yaw) * x + np.sin(yaw) * y
        offset = np.stack([east, np.full(x.shape, -camera.position[1]), north], axis=-1)
        there = camera.camera_from_world((camera.position + offset).reshape(-1, 3))
        seen = there[:, 2] > 1
        pixels = np.rint(camera.pixels_from_camera(there[seen])).astype(int)
        inside = ((pixels >= 0) & (pixels < (320, 180))).all(axis=1)
        shown = mask[pixels[inside, 1], pixels[inside, 0]] == NAMES.index("Road")
        agreed.append((shown == free.ravel()[seen][inside]).mean())
    assert np.median(agreed) > 0.95
