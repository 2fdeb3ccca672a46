"""Recordings that the formats' own libraries wrote: foreign/write.py made them, with what
foreign/versions.txt says."""

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from camera_loop import frame_of, write_to

from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.recording import mcap
from catseye.runtime.recording.image_log import ImageLog
from catseye.runtime.sinks import open_sink
from catseye.runtime.sources import open_source

FOREIGN = Path(__file__).parent / "foreign"
TOPICS = {
    "foxglove-sdk.mcap": "/front",
    "protobuf.mcap": "/front",
    "ros1.mcap": "/front/compressed",
    "ros2-lz4.mcap": "/front/compressed",
    "ros2-zstd.mcap": "/front/compressed",
    "rosbags.mcap": "/front/compressed",
}
BEGIN_NS, STEP_NS = 1_700_000_000 * 10**9, 100_000_000


def test_every_recording_here_is_tried():
    assert {path.name for path in FOREIGN.glob("*.mcap")} == {*TOPICS, "json-two-topics.mcap"}


@pytest.mark.parametrize("name", TOPICS)
def test_pictures_and_their_times(name):
    log = ImageLog(str(FOREIGN / name))
    images = list(log)
    assert log.topic == TOPICS[name] and log.damaged == 0
    assert [image.stamp_ns for image in images] == [BEGIN_NS + n * STEP_NS for n in range(3)]
    decoded = [cv2.imdecode(np.frombuffer(image.data, np.uint8), 1) for image in images]
    assert [int(image.mean()) for image in decoded] == [40, 120, 200]


@pytest.mark.parametrize("name", TOPICS)
@pytest.mark.parametrize("form", ("%s", "replay://%s", "replay://%s?topic=" + "TOPIC"))
def test_they_are_a_source(name, form):
    uri = form % (FOREIGN / name)
    with open_source(uri.replace("TOPIC", TOPICS[name])) as source:
        frames = list(source)
        assert source.fps == pytest.approx(10.0) and not source.live
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert all(frame.image.shape == (12, 16, 3) and frame.replayed for frame in frames)
    assert [round(float(frame.image.mean())) for frame in frames] == [40, 120, 200]
    assert frames[2].timestamp_ns == BEGIN_NS + 2 * STEP_NS


def test_of_several_topics_one_is_to_be_chosen():
    path = FOREIGN / "json-two-topics.mcap"
    with pytest.raises(CatseyeError, match=r"2 topics .*: /left, /right; .*\?topic=/left"):
        open_source(str(path))
    with open_source("replay://%s?topic=/right" % path) as source:
        assert len(list(source)) == 3
    with pytest.raises(CatseyeError, match="no topic /words with pictures; it has /left, /right"):
        open_source("replay://%s?topic=/words" % path)


@pytest.mark.parametrize("name", (*TOPICS, "json-two-topics.mcap"))
def test_a_recording_cut_anywhere_gives_what_is_whole_or_one_line(name, tmp_path):
    data = (FOREIGN / name).read_bytes()
    path, found = tmp_path / "cut.mcap", []
    topic = TOPICS.get(name, "/left")
    for size in range(0, len(data), 53):
        path.write_bytes(data[:size])
        try:
            found.append(len(list(ImageLog(str(path), topic))))
        except ModelFileError as error:
            assert "\n" not in str(error)
            found.append(0)
    assert found == sorted(found) and found[-1] == 3


@pytest.mark.parametrize("name", (*TOPICS, "json-two-topics.mcap"))
def test_no_flipped_byte_ends_in_anything_but_one_line(name, tmp_path):
    data = (FOREIGN / name).read_bytes()
    path, topic = tmp_path / "flipped.mcap", TOPICS.get(name, "/left")
    for place in range(len(mcap.MAGIC), len(data), 31):
        flipped = bytearray(data)
        flipped[place] ^= 0x41
        path.write_bytes(bytes(flipped))
        try:
            assert len(list(ImageLog(str(path), topic))) <= 3
        except ModelFileError as error:
            assert "\n" not in str(error)


def test_what_holds_no_pictures_says_what_it_holds(tmp_path):
    schema = mcap.Schema(1, "sensor_msgs/msg/Image", "ros2msg", "")
    channels = [mcap.Channel(n, 1, "/raw%d" % n, "cdr") for n in range(1, 12)]
    path = tmp_path / "raw.mcap"
    path.write_bytes(mcap.file_start("other", "theirs", {}, [schema], channels))
    with pytest.raises(CatseyeError, match=r"/raw1 \(sensor_msgs/msg/Image, cdr\).* and 3 more"):
        open_source(str(path))
    path.write_bytes(mcap.file_start("other", "theirs", {}, [], []))
    with pytest.raises(CatseyeError, match="none at all; expected CompressedImage of ROS 1"):
        open_source(str(path))


def foreign_file(pictures):
    """A recording of these bytes as ROS 2's CompressedImage."""
    schema = mcap.Schema(1, "sensor_msgs/msg/CompressedImage", "ros2msg", "")
    data = mcap.file_start("o", "theirs", {}, [schema], [mcap.Channel(1, 1, "/a", "cdr")])
    for number, picture in enumerate(pictures):
        head = b"\0\1\0\0" + struct.pack("<II", 0, number) + mcap.text("\0\0\0\0") * 2
        message = head + struct.pack("<I", len(picture)) + picture
        chunk, _ = mcap.chunk_with_indices([mcap.Message(1, 7 + number, message)], number)
        data += chunk
    return data


def test_pictures_that_are_none_are_left_out_and_said(tmp_path, caplog):
    whole = cv2.imencode(".jpg", np.full((12, 16, 3), 99, np.uint8))[1].tobytes()
    huge = bytearray(cv2.imencode(".png", np.zeros((2, 2), np.uint8))[1].tobytes())
    huge[16:24] = b"\x7f\xff\xff\xff" * 2
    path = tmp_path / "a.mcap"
    path.write_bytes(foreign_file([whole, whole[:200], bytes(huge), b"", b"RIFF", whole]))
    with open_source(str(path)) as source:
        assert [frame.index for frame in source] == [0, 5]
    assert "pictures left out: 4 of 6" in caplog.text
    path.write_bytes(foreign_file([b"RIFF"] * 2))
    with open_source(str(path)) as source, pytest.raises(CatseyeError, match="no readable picture"):
        list(source)


def test_the_folder_of_a_ros_2_bag(tmp_path):
    bag = tmp_path / "my_bag"
    bag.mkdir()
    (bag / "metadata.yaml").write_text("rosbag2_bagfile_information: {}")
    (bag / "my_bag_0.mcap").write_bytes((FOREIGN / "rosbags.mcap").read_bytes())
    for uri in (str(bag), "replay://%s?topic=/front/compressed" % bag):
        with open_source(uri) as source:
            assert len(list(source)) == 3
    (bag / "my_bag_1.mcap").write_bytes(b"")
    with pytest.raises(CatseyeError, match="2 .mcap files; expected one; name one of them"):
        open_source(str(bag))
    for path in bag.glob("*.mcap"):
        path.rename(path.with_suffix(".db3"))
    with pytest.raises(CatseyeError, match="0 .mcap files.*ros2 bag convert"):
        open_source(str(bag))
    cv2.imwrite(str(bag / "p.png"), np.zeros((4, 4, 3), np.uint8))
    for path in bag.glob("*.db3"):
        path.unlink()
    with open_source(str(bag)) as source:  # pictures beside somebody's metadata
        assert len(list(source)) == 1


def test_a_recording_that_is_gone_is_one_line(tmp_path):
    path = tmp_path / "a.mcap"
    path.write_bytes((FOREIGN / "ros1.mcap").read_bytes())
    log = ImageLog(str(path))
    path.unlink()
    with pytest.raises(ModelFileError, match="cannot read"):
        list(log)


def test_a_topic_is_for_logs_of_others(tmp_path):
    with open_sink("record://%s" % (tmp_path / "log"), 30.0) as sink:
        write_to(sink, frame_of())
    with pytest.raises(CatseyeError, match="a topic of .*camera=... of one of our own"):
        open_source("replay://%s?topic=/camera" % (tmp_path / "log"))
    with pytest.raises(CatseyeError, match="a camera of .*topic=... of another"):
        open_source("replay://%s?camera=front" % (FOREIGN / "ros1.mcap"))
    with open_source("replay://%s" % (tmp_path / "log")) as source:
        assert len(list(source)) == 1
