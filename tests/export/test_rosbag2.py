import json
import os

import cv2
import numpy as np
import pytest

from catseye.__main__ import main
from catseye.runtime.recording.log import LogReader
from catseye.runtime.sources import open_source

pytest.importorskip("rosbags", reason="needs rosbags")
from rosbags.rosbag2 import Reader  # noqa: E402
from rosbags.typesys import Stores, get_typestore  # noqa: E402


def recorded(folder, codec):
    for number, value in enumerate((10, 110, 210)):
        image = np.full((48, 64, 3), value, np.uint8)
        image[:, :16] = 10
        cv2.imwrite(str(folder / ("p%d.png" % number)), image)
    log = str(folder / "drive.mcap")
    sink = "record://%s?codec=%s" % (log, codec)
    assert main(["run", "road-nano", "--source", str(folder / "*.png"), "--sink", sink]) == 0
    return log


@pytest.mark.parametrize("codec", ("png", "jpeg", "h264"))
def test_a_bag_holds_what_the_recording_holds(tmp_path, codec):
    if codec == "h264":
        pytest.importorskip("av", reason="PyAV is not installed")
    log = recorded(tmp_path, codec)
    assert main(["replay", log, "--to", "rosbag2"]) == 0
    entries, store, found = list(LogReader(log)), get_typestore(Stores.ROS2_HUMBLE), {}
    with Reader(str(tmp_path / "drive")) as bag:
        for connection, time_ns, data in bag.messages():
            message = store.deserialize_cdr(data, connection.msgtype)
            found.setdefault(connection.topic, []).append((time_ns, message))
    assert set(found) == {"/camera/compressed", "/mask/compressed", "/result"}
    assert all(len(messages) == 3 for messages in found.values())
    for entry, (time_ns, message) in zip(entries, found["/camera/compressed"]):
        image = cv2.imdecode(message.data, cv2.IMREAD_COLOR)
        assert time_ns == entry.frame.timestamp_ns
        stamp = message.header.stamp
        assert stamp.sec * 10**9 + stamp.nanosec == time_ns
        assert message.format == ("png" if codec == "png" else "jpeg")
        assert np.abs(image.astype(int) - entry.frame.image).mean() < (
            0.01 if codec != "h264" else 3
        )
    rows = [json.loads(message.data) for _, message in found["/result"]]
    assert rows == [entry.row for entry in entries]


def test_our_own_source_reads_the_bag(tmp_path):
    log = recorded(tmp_path, "png")
    bag = str(tmp_path / "bag")
    assert main(["replay", log, "--to", "rosbag2", "-o", bag]) == 0
    with open_source("replay://%s?topic=/camera/compressed" % bag) as source:
        frames = list(source)
    for frame, entry in zip(frames, LogReader(log)):
        assert np.array_equal(frame.image, entry.frame.image)


def test_a_folder_that_is_there_and_o_alone_are_one_line(tmp_path, capsys):
    log = recorded(tmp_path, "png")
    (tmp_path / "drive").mkdir()
    assert main(["replay", log, "--to", "rosbag2"]) == 2
    assert "drive is there already" in capsys.readouterr().err
    assert main(["replay", log, "-o", "x"]) == 2
    assert "-o without --to" in capsys.readouterr().err
    assert os.listdir(str(tmp_path / "drive")) == []
