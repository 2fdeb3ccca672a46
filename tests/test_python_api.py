"""`catseye.run` as docs/python-api.md shows it: every example there is executed."""

import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import catseye
from catseye import CameraLost, CatseyeError
from catseye.__main__ import main
from catseye.runtime.recording.log import LogReader

EXAMPLES = re.findall(
    r"```python\n(.*?)```", (Path(__file__).parents[1] / "docs" / "python-api.md").read_text(), re.S
)


@pytest.fixture
def beside_a_video(tmp_path, monkeypatch):
    """A folder with a video.mp4 of four frames, which is where we are."""
    monkeypatch.chdir(tmp_path)
    writer = cv2.VideoWriter("video.mp4", cv2.VideoWriter_fourcc(*"mp4v"), 25, (160, 96))
    for value in (20, 90, 160, 230):
        writer.write(np.full((96, 160, 3), value, np.uint8))
    writer.release()
    return tmp_path


def test_there_are_examples():
    assert len(EXAMPLES) == 9 and len(EXAMPLES[0].strip().splitlines()) == 5


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_runs(example, beside_a_video):
    answer = subprocess.run(
        [sys.executable, "-c", example], capture_output=True, text=True, timeout=300
    )
    assert answer.returncode == 0, answer.stderr


def test_every_frame_with_its_result(small_model, beside_a_video):
    found = [
        (frame.index, frame.image.shape, result.task, result.mask.shape)
        for frame, result in catseye.run(str(small_model), "video.mp4")
    ]
    assert found == [(index, (96, 160, 3), "road", (96, 160)) for index in range(4)]


def test_leaving_the_loop_closes_source_and_engine(small_model, beside_a_video):
    results = catseye.run(str(small_model), "video.mp4")
    next(results)
    results.close()
    assert list(results) == []


@pytest.mark.parametrize(
    "model, source", (("nowhere.onnx", "video.mp4"), ("road", "nowhere.mp4"), ("road", "sea://"))
)
def test_what_cannot_be_opened_is_an_error_at_the_first_frame(model, source, beside_a_video):
    results = catseye.run(model, source)
    with pytest.raises(CatseyeError):
        next(results)


def test_a_picture_is_what_the_command_line_makes_of_it(small_model, beside_a_video):
    picture = np.random.default_rng(0).integers(0, 256, (50, 70, 3), np.uint8)
    cv2.imwrite("one.png", picture)
    words = ["run", str(small_model), "--source", "one.png", "--sink", "out/", "--frames", "1"]
    assert main(words) == 0
    told = cv2.imread("out/one.mask.png", cv2.IMREAD_UNCHANGED)
    with catseye.load(str(small_model)) as model:
        assert (model(picture).mask == told).all()
        assert (model("one.png").mask == told).all()
        assert [result.mask.shape for result in model([picture, Path("one.png")])] == [(50, 70)] * 2
        assert "Road" in model.classes


@pytest.mark.parametrize("name", ("road-nano", "digits"))
def test_a_recording_of_the_command_line_has_the_same_bits(name, beside_a_video):
    words = ["run", name, "--source", "video.mp4", "--frames", "2", "--sink", "record://log.mcap"]
    assert main(words) == 0
    with catseye.load(name) as model:
        for entry in LogReader("log.mcap"):
            arrays = model(entry.frame.image).arrays()
            assert sorted(arrays) == sorted(entry.arrays)
            for key, array in arrays.items():
                assert array.dtype == entry.arrays[key].dtype
                assert array.tobytes() == entry.arrays[key].tobytes(), key
        assert entry.frame.index == 1


@pytest.mark.parametrize(
    "picture, said",
    (
        (None, "a picture of type NoneType; expected .H, W, 3. uint8 BGR"),
        (3, "a picture of type int"),
        (b"x", "a picture of type bytes"),
        ([None], "a picture of type NoneType"),
        (np.zeros((4, 4), np.uint8), "COLOR_GRAY2BGR"),
        (np.zeros((4, 4, 1), np.uint8), "COLOR_GRAY2BGR"),
        (np.zeros((4, 4, 4), np.uint8), "COLOR_BGRA2BGR"),
        (np.zeros((3, 4, 5), np.uint8), "moveaxis"),
        (np.zeros((2, 4, 4, 3), np.uint8), r"list\(images\)"),
        (np.zeros((4, 4, 3)), "float64; .* 0-255"),
        (np.zeros((4, 4, 3), np.int8), "int8; .* 0-255"),
        (np.zeros((0, 4, 3), np.uint8), "one pixel at least"),
        (np.broadcast_to(np.uint8(0), (10**5, 10**5, 3)), "make it smaller"),
        ("nowhere.png", "cannot read 'nowhere.png'"),
        ("a\0b.png", "null byte"),
        ("", "cannot read ''"),
        ("rtsp://camera/1", "the address .* catseye.run"),
    ),
)
def test_what_is_no_picture_is_said(small_model, picture, said):
    with catseye.load(str(small_model)) as model, pytest.raises(CatseyeError, match=said):
        model(picture)


@pytest.mark.parametrize("name", ("road-nano", "digits"))
def test_a_line_of_pixels_is_a_picture(name):
    with catseye.load(name) as model:
        for shape in ((1, 1, 3), (1, 3000, 3), (3000, 1, 3)):
            assert model(np.zeros(shape, np.uint8)).as_json() is not None


def test_a_packed_model_is_loaded_out_of_its_file(small_model, tmp_path):
    assert main(["pack", str(small_model), "-o", str(tmp_path / "board.pyz")]) == 0
    picture = np.random.default_rng(0).integers(0, 256, (50, 70, 3), np.uint8)
    with catseye.load(small_model) as one, catseye.load(tmp_path / "board.pyz") as other:
        assert (one(picture).mask == other(picture).mask).all()
    (tmp_path / "other.pyz").write_bytes(b"PK")
    with pytest.raises(CatseyeError, match="other.pyz is damaged"):
        catseye.load(tmp_path / "other.pyz")


@pytest.mark.parametrize(
    "model, threads", ((None, 0), (3, 0), ("road", -3), ("road", True), ("road", 10**9))
)
def test_what_is_no_model_is_said(model, threads):
    with pytest.raises(CatseyeError):
        catseye.load(model, threads=threads)


@pytest.mark.parametrize("source", (None, np.zeros((4, 4, 3), np.uint8), -1, 1.5, True, b"0"))
def test_what_is_no_source_is_said(source):
    with pytest.raises(CatseyeError, match="source|camera"):
        next(catseye.run("road", source))


@pytest.mark.parametrize("number", (77, np.int64(77), "77"))
def test_a_number_is_a_camera(number):
    with pytest.raises(CatseyeError, match="/dev/video77"):
        catseye.open_camera(number)


def test_what_would_fail_later_is_said_at_once():
    for wrong in (
        {"on_event": 3},
        {"timers": 3},
        {"budget_ms": "10"},
        {"budget_ms": -1},
        {"threads": -1},
    ):
        with pytest.raises(CatseyeError, match=next(iter(wrong))):
            catseye.run("road-nano", "video.mp4", **wrong)
    with pytest.raises(CatseyeError, match="on_event"):
        catseye.open_camera("video.mp4", on_event="told")


def test_every_step_says_what_a_row_says(small_model, beside_a_video):
    steps = list(catseye.run(str(small_model), "video.mp4", budget_ms=1e-6))
    assert [step.frame.index for step in steps] == [0, 1, 2, 3]
    facts = steps[-1].facts
    assert facts.stale and facts.skipped == 0 and facts.faults == {} and facts.health is not None
    assert facts.state.word == "stale" and facts.clock == "arrived"
    assert set(facts.stages_ms) >= {"prepare", "infer", "parse"}


def test_a_dead_camera_is_an_event_and_then_an_error():
    events = []
    dies = "synthetic://road?live=1&fps=10&size=160x96&read_s=0.5&faults=loss@5+600"
    with catseye.open_camera(dies, timeout_s=4, on_event=events.append) as camera:
        with pytest.raises(CameraLost, match="no picture of .* for"):
            for _ in camera:
                pass
    assert events and events[0].fault


def test_a_camera_that_is_waited_for_less_than_it_takes_to_fail_is_an_event_too():
    """The time-out is shorter than the silence after which a source itself gives a notice."""
    events = []
    slow = "synthetic://road?live=1&fps=0.2&size=160x96"
    with catseye.open_camera(slow, timeout_s=0.5, on_event=events.append) as camera:
        with pytest.raises(CameraLost):
            for _ in camera:
                pass
    assert [event.fault for event in events] == ["stalled"]
    assert "no camera since" in events[0].words


def test_importing_catseye_stays_cheap():
    code = "import sys, catseye; print([name for name in ('numpy', 'cv2') if name in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
        == "[]\n"
    )


@pytest.mark.parametrize("timeout_s", (0, -1, "10", float("nan"), True))
def test_a_timeout_that_is_none_is_told_before_anything_is_opened(timeout_s):
    source = "synthetic://road?frames=1"
    with pytest.raises(CatseyeError, match="timeout_s=.*seconds, above zero"):
        catseye.open_camera(source, timeout_s=timeout_s)
    with pytest.raises(CatseyeError, match="timeout_s=.*seconds, above zero"):
        next(catseye.run("nowhere.onnx", source, timeout_s=timeout_s))


def test_several_cameras_by_name_or_in_a_list(small_model, beside_a_video):
    for sources, names in (
        ({"front": "video.mp4", "left": Path("video.mp4")}, {"front", "left"}),
        (["video.mp4", "video.mp4"], {"camera1", "camera2"}),
    ):
        with catseye.open_camera(sources) as cameras:
            indices = {name: [] for name in names}
            for frame in cameras:
                indices[frame.camera].append(frame.index)
        first, second = indices.values()
        assert first == second == list(range(len(first))) and first
    steps = list(catseye.run(str(small_model), {"a": "video.mp4", "b": "video.mp4"}))
    assert {step.frame.camera for step in steps} == {"a", "b"}
    assert [step.facts.skipped for step in steps] == [0] * len(steps)


@pytest.mark.parametrize(
    "sources, said",
    (
        ({}, "0 sources; expected 1 to 16"),
        ([], "0 sources"),
        ([0] * 17, "17 sources"),
        ({"a b": 0}, "a camera named 'a b'"),
        ({"a": None}, "a source of type NoneType"),
        ({3: 0}, "a camera named '3'"),
        ([["x"]], "a source of type list"),
    ),
)
def test_what_are_no_sources_is_said(sources, said):
    with pytest.raises(CatseyeError, match=said):
        catseye.open_camera(sources)
    with pytest.raises(CatseyeError, match=said):
        catseye.run("road", sources)


def test_of_two_cameras_the_dead_one_is_an_event_with_its_name():
    told, live = [], "synthetic://road?size=32x32&fps=40&live=1&seed=%d"
    cameras = {"front": live % 1, "left": live % 2 + "&faults=loss@3+30"}
    with catseye.open_camera(cameras, timeout_s=20, on_event=told.append) as opened:
        for frame in opened:
            if len(told) == 2 and frame.camera == "left":
                break
    assert [(notice.camera, notice.fault) for notice in told] == [("left", "lost"), ("left", "")]
    assert told[1].faults["lost"] == 1


def test_a_camera_model_makes_metres(tmp_path):
    (tmp_path / "cam.yaml").write_text("fov_deg: 60\nheight_m: 1.4\npitch_deg: 3\n")
    path, source = tmp_path / "cam.yaml", "synthetic://road?seed=1&frames=1&size=160x90"
    with catseye.load("road-nano", threads=1, camera=path) as model:
        result = model(np.zeros((90, 160, 3), np.uint8))
        assert "free_m" in result.as_json() and result.geometry.view.near_m > 0
    for camera in (str(path), {"": path}):
        ((_, result),) = catseye.run("road-nano", source, threads=1, camera=camera)
        assert result.geometry is not None
    two = {"front": source, "left": source.replace("seed=1", "seed=2")}
    found = catseye.run("road-nano", two, threads=1, camera={"left": path})
    assert {f.camera: r.geometry is None for f, r in found} == {"front": True, "left": False}
    for wrong in (7, {"rear": path}, ["x"]):
        with pytest.raises(CatseyeError, match="camera"):
            catseye.run("road-nano", source, camera=wrong)
