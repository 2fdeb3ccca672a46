"""The road task: masks come back at the frame's size; corridor and free distance against drawn
roads."""

import functools
import json

import cv2
import numpy as np
import pytest
from cards import card_of, tensor

from catseye.runtime.classes import CAMVID, NAMES, ROAD, ROAD_OR_NOT, VOID, ClassTable
from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.frame import Frame
from catseye.runtime.geometry.camera_model import CameraModel, Mount
from catseye.runtime.geometry.ground_view import GroundView
from catseye.runtime.geometry.lens import Lens
from catseye.runtime.geometry.road_geometry import NUMBERS
from catseye.runtime.street import Street
from catseye.runtime.tasks import open_task
from catseye.runtime.tasks.road import RoadSettings, RoadTask
from catseye.runtime.tasks.road_mask import DOUBT, VIEWS, RoadMask, palette_bgr

CARD = card_of(
    "road",
    (tensor("frame", 1, 360, 640, 3),),
    (tensor("mask", 1, 360, 640),),
    classes=CAMVID.names,
    colours_rgb=CAMVID.colours_rgb,
    settings=RoadSettings(),
)
CAR = NAMES.index("Car")


@functools.lru_cache(maxsize=None)
def small_street(seed):
    """(image, mask) of 160x90, for every test to look at."""
    pictures = Street(seed, (160, 90)).render(0.5)
    for picture in pictures:
        picture.setflags(write=False)
    return pictures


def road_ahead(height=100, width=80, horizon=40):
    """A road that fills the picture below the horizon."""
    mask = np.zeros((height, width), np.uint8)
    mask[horizon:] = ROAD
    return mask


@pytest.mark.parametrize("size_wh", [(640, 360), (480, 360), (1280, 720), (100, 50)])
def test_the_mask_has_the_frames_size(size_wh):
    task, image = RoadTask(CARD), np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
    frame = Frame(image, 0, 0)
    inputs, place = task.prepare(frame)
    assert inputs["frame"].shape == (1, 360, 640, 3)
    result = task.parse({"mask": np.full((1, 360, 640), ROAD, np.uint8)}, place)
    assert result.mask.shape == image.shape[:2] and (result.mask == ROAD).all()


def test_free_rows_stop_at_the_first_obstacle():
    mask = road_ahead()
    mask[80:85, 10:20] = CAR
    free = RoadMask(mask).free_rows()
    assert free[0] == 60 and free[15] == 15


def enlarged_twin(result):
    """The same result as a model of the frame's own size would give it."""
    return RoadMask(result.mask, result.classes, result.confidence)


@pytest.mark.parametrize("frame_wh", [(320, 180), (480, 270), (333, 187), (1000, 563)])
def test_a_small_mask_tells_what_its_enlargement_tells(frame_wh):
    for seed in range(2):
        truth = small_street(seed)[1]
        levels = np.random.default_rng(seed).integers(100, 255, truth.shape).astype(np.uint8)
        small = RoadMask(truth, confidence=levels, frame_wh=frame_wh)
        large = enlarged_twin(small)
        told = cv2.resize(truth, frame_wh, interpolation=cv2.INTER_NEAREST)
        assert np.array_equal(small.mask, told)
        assert np.array_equal(small.free_rows(), large.free_rows())
        assert small.as_json() == large.as_json()
        assert np.array_equal(small.corridor(), large.corridor())
        assert (small.arrays()["confidence"] == large.confidence).all()


@pytest.mark.parametrize("frame_wh", [(160, 90), (480, 270), (333, 187)])
def test_what_is_drawn_small_is_what_was_drawn_large(frame_wh):
    image, truth = small_street(1)
    image = cv2.resize(image, frame_wh)
    result = RoadMask(truth, frame_wh=frame_wh)
    colours = palette_bgr(CAMVID)[result.mask]
    blended = cv2.addWeighted(image, 0.5, colours, 0.5, 0)
    picture, layer = result.drawn_on(image), result.layer(frame_wh)
    lines = cv2.polylines(
        np.zeros(image.shape[:2], np.uint8), corridor_lines(result), False, 255, 6
    )
    legend = np.zeros_like(lines)
    legend[: 8 + 16 * 11, :120] = 1
    clear = (lines == 0) & (legend == 0)
    assert clear.mean() > 0.05 and np.array_equal(picture[clear], blended[clear])
    assert np.array_equal(layer[lines == 0], colours[lines == 0])
    assert np.array_equal(picture, enlarged_twin(result).drawn_on(image))


def corridor_lines(result):
    spans = result.corridor()
    rows = np.flatnonzero(spans[:, 0] >= 0)
    return [np.column_stack((spans[rows, side], rows)).astype(np.int32) for side in (0, 1)]


def test_it_is_drawn_at_any_size():
    image, truth = small_street(1)
    result = RoadMask(truth, frame_wh=(1280, 720))
    assert result.any_size and result.drawn_on(image).shape == (90, 160, 3)
    assert np.array_equal(result.drawn_on(image), RoadMask(truth).drawn_on(image))


def test_free_rows_of_nothing_but_road():
    assert (RoadMask(np.full((7, 5), ROAD, np.uint8)).free_rows() == 7).all()


def test_the_corridor_follows_the_run_under_the_car():
    mask = road_ahead()
    mask[60:70, 30:50] = CAR  # an obstacle in the middle splits the road; the wider side goes on
    mask[:70, :30] = 0
    spans = RoadMask(mask).corridor()
    assert tuple(spans[99]) == (0, 79)
    assert tuple(spans[65]) == (50, 79)
    assert (spans[:40] == -1).all()


def test_no_road_no_corridor():
    assert (RoadMask(np.zeros((10, 10), np.uint8)).corridor() == -1).all()


def test_a_bonnet_does_not_end_the_corridor():
    mask = road_ahead()
    mask[80:] = CAR
    spans = RoadMask(mask).corridor()
    assert (spans[80:] == -1).all() and tuple(spans[79]) == (0, 79) and tuple(spans[40]) == (0, 79)
    mask[60:] = CAR  # that is no bonnet, that is a car in the way
    assert (RoadMask(mask).corridor() == -1).all()


def test_the_polygon_holds_the_corridor_and_nothing_else():
    mask = np.zeros((100, 80), np.uint8)
    for row in range(40, 100):
        mask[row, 40 - row // 3 : 41 + row // 4] = ROAD  # narrower with distance
    polygon = RoadMask(mask).corridor_polygon()
    filled = cv2.fillPoly(np.zeros_like(mask), [polygon], 1)
    road = mask == ROAD
    assert len(polygon) < 20 and ((filled == 1) & road).sum() > 0.97 * road.sum()
    assert ((filled == 1) & ~road).sum() < 0.03 * road.sum()


def test_on_the_street_the_corridor_is_road_before_the_car():
    """Exact masks of a synthetic street: the corridor lies on road, in one piece, and what stops it
    is no road."""
    for seed in range(4):
        image, truth = Street(seed, (320, 180)).render(1.0)
        result = RoadMask(truth)
        inside = cv2.fillPoly(np.zeros_like(truth), [result.corridor_polygon()], 1) == 1
        assert (truth[inside] == ROAD).mean() > 0.95
        free, column = result.free_rows(), 160
        assert (truth[180 - free[column] :, column] == ROAD).all() and truth[
            179 - free[column], column
        ] != ROAD
        assert result.ahead() == pytest.approx((truth[90:, 106:214] == ROAD).mean())


def test_no_road_no_polygon():
    assert RoadMask(np.zeros((10, 10), np.uint8)).as_json()["corridor"] == []


def test_json_is_plain_and_in_range():
    answer = json.loads(json.dumps(RoadMask(road_ahead()).as_json()))
    assert answer["size"] == [80, 100] and answer["shares"]["Road"] == pytest.approx(0.6)
    assert len(answer["free"]) == 32 and set(answer["free"]) == {0.6}


def test_drawing_leaves_the_frame_alone():
    image = np.full((100, 80, 3), 128, np.uint8)
    picture = RoadMask(road_ahead()).drawn_on(image)
    assert (image == 128).all() and picture.shape == image.shape and (picture != 128).any()


def test_classes_colours_and_road_are_the_cards():
    card = CARD._replace(
        classes=ROAD_OR_NOT.names,
        colours_rgb=ROAD_OR_NOT.colours_rgb,
        settings=RoadSettings("Background"),
    )
    frame = Frame(np.zeros((360, 640, 3), np.uint8), 0, 0)
    mask = np.zeros((1, 360, 640), np.uint8)
    mask[:, :90] = 1
    task = RoadTask(card)
    result = task.parse({"mask": mask}, task.prepare(frame)[1])
    answer = result.as_json()
    assert answer["shares"] == {"Background": 0.75, "Road": 0.25} and answer["ahead"] == 1.0
    assert set(answer["free"]) == {0.75}
    far_right = result.drawn_on(frame.image)[:, 600]  # beside the legend
    # half of each colour, BGR
    assert far_right[10].tolist() == [64, 32, 64] and far_right[300].tolist() == [0, 0, 64]


def test_without_a_road_nothing_is_ahead():
    result = RoadMask(
        np.zeros((20, 20), np.uint8), ClassTable(("a", "b"), ((1, 2, 3), (4, 5, 6)), VOID)
    )
    assert (
        result.ahead() == 0 and (result.corridor() == -1).all() and (result.free_rows() == 0).all()
    )
    assert result.drawn_on(np.zeros((20, 20, 3), np.uint8)).shape == (20, 20, 3)


CONFIDENT = CARD._replace(outputs=(*CARD.outputs, tensor("confidence", 1, 360, 640)))


def test_a_model_may_tell_how_sure_it_is():
    """The confidence comes back at the frame's size, beside the mask."""
    task = RoadTask(CONFIDENT)
    _, kept = task.prepare(Frame(np.zeros((180, 100, 3), np.uint8), 0, 0))
    mask, confidence = np.zeros((2, 1, 360, 640), np.uint8)
    confidence[:, 90:180] = 200
    result = task.parse({"mask": mask, "confidence": confidence}, kept)
    assert result.confidence.shape == result.mask.shape == (180, 100)
    assert (result.confidence[:90] == 200).all() and (result.confidence[90:] == 0).all()
    assert RoadMask.from_arrays(result.arrays()).confidence is result.confidence
    assert RoadMask(mask[0]).arrays().keys() == {"mask"}


def test_doubtful_road_is_a_share_of_the_road_ahead():
    mask = np.full((20, 30), ROAD, np.uint8)
    mask[:, :15] = 0
    confidence = np.full((20, 30), 255, np.uint8)
    confidence[15:] = int(DOUBT * 255) - 1
    result = RoadMask(mask, confidence=confidence)
    assert result.ahead() == 0.5 and result.doubtful() == 0.5
    assert result.as_json()["doubtful"] == 0.5
    assert RoadMask(mask).as_json()["doubtful"] is None
    assert RoadMask(mask * 0, confidence=confidence).doubtful() == 1.0  # no road to be sure of


@pytest.mark.parametrize(
    "size_wh, frame_wh",
    [((64, 36), (192, 108)), ((64, 36), (193, 109)), ((48, 27), (49, 27)), ((2, 3), (3, 5)),
     ((64, 36), (64, 36)), ((1, 1), (1, 1)), ((1, 1), (7, 2))],
)  # fmt: skip
def test_what_is_ahead_is_counted_as_the_frame_shows_it(size_wh, frame_wh):
    """Without filling the frame: the slow way, which does, says the same to the bit."""
    random, (width, height) = np.random.RandomState(5), frame_wh
    mask = random.randint(0, 11, size_wh[::-1]).astype(np.uint8)
    confidence = random.randint(0, 256, size_wh[::-1]).astype(np.uint8)
    result = RoadMask(mask, confidence=confidence, frame_wh=frame_wh)
    box = np.s_[height // 2 :, width // 3 : width - width // 3]
    road, unsure = result.mask[box] == ROAD, result.confidence[box] < DOUBT * 255
    assert result.ahead() == road.mean()
    assert result.doubtful() == (unsure[road].mean() if road.any() else 1.0)


def test_doubt_is_drawn_dark_where_there_is_none():
    confidence = np.array([[255, 128, 0]], np.uint8)
    drawn = RoadMask(confidence, confidence=confidence).doubt_layer().astype(int).sum(2)
    assert drawn[0, 0] < 10 and (np.diff(drawn[0]) > 100).all()
    assert RoadMask(confidence).doubt_layer() is None


@pytest.mark.parametrize("shape, dtype", [((1, 180, 320), "uint8"), ((1, 360, 640), "float32")])
def test_a_confidence_of_another_kind_is_refused(shape, dtype):
    wrong = CARD._replace(outputs=(*CARD.outputs, tensor("confidence", *shape, dtype=dtype)))
    with pytest.raises(ModelFileError, match="'confidence'"):
        RoadTask.check(wrong, "x")


def test_with_a_camera_it_tells_metres():
    task = open_task(CARD, CameraModel(Lens(None, (700.0, 700.0)), Mount(1.4, 0.05)), 12.0)
    frame = Frame(np.zeros((720, 1280, 3), np.uint8), 0, 0)
    mask = np.zeros((1, 360, 640), np.uint8)
    mask[:, 150:] = ROAD
    result = task.parse({"mask": mask}, task.prepare(frame)[1])
    answer = result.as_json()
    assert answer["free_m"] > 5 and set(NUMBERS) < set(answer)
    assert result.drawn_on(frame.image).shape == frame.image.shape
    assert (result.corridor()[:300] == -1).all() and (result.corridor()[500:700] >= 0).all()
    assert not set(NUMBERS) & set(RoadMask(mask[0]).as_json())
    with pytest.raises(CatseyeError, match="same picture at another scale"):
        sized = CameraModel(Lens((640, 480), (700.0, 700.0)), Mount(1.4))
        other = open_task(CARD, sized)
        other.parse({"mask": mask}, other.prepare(frame)[1])


def test_the_bonnet_counts_as_free_where_the_camera_model_ignores_it():
    bonnet = ((0.0, 99.0), (0.0, 80.0), (79.0, 80.0), (79.0, 99.0))
    camera = CameraModel(Lens(None, (80.0, 80.0)), Mount(1.4, 0.05), ignore=bonnet)
    mask = road_ahead()
    mask[85:] = CAR
    view = GroundView(camera, (80, 100), (80, 100))
    assert (RoadMask(mask).free_rows() == 0).all()
    assert (RoadMask(mask, view=view).free_rows() == 60).all()


def test_it_shows_the_ground_from_above():
    image, truth = Street(1, (320, 180)).render(0.5)
    camera = CameraModel(Lens(None, (280.0, 280.0)), Mount(1.4, 0.06))
    view = GroundView(camera, (640, 360), (320, 180))
    pictures = [
        RoadMask(truth, frame_wh=(640, 360), view=view, shown=shown).drawn_on(image)
        for shown in VIEWS
    ]
    assert {picture.shape for picture in pictures} == {image.shape}
    assert all((one != other).any() for one, other in zip(pictures, pictures[1:]))
    bare, drawn = RoadMask(truth, frame_wh=(640, 360), view=view).from_above(image)
    assert bare.shape == drawn.shape == image.shape and (bare != drawn).any()
    assert RoadMask(truth).from_above(image) is None
