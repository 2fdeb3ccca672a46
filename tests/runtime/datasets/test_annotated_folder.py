"""A user's own pictures and masks: every form that docs/data.md allows, and what people get
wrong."""

import json

import cv2
import numpy as np
import pytest
from PIL import Image

from catseye.runtime.classes import VOID
from catseye.runtime.datasets.partial import PartialLabel
from catseye.runtime.datasets.road import open_road_data, road_samples
from catseye.runtime.errors import CatseyeError
from catseye.runtime.picture_files.orientation import upright

CLASSES = [
    {"name": "Grass", "id": 7, "colour": [0, 255, 0]},
    {"name": "Track", "id": 3, "colour": [90, 90, 90]},
]
JSON = {"classes": CLASSES, "void": [0, [0, 0, 0]], "road": "Track"}


def choice(**entry):
    """JSON with one entry more, of id 9 unless it says another."""
    return {**JSON, "classes": [*CLASSES, {"id": 9, **entry}]}


def put(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.array(pixels))


@pytest.fixture
def farm(tmp_path):
    (tmp_path / "classes.json").write_text(json.dumps(JSON))
    for i in range(10):
        put(tmp_path / "images" / f"field{i // 5}_{i}.jpg", np.zeros((1, 3, 3), np.uint8))
        put(tmp_path / "masks" / f"field{i // 5}_{i}.png", np.array([[7, 3, 0]], np.uint8))
    return tmp_path


def test_classes(farm):
    classes = open_road_data(str(farm)).classes
    assert (
        classes.names == ("Grass", "Track")
        and classes.colours_rgb[0] == (0, 255, 0)
        and classes.road == 1
    )


def test_the_last_fifth_is_val(farm):
    train, val = ([s.name for s in road_samples(str(farm), split)] for split in ("train", "val"))
    assert len(train) == 8 and val == ["field1_8", "field1_9"]
    assert {s.name for s in road_samples(str(farm), "train", hold_out="field1")} == {
        f"field0_{i}" for i in range(5)
    }


def test_numbers_are_in_their_order(tmp_path):
    """By letters frame 9 would be in val, beside frame 10 in train, which looks like it."""
    (tmp_path / "classes.json").write_text(json.dumps(JSON))
    for i in range(1, 21):
        put(tmp_path / "images" / f"frame{i}_{99 - i}.png", np.zeros((1, 3, 3), np.uint8))
        put(tmp_path / "masks" / f"frame{i}_{99 - i}.png", np.array([[7, 3, 0]], np.uint8))
    train, val = ([s.sequence for s in road_samples(str(tmp_path), s)] for s in ("train", "val"))
    assert train == [f"frame{i}" for i in range(1, 17)] and val[0] == "frame17" and len(val) == 4


def test_ids_are_read(farm):
    assert road_samples(str(farm), "val")[0].read()[1].tolist() == [[0, 1, VOID]]


def test_large_ids_are_read(farm):
    (farm / "classes.json").write_text(
        json.dumps({**JSON, "classes": [{**CLASSES[0], "id": 700}, CLASSES[1]]})
    )
    put(farm / "masks" / "field0_0.png", np.array([[700, 3, 0]], np.uint16))
    assert road_samples(str(farm), "train")[0].read()[1].tolist() == [[0, 1, VOID]]


@pytest.mark.parametrize("channels", [3, 4])
def test_colours_are_read(farm, channels):
    bgr = np.array([[[0, 255, 0, 255], [90, 90, 90, 255], [0, 0, 0, 255]]], np.uint8)[
        ..., :channels
    ]
    put(farm / "masks" / "field0_0.png", bgr)
    assert road_samples(str(farm), "train")[0].read()[1].tolist() == [[0, 1, VOID]]


def test_a_palette_is_read_by_its_colours(farm):
    image = pytest.importorskip("PIL.Image", reason="writes the mask")
    mask = image.fromarray(np.array([[2, 1, 0]], np.uint8), "P")
    mask.putpalette([0, 0, 0, 90, 90, 90, 0, 255, 0])
    mask.save(farm / "masks" / "field0_0.png")
    assert road_samples(str(farm), "train")[0].read()[1].tolist() == [[0, 1, VOID]]


@pytest.mark.parametrize("form", ["{0}/{1}", "{1}/{0}"])
def test_splits_in_folders(farm, form):
    for kind in ("images", "masks"):
        (farm / kind).rename(farm / ("all" + kind))
        for split, number in (("train", "0"), ("val", "1"), ("test", "1")):
            target = farm / form.format(kind, split)
            target.mkdir(parents=True)
            for path in (farm / ("all" + kind)).glob(f"field{number}*"):
                (target / path.name).write_bytes(path.read_bytes())
    data = open_road_data(str(farm))
    assert data.splits == ("train", "val", "test")
    assert {s.sequence for s in data.samples("train")} == {"field0"} and len(
        data.samples("test")
    ) == 5
    assert data.samples("val")[0].read()[1].tolist() == [[0, 1, VOID]]


@pytest.mark.parametrize("split", ("train", "val", "test"))
def test_a_set_may_have_one_split_alone(farm, split):
    """One to measure with, say; what is asked for beside that is told."""
    (farm / split).mkdir()
    for folder in ("images", "masks"):
        (farm / folder).rename(farm / split / folder)
    data = open_road_data(str(farm))
    assert data.splits == (split,) and len(data.samples(split)) == 10
    other = "train" if split != "train" else "val"
    with pytest.raises(CatseyeError, match="no '%s' in .*one of %s" % (other, split)):
        data.samples(other)


@pytest.mark.parametrize("split, other", (("train", "val"), ("val", "train")))
def test_names_of_pictures_make_no_split(farm, split, other):
    """val_8.jpg in train: to judge by it would be to judge by what was learned."""
    (farm / split).mkdir()
    for folder, ending in (("images", "jpg"), ("masks", "png")):
        (farm / folder).rename(farm / split / folder)
        for number in (8, 9):
            (farm / split / folder / f"field1_{number}.{ending}").rename(
                farm / split / folder / f"{other}_{number}.{ending}"
            )
    with pytest.raises(CatseyeError, match=f"no '{other}' in .*training needs train and val"):
        open_road_data(str(farm)).samples(other)


def test_a_pixel_that_is_no_class_names_file_and_pixel(farm):
    put(farm / "masks" / "field0_0.png", np.array([[7, 9, 0]], np.uint8))
    put(
        farm / "masks" / "field0_1.png", np.array([[[1, 2, 3], [0, 255, 0], [0, 255, 0]]], np.uint8)
    )
    samples = road_samples(str(farm), "train")
    with pytest.raises(CatseyeError, match="field0_0.png has pixels of id 9"):
        samples[0].read()
    with pytest.raises(CatseyeError, match="field0_1.png has pixels of colour #030201"):
        samples[1].read()


def test_a_picture_without_mask(farm):
    (farm / "masks" / "field0_2.png").unlink()
    with pytest.raises(CatseyeError, match="field0_2.jpg has no mask"):
        road_samples(str(farm), "train")


def test_no_pictures(farm):
    (farm / "images").rename(farm / "pictures")
    with pytest.raises(CatseyeError, match="no pictures in"):
        road_samples(str(farm), "train")


@pytest.mark.parametrize(
    "content, complaint",
    [
        ("{", "cannot be used"),
        ("[]", "cannot be used"),
        ("[" * 100_000, "cannot be used"),
        ("{}", "no list of classes"),
        ('{"classes": {}}', "no list of classes"),
        ('{"classes": [3]}', "no list of classes"),
        ('{"classes": []}', "0 classes"),
        ('{"classes": [{"name": "a"}]}', "has no 'id'"),
        ('{"classes": [{"id": 0}]}', "has no 'name'"),
        ('{"classes": [{"name": "a", "id": 0, "color": [0, 0, 0]}]}', "'color' instead of"),
        ('{"classes": [{"name": "a", "id": 0}]}', "1 classes"),
        ({**JSON, "classes": [CLASSES[0]]}, "1 classes"),
        ({**JSON, "classes": [CLASSES[0], {**CLASSES[1], "name": "Grass"}]}, "different names"),
        ({**JSON, "classes": [CLASSES[0], {**CLASSES[1], "id": 7}]}, "gives 7 two meanings"),
        ({**JSON, "classes": [CLASSES[0], {**CLASSES[1], "colour": [0, 255, 0]}]}, "two meanings"),
        ({**JSON, "classes": [CLASSES[0], {**CLASSES[1], "colour": [0, 256, 0]}]}, "each 0 to 255"),
        ({**JSON, "classes": [CLASSES[0], {**CLASSES[1], "colour": "grey"}]}, "each 0 to 255"),
        ({**JSON, "classes": [CLASSES[0], {**CLASSES[1], "id": -1}]}, "no whole number"),
        ({**JSON, "classes": [CLASSES[0], {**CLASSES[1], "id": True}]}, "no whole number"),
        ({**JSON, "void": 7}, "gives 7 two meanings"),
        ({**JSON, "void": "none"}, "no whole number"),
        ({**JSON, "road": "Street"}, "names 'Street' as the road"),
        (
            choice(one_of=["Grass", "Hut"]),
            "one_of of id 9 in .* names 'Hut'; expected one of Grass",
        ),
        (choice(none_of=["Hut"]), "none_of of id 9 in .* names 'Hut'"),
        (choice(none_of=["Grass", "Track"]), "leaves no class"),
        (choice(one_of=[]), "no list of names"),
        (choice(one_of="Grass"), "no list of names"),
        (choice(one_of=[3]), "no list of names"),
        (choice(one_of=["Grass"], none_of=["Track"]), "both one_of and none_of"),
        (choice(one_of=["Grass"], id=7), "gives 7 two meanings"),
        (choice(one_of=["Grass"], id=-1), "no whole number"),
        (choice(one_of=["Grass"], colour=[0, 255, 0]), "two meanings"),
    ],
)
def test_what_is_wrong_with_classes_json_is_said_in_one_line(farm, content, complaint):
    (farm / "classes.json").write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(CatseyeError, match=complaint) as error:
        open_road_data(str(farm))
    assert "classes.json" in str(error.value)


def test_void_and_road_may_be_left_out(farm):
    (farm / "classes.json").write_text(json.dumps({"classes": CLASSES}))
    data = open_road_data(str(farm))
    assert data.classes.road == VOID
    with pytest.raises(CatseyeError, match="id 0"):
        data.samples("train")[0].read()


def test_an_id_may_leave_a_choice(farm):
    entries = [{"id": 9, "none_of": ["Track"]}, {"id": 8, "one_of": ["Track", "Grass"]}]
    (farm / "classes.json").write_text(json.dumps({**JSON, "classes": [*CLASSES, *entries]}))
    put(farm / "masks" / "field0_0.png", np.array([[9, 8, 0]], np.uint8))
    data = open_road_data(str(farm))
    assert data.classes.names == ("Grass", "Track")
    assert data.partials == (PartialLabel((1,), True), PartialLabel((0, 1), False))
    assert data.samples("train")[0].read()[1].tolist() == [[2, 3, VOID]]


def test_a_choice_may_have_a_colour(farm):
    (farm / "classes.json").write_text(json.dumps(choice(none_of=["Track"], colour=[1, 2, 3])))
    bgr = np.array([[[3, 2, 1], [90, 90, 90], [0, 0, 0]]], np.uint8)
    put(farm / "masks" / "field0_0.png", bgr)
    assert road_samples(str(farm), "train")[0].read()[1].tolist() == [[2, 1, VOID]]


def test_a_picture_beside_one_of_its_name_is_refused(farm):
    put(farm / "images" / "field0_1.PNG", np.zeros((1, 3, 3), np.uint8))
    (farm / "images" / "field0_1.extra.jpg").touch()  # between the two, by name
    (farm / "masks" / "field0_1.extra.png").touch()
    with pytest.raises(CatseyeError, match="field0_1.jpg beside field0_1.PNG in .*images"):
        road_samples(str(farm), "train")


def test_every_kind_of_picture_is_taken(farm):
    image = cv2.imread(str(farm / "images" / "field0_1.jpg"))
    (farm / "images" / "field0_1.jpg").unlink()
    put(farm / "images" / "field0_1.bmp", image)
    assert road_samples(str(farm), "train")[1].read()[1].tolist() == [[0, 1, VOID]]


def test_without_colours_a_palette_holds_ids(farm):
    classes = [{"name": each["name"], "id": each["id"]} for each in CLASSES]
    (farm / "classes.json").write_text(json.dumps({**JSON, "classes": classes}))
    mask = Image.fromarray(np.array([[7, 3, 0]], np.uint8), "P")
    mask.putpalette(bytes(range(60, 84)))
    mask.save(farm / "masks" / "field0_0.png")
    assert road_samples(str(farm), "train")[0].read()[1].tolist() == [[0, 1, VOID]]


def turn(path, orientation, shape, times=1):
    """Save a picture whose upper left quarter is 3 and the rest 7, as many times; its ids."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    values = np.full(shape, 7, np.uint8)
    values[: shape[0] // 2, : shape[1] // 2] = 3
    Image.fromarray(values * times).save(path, exif=exif)
    return (values == 3).astype(np.uint8)


@pytest.mark.parametrize("orientation", (2, 3, 6))
def test_a_turned_picture_and_its_mask(farm, orientation):
    """Turned alike they are turned; the picture alone, where the mask's size shows that it was
    drawn over the turned one; else they are refused."""
    image, mask = farm / "images" / "field0_0.jpg", farm / "masks" / "field0_0.png"
    sample = road_samples(str(farm), "train")[0]
    turn(image, orientation, (32, 48), 30)
    ids = turn(mask, orientation, (32, 48))
    read_image, read_ids = sample.read()
    assert np.array_equal(read_ids, upright(ids, orientation))
    assert np.array_equal(read_image[..., 0] < 150, read_ids == 1)
    turn(mask, 1, (32, 48))
    with pytest.raises(CatseyeError, match="orientation is %d of .*_0.jpg and 1 of" % orientation):
        sample.read()
    turn(image, 1, (32, 48), 30)
    turn(mask, orientation, (32, 48))
    with pytest.raises(CatseyeError, match="orientation is 1 of .*_0.jpg and %d of" % orientation):
        sample.read()
    turn(image, orientation, (32, 48), 30)
    ids = turn(mask, 1, (48, 32))
    if orientation == 6:
        assert np.array_equal(sample.read()[1], ids) and sample.read()[0].shape == (48, 32, 3)
    else:
        with pytest.raises(CatseyeError, match="and 1 of .*field0_0.png"):
            sample.read()
