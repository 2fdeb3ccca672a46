"""The ROS 2 node on a recorded drive, with rclpy's double: what comes out is real CDR of the real
message types."""

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any, Callable, List, Tuple

import cv2
import numpy as np
import pytest

pytest.importorskip("rosbags")

from fake_rclpy import STORE, World, kind  # noqa: E402
from rosbags.rosbag2 import Reader, Writer  # noqa: E402

import catseye  # noqa: E402
from catseye.runtime.sinks.jsonl import SCHEMA  # noqa: E402
from catseye.runtime.sources import open_source  # noqa: E402

PACKAGE = Path(catseye.__file__).resolve().parents[1] / "jetson" / "ros2"
IMAGE, COMPRESSED = "sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A ROS whose rclpy is the double; the node's modules are imported anew against it."""
    made = World()
    made.parameters = {"model": "road"}
    monkeypatch.syspath_prepend(str(PACKAGE))
    for name in [name for name in sys.modules if name.split(".")[0] == "catseye_ros"]:
        monkeypatch.delitem(sys.modules, name)
    for name, module in made.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    return made


@pytest.fixture
def run_node(world: World) -> Callable[[], int]:
    return lambda: importlib.import_module("catseye_ros.node").main()


@pytest.fixture(scope="module")
def street() -> List[np.ndarray]:
    with open_source("synthetic://road?seed=3&frames=3&size=320x180&fps=2") as source:
        return [frame.image for frame in source]


def stamped(index: int, age_s: float = 0.0) -> Any:
    """A header of a moment ago."""
    sec, nanosec = divmod(int((time.time() - age_s) * 1e9) + index, 10**9)
    return kind("std_msgs", "Header")(
        stamp=kind("builtin_interfaces", "Time")(sec, nanosec), frame_id="front"
    )


def image_message(
    image: np.ndarray, index: int = 0, encoding: str = "bgr8", age_s: float = 0.0
) -> Any:
    height, width = image.shape[:2]
    return kind("sensor_msgs", "Image")(
        stamped(index, age_s),
        height,
        width,
        encoding,
        0,
        image[0].size,
        np.ascontiguousarray(image).reshape(-1),
    )


def jpeg_message(data: bytes, format_: str = "jpeg") -> Any:
    return kind("sensor_msgs", "CompressedImage")(
        stamped(0), format_, np.frombuffer(data, np.uint8)
    )


def through_a_bag(path: Path, messages: List[Tuple[str, str, bytes]]) -> List[Tuple[str, Any]]:
    """Write a rosbag2 and read it back."""
    with Writer(path, version=9) as writer:
        topics: Any = {}
        for number, (topic, type_, data) in enumerate(messages):
            if topic not in topics:
                topics[topic] = writer.add_connection(topic, type_, typestore=STORE)
            writer.write(topics[topic], number, data)
    with Reader(path) as reader:
        return [
            (connection.topic, STORE.deserialize_cdr(data, connection.msgtype))
            for connection, _, data in reader.messages()
        ]


def test_a_recorded_drive_gives_masks_results_and_diagnostics(
    world: World, run_node: Callable[[], int], street: List[np.ndarray], tmp_path: Path
) -> None:
    sent = [image_message(image, index) for index, image in enumerate(street)]
    world.incoming = through_a_bag(
        tmp_path / "in",
        [("/image", IMAGE, bytes(STORE.serialize_cdr(message, IMAGE))) for message in sent],
    )
    world.parameters.update(budget_ms=60e3)
    assert run_node() == 0
    assert world.nodes[0].destroyed
    heard = through_a_bag(tmp_path / "out", world.published)

    masks = [message for topic, message in heard if topic == "/catseye/mask"]
    for index, image in enumerate(street):
        cv2.imwrite(str(tmp_path / ("%d.png" % index)), image)
    expected = [result.mask for _, result in catseye.run("road", str(tmp_path / "*.png"))]  # type: ignore[attr-defined]
    assert len(masks) == 3 and len(np.unique(expected[0])) > 3
    for message, mask, original in zip(masks, expected, sent):
        assert (message.encoding, message.step, message.header) == ("mono8", 320, original.header)
        assert np.array_equal(message.data.reshape(message.height, message.width), mask)

    rows = [json.loads(message.data) for topic, message in heard if topic == "/catseye/results"]
    stamps = [message.header.stamp.sec * 10**9 + message.header.stamp.nanosec for message in sent]
    assert [row["index"] for row in rows] == [0, 1, 2] and [
        row["timestamp_ns"] for row in rows
    ] == stamps
    assert {(row["schema"], row["source"], row["task"]) for row in rows} == {
        (SCHEMA, "image", "road")
    }

    array, *_ = [message for topic, message in heard if topic == "/diagnostics"]
    (status,) = array.status
    values = {pair.key: pair.value for pair in status.values}
    assert (status.level, status.name, status.message) == (
        status.OK,
        "catseye",
        "ok",
    ) and array.header.stamp.sec > 0
    assert values["model"] == "road" and values["skipped"] == "0" and values["stale"] == "False"
    assert (
        values["health"] == "ok"
        and float(values["age_ms"]) >= 0
        and values["stalled_faults"] == "0"
    )
    assert {"backend", "provider", "device", "precision", "age_p99_ms"} <= set(values)
    assert "3 frames of image" in world.log[-1]
    assert not world.messages("/catseye/overlay")  # nobody subscribes: nothing is drawn


def test_only_the_newest_image_waits_and_the_skipped_are_counted(
    world: World, run_node: Callable[[], int], street: List[np.ndarray]
) -> None:
    world.incoming = [("/image", image_message(street[0], index)) for index in range(12)]
    results = "/catseye/results"
    world.answered = lambda fed: (
        fed < 12 or any(json.loads(m.data)["index"] == 11 for m in world.messages(results))
    )
    assert run_node() == 0
    rows = [json.loads(message.data) for message in world.messages(results)]
    assert rows[-1]["index"] == 11 and len(rows) < 12
    assert sum(row["skipped"] for row in rows) == 12 - len(rows)
    profiles = world.nodes[0].profiles
    assert (profiles["image"].reliability, profiles["image"].depth) == ("best effort", 1)
    assert profiles["~/mask"].reliability == "reliable"  # so that RViz's default subscription fits


def test_an_overlay_for_whoever_subscribes(
    world: World, run_node: Callable[[], int], street: List[np.ndarray]
) -> None:
    world.subscribed = ("/catseye/overlay",)
    world.incoming = [("/image", image_message(street[0]))]
    assert run_node() == 0
    (overlay,) = world.messages("/catseye/overlay")
    assert (overlay.encoding, overlay.width, overlay.height, overlay.step) == (
        "bgr8",
        320,
        180,
        960,
    )
    assert not np.array_equal(overlay.data, street[0].reshape(-1))


def test_another_encoding_is_refused_by_name(
    world: World, run_node: Callable[[], int], capfd: pytest.CaptureFixture[str]
) -> None:
    world.incoming = [("/image", image_message(np.zeros((4, 6), np.uint8), encoding="bayer_rggb8"))]
    assert run_node() == 2
    (line,) = [line for line in capfd.readouterr().err.splitlines() if "bayer_rggb8" in line]
    assert "bgr8, rgb8 or mono8" in line and world.nodes[0].destroyed and not world.published


def test_compressed_images_and_one_that_is_broken(
    world: World, run_node: Callable[[], int], street: List[np.ndarray]
) -> None:
    world.parameters.update(transport="compressed")
    jpeg = cv2.imencode(".jpg", street[0])[1].tobytes()
    world.incoming = [("/image/compressed", jpeg_message(data)) for data in (jpeg[:20], jpeg)]
    source = lambda: world.nodes[0].subscriptions[0][2].__self__  # noqa: E731
    world.answered = lambda fed: bool(
        source().faults["truncated"] if fed == 1 else world.messages("/diagnostics")
    )
    assert run_node() == 0
    row = json.loads(world.messages("/catseye/results")[0].data)
    assert (row["index"], row["source"], row["skipped"]) == (1, "image/compressed", 1)
    (status,) = world.messages("/diagnostics")[-1].status
    assert {pair.key: pair.value for pair in status.values}["truncated_faults"] == "1"


def test_silence_is_told(
    world: World, run_node: Callable[[], int], street: List[np.ndarray]
) -> None:
    world.parameters.update(silent_s=0.2, budget_ms=1000.0)
    world.incoming = [("/image", image_message(street[0], age_s=5.0)), ("/elsewhere", None)]

    def told(level: int) -> List[Any]:
        return [each for each in world.messages("/diagnostics") if each.status[0].level == level]

    world.answered = lambda fed: bool(told(fed))  # 1: a warning, 2: an error
    assert run_node() == 0
    status = told(1)[0].status[0]
    assert (
        status.message.startswith("stale: ")
        and dict((v.key, v.value) for v in status.values)["stale"] == "True"
    )
    status = told(2)[0].status[0]
    assert status.message.startswith("no camera since ") and status.message.endswith("(stalled)")


@pytest.mark.parametrize(
    "settings",
    [
        {"transport": "theora"},
        {"age_from": "now"},
        {"budget_ms": -1.0},
        {"model": "nowhere.onnx"},
        {"backend": "magic"},
    ],
)
def test_bad_parameters_are_one_line_and_exit_code_2(
    world: World, run_node: Callable[[], int], capfd: pytest.CaptureFixture[str], settings: Any
) -> None:
    world.parameters.update(settings)
    assert run_node() == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("catseye: ") and str(list(settings.values())[0]) in line


def test_age_from_arrival_does_not_believe_the_stamp(
    world: World, run_node: Callable[[], int], street: List[np.ndarray]
) -> None:
    world.parameters.update(age_from="arrival")
    old = image_message(street[0], age_s=9999.0)
    world.incoming = [("/image", old)]
    assert run_node() == 0
    assert json.loads(world.messages("/catseye/results")[0].data)["age_ms"] < 600e3
    assert world.messages("/catseye/mask")[0].header == old.header  # it is the input's all the same


def camera_info(width: int = 320, height: int = 180, focal: float = 240.0) -> Any:
    types = STORE.types
    return kind("sensor_msgs", "CameraInfo")(
        header=stamped(0),
        height=height,
        width=width,
        distortion_model="plumb_bob",
        d=np.zeros(5),
        k=np.array([focal, 0, 159.5, 0, focal, 89.5, 0, 0, 1], float),
        r=np.eye(3).ravel(),
        p=np.zeros(12),
        binning_x=0,
        binning_y=0,
        roi=types["sensor_msgs/msg/RegionOfInterest"](0, 0, 0, 0, False),
    )


def test_camera_info_makes_metres_of_it(
    world: World, run_node: Callable[[], int], street: List[np.ndarray]
) -> None:
    world.parameters.update(model="road-nano", height_m=1.6, pitch_deg=3.5)
    world.incoming = [
        ("/camera_info", camera_info(focal=0.0)),  # not calibrated yet
        ("/camera_info", camera_info()),
        ("/image", image_message(street[0])),
    ]
    world.answered = lambda fed: fed < 3 or len(world.messages("/diagnostics")) == 1
    assert run_node() == 0
    row = json.loads(world.messages("/catseye/results")[0].data)["result"]
    (scan,), (path,) = world.messages("/catseye/scan"), world.messages("/catseye/path")
    free = row["free_directions"]
    assert scan.header.frame_id == path.header.frame_id == "catseye_ground"
    assert len(scan.ranges) == 32 and scan.angle_increment > 0 > scan.angle_min
    assert np.degrees(scan.angle_max) == pytest.approx(free["deg"][0], abs=0.1)
    for told, metres in zip(scan.ranges[::-1], free["free_m"]):
        assert np.isinf(told) or told == pytest.approx(metres, abs=0.01)
    ahead = np.array([(p.pose.position.x, p.pose.position.y) for p in path.poses])
    assert len(ahead) > 5 and (np.diff(ahead[:, 0]) > 0).all()
    assert ahead[-1, 0] == pytest.approx(row["corridor_length_m"], abs=0.5)
    turn = path.poses[0].pose.orientation
    assert turn.z**2 + turn.w**2 == pytest.approx(1) and abs(turn.z) < 0.3
    assert sum("no metres until it is" in line for line in world.log) == 1
    (status,) = world.messages("/diagnostics")[0].status
    assert {pair.key: pair.value for pair in status.values}["state"] in ("ok", "unsure", "stale")


def test_a_camera_file_makes_metres_too(
    world: World, run_node: Callable[[], int], street: List[np.ndarray], tmp_path: Path
) -> None:
    (tmp_path / "cam.yaml").write_text("fov_deg: 65\nheight_m: 1.6\npitch_deg: 3\n")
    world.parameters.update(model="road-nano", camera=str(tmp_path / "cam.yaml"))
    world.parameters.update(ground_frame="base_link")
    world.incoming = [("/image", image_message(street[0]))]
    assert run_node() == 0
    (scan,) = world.messages("/catseye/scan")
    assert scan.header.frame_id == "base_link" and scan.range_max > 10
    assert scan.header.stamp == world.messages("/catseye/mask")[0].header.stamp


def test_one_that_is_none_is_one_line(
    world: World, run_node: Callable[[], int], capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "cam.yaml").write_text("fov_deg: 65\nheight_m: -1\n")
    world.parameters.update(model="road-nano", camera=str(tmp_path / "cam.yaml"))
    assert run_node() == 2 and "height_m" in capfd.readouterr().err
