import json
import os

import cv2
import numpy as np
import pytest
from camera_loop import about_of, frame_of, write_to

from catseye.runtime.errors import CatseyeError
from catseye.runtime.recording import mcap
from catseye.runtime.recording.log import LogReader
from catseye.runtime.recording.repair import finish_log, is_cut_short
from catseye.runtime.sinks import open_sink, open_sinks, record
from catseye.runtime.sinks.viewing import Viewing
from catseye.runtime.sources import open_source


def test_a_log_tells_what_computed_it(tmp_path):
    with open_sink("record://%s" % (tmp_path / "log?x"), 12.5) as sink:
        sink.begin(about_of())
        write_to(sink, frame_of(index=3), skipped=3)
    log = LogReader(str(tmp_path / "log?x"))
    assert (log.metadata["model"], log.metadata["threads"]) == ("tiny", "2")
    assert json.loads(log.metadata["card"]) == about_of().card.as_json()
    assert (log.metadata["source"], log.metadata["task"], log.metadata["fps"]) == (
        "twin://",
        "brightness",
        "12.5",
    )
    (entry,) = log
    assert (entry.frame.index, entry.row["skipped"]) == (3, 3)


def test_an_older_log_is_kept_and_the_next_free_name_taken(tmp_path, caplog):
    caplog.set_level("INFO")
    for run in range(3):
        with open_sink("record://%s" % (tmp_path / "drive.mcap"), 30.0) as sink:
            if run == 2:
                assert sorted(os.listdir(str(tmp_path))) == ["drive.1.mcap", "drive.mcap"]
            write_to(sink, frame_of(index=run))
    found = {
        name: [entry.frame.index for entry in LogReader(str(tmp_path / name))]
        for name in os.listdir(str(tmp_path))
    }
    assert found == {"drive.mcap": [0], "drive.1.mcap": [1], "drive.2.mcap": [2]}
    assert "drive.mcap is there: this run writes" in caplog.text


def cut(path):
    """As a killed run leaves it."""
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"/arrays") - 300])


def test_the_next_run_finishes_what_a_killed_one_left(tmp_path, caplog):
    caplog.set_level("INFO")
    path = tmp_path / "drive.mcap"
    with open_sink("record://%s" % path, 30.0) as sink:
        for index in range(3):
            write_to(sink, frame_of(index=index))
    cut(path)
    assert is_cut_short(str(path))
    open_sink("record://%s" % path, 30.0).close()
    assert not is_cut_short(str(path)) and "was cut short: finished, with 3 frames" in caplog.text
    path.write_bytes(mcap.MAGIC + b"of somebody else")
    open_sink("record://%s" % path, 30.0).close()
    assert path.read_bytes() == mcap.MAGIC + b"of somebody else"


def test_a_log_that_is_taken_away_is_begun_anew(tmp_path):
    path = tmp_path / "drive.mcap"
    with open_sink("record://%s" % path, 30.0) as sink:
        write_to(sink, frame_of(index=0))
        path.rename(tmp_path / "moved.mcap")
        write_to(sink, frame_of(index=1))
    for index, name in enumerate(("moved.mcap", "drive.mcap")):
        assert [entry.frame.index for entry in LogReader(str(tmp_path / name))] == [index]


def test_a_second_run_on_a_log_that_is_written_is_refused(tmp_path):
    with open_sink("record://%s" % (tmp_path / "log"), 30.0) as sink:
        write_to(sink, frame_of())
        with pytest.raises(CatseyeError, match="another run writes"):
            open_sink("record://%s" % (tmp_path / "log"), 30.0)


def test_nothing_is_written_without_a_result(tmp_path):
    with open_sink("record://%s" % (tmp_path / "log"), 30.0):
        pass
    assert os.listdir(str(tmp_path)) == []


def test_a_disk_that_fills_is_one_line_and_the_log_whole(tmp_path, monkeypatch):
    with (
        pytest.raises(CatseyeError, match="full"),
        open_sink("record://%s" % (tmp_path / "log"), 30.0) as sink,
    ):
        write_to(sink, frame_of())

        def full(folder, wanted):
            raise CatseyeError("the disk is full")

        monkeypatch.setattr(record, "check_space", full)
        write_to(sink, frame_of(index=1))
    assert len(list(LogReader(str(tmp_path / "log")))) == 1


@pytest.mark.parametrize("path", ("/proc/none/log", "/proc/log", "/proc/"))
def test_what_cannot_be_written_is_known_before_the_first_frame(path):
    with pytest.raises(CatseyeError):
        open_sink("record://" + path, 30.0)


def indices_in(folder, codec="png"):
    """Name of each log -> the indices of its frames."""
    return {
        name: [entry.frame.index for entry in LogReader(str(folder / name))]
        for name in sorted(os.listdir(str(folder)))
    }


def timed(index, seconds):
    image = np.random.RandomState(index).randint(0, 256, (48, 64, 3)).astype(np.uint8)
    return frame_of(index=index)._replace(image=image, timestamp_ns=10**18 + int(seconds * 1e9))


def test_a_recording_is_split_by_the_time_of_its_frames(tmp_path):
    address = "record://%s?split=5s" % (tmp_path / "drive.mcap")
    for run in range(2):
        with open_sink(address, 30.0) as sink:
            for index in range(6):
                write_to(sink, timed(10 * run + index, 2 * index))
    assert indices_in(tmp_path) == {
        "drive.0001.mcap": [0, 1, 2],
        "drive.0002.mcap": [3, 4, 5],
        "drive.0003.mcap": [10, 11, 12],
        "drive.0004.mcap": [13, 14, 15],
    }


def test_a_limit_holds_all_the_time_and_across_runs(tmp_path):
    address = "record://%s?limit=100kB" % (tmp_path / "drive.mcap")
    for run in range(2):
        with open_sink(address, 30.0) as sink:
            for index in range(25):
                write_to(sink, timed(25 * run + index, index))
                assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 100_000
    kept = [index for indices in indices_in(tmp_path).values() for index in indices]
    assert kept == list(range(kept[0], 50)) and 5 <= len(kept) < 25


def test_a_limit_counts_what_pieces_have_beside_their_pictures(tmp_path):
    names = ["front", "left"]
    address = "record://%s?limit=60kB" % (tmp_path / "drive.mcap")
    with open_sink(address, 30.0, cameras=names) as sink:
        for index in range(60):
            frame = frame_of(index=index, size_wh=(16, 16))
            write_to(sink, frame._replace(camera=names[index % 2]))
            assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 60_000
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 60_000
    assert len(list(tmp_path.iterdir())) > 3


def test_a_frame_larger_than_the_limit_is_said_and_smaller_ones_come_again(tmp_path):
    with open_sink("record://%s?limit=12kB" % (tmp_path / "log"), 30.0) as sink:
        with pytest.raises(CatseyeError, match="one frame takes"):
            write_to(sink, timed(0, 0))
        write_to(sink, frame_of(index=1))
    assert indices_in(tmp_path) == {"log.0001": [1]}


@pytest.mark.parametrize(
    "options",
    (
        "limit=0GB",
        "limit=20",
        "limit=-1GB",
        "limit=1e999GB",
        "split=5",
        "split=0s",
        "codec=gif",
        "quality=5",
        "codec=jpeg&quality=0",
        "codec=png&quality=5",
        "codec=jpeg&quality=101",
        "limt=3GB",
    ),
)
def test_options_that_do_not_fit_are_one_line(tmp_path, options):
    with pytest.raises(CatseyeError) as caught:
        open_sink("record://%s?%s" % (tmp_path / "log", options), 30.0)
    assert "\n" not in str(caught.value) and os.listdir(str(tmp_path)) == []


def test_a_piece_of_a_killed_run_is_finished_and_one_being_written_refused(tmp_path, caplog):
    caplog.set_level("INFO")
    address = "record://%s?split=1h" % (tmp_path / "drive.mcap")
    with open_sink(address, 30.0) as sink:
        for index in range(3):
            write_to(sink, timed(index, index))
        with pytest.raises(CatseyeError, match="another run writes"):
            open_sink(address, 30.0)
    cut(tmp_path / "drive.0001.mcap")
    with open_sink(address, 30.0) as sink:
        write_to(sink, timed(9, 0))
    assert "was cut short: finished" in caplog.text
    found = indices_in(tmp_path)
    assert found["drive.0002.mcap"] == [9] and len(found["drive.0001.mcap"]) in (2, 3)


def test_a_piece_that_is_taken_away_is_followed_by_the_next(tmp_path):
    with open_sink("record://%s?split=1h" % (tmp_path / "drive.mcap"), 30.0) as sink:
        write_to(sink, timed(0, 0))
        (tmp_path / "drive.0001.mcap").rename(tmp_path / "moved.mcap")
        write_to(sink, timed(1, 1))
    assert indices_in(tmp_path) == {"drive.0002.mcap": [1], "moved.mcap": [0]}


def test_a_piece_that_is_replayed_is_not_removed_by_the_recording_of_it(tmp_path):
    address = "record://%s?limit=100kB" % (tmp_path / "drive.mcap")
    with open_sink(address, 30.0) as sink:
        write_to(sink, timed(0, 0))
    piece = str(tmp_path / "drive.0001.mcap")
    with (
        open_source("replay://" + piece) as source,
        pytest.raises(CatseyeError, match="would overwrite its source"),
        open_sinks([address], {"": source}),
    ):
        pass
    assert os.path.exists(piece)


def test_results_are_drawn_for_viewers_where_that_is_wanted(tmp_path):
    """As an .mp4 of that size shows them, by camera; a replay finds everything else as ever."""
    make_reader = pytest.importorskip("mcap.reader", reason="needs the mcap package").make_reader
    path, cameras = tmp_path / "drive.mcap", ("front", "left")
    address = "record://%s?overlay=64x64&codec=jpeg" % path
    drawn = {}
    with open_sink(address, 30.0, cameras=cameras) as sink:
        for index in range(3):
            for name in cameras:
                frame = frame_of(40 * index, index, size_wh=(128, 96))._replace(camera=name)
                report = write_to(sink, frame)
                drawn[name, index] = report.lined_for(Viewing((64, 64))).picture
    found = {}
    with open(str(path), "rb") as stream:
        for _, channel, message in make_reader(stream).iter_messages(topics=None):
            if channel.topic.endswith("/overlay"):
                head, _, picture = message.data.partition(b"jpeg")
                index = int.from_bytes(head[:4], "little")
                image = cv2.imdecode(np.frombuffer(picture[4:], np.uint8), cv2.IMREAD_COLOR)
                found[channel.topic.split("/")[1], index] = image
                assert message.log_time == int.from_bytes(head[4:8], "little") * 10**9 + int(
                    int.from_bytes(head[8:12], "little")
                )
    assert found.keys() == drawn.keys()
    for key, picture in found.items():
        assert picture.shape == drawn[key].shape == (48, 64, 3)
        assert np.abs(picture.astype(int) - drawn[key]).mean() < 4
    entries = list(LogReader(str(path)))
    assert [(entry.frame.camera, entry.frame.index) for entry in entries] == [
        (name, index) for index in range(3) for name in cameras
    ]
    cut(path)
    assert is_cut_short(str(path)) and finish_log(str(path)) == 6
    with open(str(path), "rb") as stream:
        topics = [channel.topic for _, channel, _ in make_reader(stream).iter_messages()]
    assert topics.count("/front/overlay") == topics.count("/left/overlay") == 3
    with pytest.raises(CatseyeError, match="overlay=WIDTHxHEIGHT"):
        open_sink("record://%s?overlay=5x5" % (tmp_path / "other"), 30.0)
