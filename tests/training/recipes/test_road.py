"""The road recipe on a handful of synthetic streets: it learns, and what it validates on was not
trained on."""

import json
import shutil

import cv2
import numpy as np
import pytest
import torch

from catseye.models.checkpoint import load_checkpoint, take_weights
from catseye.models.road import LAST_LAYERS
from catseye.runtime.classes import CAMVID, ROAD_OR_NOT
from catseye.runtime.datasets import camvid
from catseye.runtime.datasets.road import open_road_data
from catseye.runtime.datasets.road_frames import RoadSample
from catseye.runtime.errors import CatseyeError
from catseye.runtime.tasks.road_mask import RoadMask
from catseye.training.loop import fit
from catseye.training.plan import TrainingPlan
from catseye.training.recipes import road
from catseye.training.recipes.road import RoadRecipe
from catseye.training.road import sets


@pytest.fixture()
def handful(monkeypatch):
    monkeypatch.setattr(camvid, "DEMO_FRAMES", {"train": (1000, 8), "val": (0, 2), "test": (0, 1)})
    monkeypatch.setattr(road, "CROP_WH", (160, 128))
    monkeypatch.setattr(road, "BATCH", 4)


def test_it_learns(handful, tmp_path):
    recipe = RoadRecipe("demo")
    batch = next(iter(recipe.batches(0)))
    before = recipe.loss(recipe.network, batch).item()
    meta = fit(recipe, TrainingPlan(tmp_path, 4, evaluations=1))
    assert recipe.loss(recipe.network.train(), batch).item() < 0.9 * before
    assert meta.metrics["frames"] == 2 and 0 < meta.metrics["miou"] < 1


def test_batches_follow_from_seed_and_epoch(handful):
    recipe = RoadRecipe("demo")
    first, again, later = (next(iter(recipe.batches(epoch))) for epoch in (0, 0, 1))
    assert torch.equal(first[0], again[0]) and not torch.equal(first[0], later[0])


def test_rare_classes_weigh_less_towards_the_end(handful):
    recipe = RoadRecipe("demo")
    first = recipe.class_weights
    recipe.anneal(1.0)
    assert first.max() > recipe.class_weights.max() and torch.allclose(
        recipe.class_weights**2, first
    )


def test_the_held_out_sequence_is_what_it_is_judged_by(data_dir, monkeypatch):
    monkeypatch.setattr(
        RoadSample, "read", lambda self: (np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint8))
    )
    recipe = RoadRecipe(str(data_dir), hold_out="0006R0", streets=0)
    assert {sample.sequence for sample in recipe.train.samples} == {"0001TP", "0016E5"}
    assert {sample.sequence for sample in recipe.validation} == {"0006R0"}


def test_the_last_run_trains_on_val_too(data_dir, monkeypatch):
    monkeypatch.setattr(
        RoadSample, "read", lambda self: (np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint8))
    )
    recipe = RoadRecipe(str(data_dir), streets=0, with_val=True)
    names = {sample.name for sample in recipe.train.samples}
    assert len(names) == 367 + 101 and {sample.name for sample in recipe.validation} <= names
    assert recipe.describe_data()["name"] == "CamVid train val"


@pytest.mark.parametrize("number", [1, 2, 3])
def test_shares_of_the_batches_are_the_batches(handful, monkeypatch, number):
    monkeypatch.setattr(road, "BATCH", 2)
    recipe = RoadRecipe("demo")
    whole = list(recipe.batches(5))
    for rank in range(number):
        share = list(recipe.share_of_batches(5, rank, number))
        assert len(share) == len(whole[rank::number])
        assert all(
            torch.equal(a, b)
            for one, other in zip(share, whole[rank::number])
            for a, b in zip(one, other)
        )


def test_pictures_show_annotation_and_answer(handful):
    recipe = RoadRecipe("demo")
    with torch.no_grad():
        shown = recipe.pictures(recipe.network.eval(), torch.device("cpu"))
    assert list(shown) == ["street-0000", "street-0001"]
    image, truth = recipe.validation[0].read()
    assert np.array_equal(shown["street-0000"][:, :480], RoadMask(truth).drawn_on(image))
    assert shown["street-0000"].shape == (360, 960, 3)


def test_a_teacher_of_other_classes_is_refused(handful, small_checkpoint, monkeypatch):
    monkeypatch.setattr(
        sets, "open_road_data", lambda data: open_road_data(data)._replace(classes=ROAD_OR_NOT)
    )
    with pytest.raises(CatseyeError, match="the teacher small of the classes Sky, "):
        RoadRecipe("demo", teacher=small_checkpoint)


@pytest.fixture(scope="module")
def six_streets():
    """(image, mask) of each, at half the size."""
    return [[each[::2, ::2] for each in sample.read()] for sample in camvid.street_samples(40, 6)]


@pytest.fixture
def parts(six_streets, tmp_path, monkeypatch):
    """Two folders of CamVid's classes, six streets each: the second says of a street's lower half
    that it is road or not, and nothing of the upper half."""
    monkeypatch.setenv("CATSEYE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(road, "CROP_WH", (160, 128))
    monkeypatch.setattr(road, "BATCH", 4)
    colours = zip(CAMVID.names, CAMVID.colours_rgb)
    classes = [{"name": n, "id": i, "colour": c} for i, (n, c) in enumerate(colours)]
    choice = {"id": 100, "none_of": ["Road"]}
    for name, extra in (("whole", []), ("part", [choice])):
        document = {"classes": classes + extra, "void": 255, "road": "Road"}
        for kind in ("images", "masks"):
            (tmp_path / name / kind).mkdir(parents=True)
        (tmp_path / name / "classes.json").write_text(json.dumps(document))
        for seed, (image, mask) in enumerate(six_streets):
            if extra:
                mask = np.where(mask == 3, 3, 100).astype(np.uint8)
                mask[:90] = 255
            for kind, picture in (("images", image), ("masks", mask)):
                assert cv2.imwrite(str(tmp_path / name / kind / f"d_{seed}.png"), picture)
    return [str(tmp_path / name) for name in ("whole", "part")]


def test_several_sets_are_learned_and_judge(parts, small_checkpoint, tmp_path):
    unlabelled = []
    for name in ("first", "second"):
        unlabelled.append(str(shutil.copytree(parts[0] + "/images", tmp_path / name / "images")))
    recipe = RoadRecipe(
        parts,
        teacher=small_checkpoint,
        unlabelled=unlabelled,
        streets=2,
    )
    assert recipe.metric == "mean_miou" and len(recipe.train) == 2 * 5 + 2 + 2 * 6
    images, masks, answers = next(iter(recipe.batches(0)))
    assert answers.shape == (4, 11, 64, 80) and answers.dtype == torch.uint8
    meta = fit(recipe, TrainingPlan(tmp_path / "run", 1, evaluations=1))
    sets = meta.metrics["sets"]
    assert meta.metrics["mean_miou"] == pytest.approx(
        np.mean([each["miou"] for each in sets.values()])
    )
    assert 0 <= sets["part"]["false_alarms"] <= 1 and sets["part"]["iou"]["Sky"] is None
    assert meta.data["unlabelled"] == {"images": 6, "images'": 6}
    assert meta.data["teacher"] == "small"


def test_validation_frames_among_those_without_labels(parts, small_checkpoint):
    """A teacher would teach what is to judge."""
    unlabelled = [parts[1] + "/images"]
    with pytest.raises(CatseyeError, match="d_5.png, to validate part on, is in --unlabelled"):
        RoadRecipe(parts, teacher=small_checkpoint, unlabelled=unlabelled, streets=0)


def test_a_teacher_is_learned_from_where_no_label_names_a_class(parts, small_checkpoint):
    """Frames with whole labels are not asked about; elsewhere the answers are part of the loss."""
    recipe = RoadRecipe(parts, teacher=small_checkpoint, streets=0)
    asked = [index for index in range(10) if recipe.answers.of(index, (180, 240)) is not None]
    assert asked == [5, 6, 7, 8, 9]
    batches = (batch for epoch in range(9) for batch in recipe.batches(epoch))
    batch = next(batch for batch in batches if batch[2].any())

    def loss(*parts_of_batch):
        torch.manual_seed(0)  # the corner of the grid of pixels
        return recipe.loss(recipe.network.eval(), parts_of_batch).item()

    assert loss(*batch) > loss(*batch[:2]) + 1e-3


def test_the_teacher_is_not_asked_where_everything_is_labelled(handful, small_checkpoint, capsys):
    recipe = RoadRecipe("demo", teacher=small_checkpoint)
    assert recipe.answers is None and len(next(iter(recipe.batches(0)))) == 2
    assert "the teacher small is not asked: labels name a class" in capsys.readouterr().err


@pytest.mark.parametrize("names, new", [(CAMVID.names, ()), (CAMVID.names[::-1], LAST_LAYERS)])
def test_last_layers_of_other_classes_are_learned_anew(handful, small_checkpoint, names, new):
    """As many of them, but each channel means something else."""
    recipe = RoadRecipe("demo")
    recipe.classes = recipe.classes._replace(names=names)
    assert recipe.follow(load_checkpoint(small_checkpoint)) == new
    random = recipe.network.state_dict()["classify.weight"].clone()
    stayed = take_weights(recipe.network, small_checkpoint, "road", new)
    assert {name.partition(".")[0] for name in stayed} == set(new)
    assert torch.equal(recipe.network.classify.weight, random) == bool(new)


def test_the_first_half_is_seen_at_half_the_size(handful):
    recipe = RoadRecipe("demo")
    sizes = []
    for share in (0.0, 0.49, 0.5, 1.0):
        recipe.anneal(share)
        sizes.append(tuple(next(iter(recipe.batches(0)))[0].shape[2:]))
    assert sizes == [(64, 96)] * 2 + [(128, 160)] * 2


@pytest.mark.parametrize("size, box", [(None, (480, 360)), ((96, 64), (96, 64))])
def test_it_is_trained_at_the_size_asked_for_or_at_that_of_the_data(handful, size, box):
    recipe = RoadRecipe("demo", size=size, batch=2)
    recipe.anneal(1.0)
    assert recipe.describe_data()["frame_wh"] == list(box) and recipe.steps_per_epoch() == 4
    images, _ = next(iter(recipe.batches(0)))
    assert images.shape[0] == 2 and images.shape[2:] == ((64, 96) if size else (128, 160))


def test_a_batch_of_more_frames_than_there_are(handful):
    with pytest.raises(CatseyeError, match="--batch 9 with 8 examples.*8 at most"):
        RoadRecipe("demo", batch=9)


def test_a_mask_that_judges_is_read_before_the_first_epoch(parts):
    cv2.imwrite(parts[0] + "/masks/d_5.png", np.full((180, 240), 77, np.uint8))
    with pytest.raises(CatseyeError, match="d_5.png has pixels of id 77"):
        RoadRecipe(parts, streets=0)
