import collections

import numpy as np
import pytest
from camera_loop import frame_of, report_for

from catseye.runtime.errors import CatseyeError
from catseye.runtime.health.frame_quality import Health
from catseye.runtime.recording.log import LogReader
from catseye.runtime.sinks import hard, open_sinks, output_paths, sink_statistics
from catseye.runtime.sinks.hard import AroundSink
from catseye.runtime.sinks.record import LogAddress
from catseye.runtime.sources import open_source
from catseye.runtime.tasks.digits import Digits
from catseye.runtime.tasks.road_mask import RoadMask


def kept(tmp_path, results, **facts):
    """Index -> reasons of the frames that were recorded; `facts` by index."""
    path = str(tmp_path / "hard.mcap")
    with (
        open_source("synthetic://road?size=16x16&frames=1") as source,
        open_sinks([], {"": source}, path) as sinks,
    ):
        for index, result in enumerate(results):
            frame = frame_of(index=index)
            sinks[0].write(
                frame, result, report_for(frame, result, **facts.get("at%d" % index, {}))
            )
    assert sink_statistics(sinks)[0].written == len([1 for _ in LogReader(path)])
    return {entry.frame.index: entry.row["hard"] for entry in LogReader(path)}


def mask_of(boundary):
    """(48, 64) ids, road left of the boundary."""
    mask = np.full((48, 64), 5, np.uint8)
    mask[:, :boundary] = 3
    return RoadMask(mask)


def test_late_frames_and_those_in_bad_health_are_kept(tmp_path):
    dark = Health("dark", 0.9, {"dark": 0.9})
    found = kept(
        tmp_path,
        [mask_of(30)] * 9,
        at2={"stale": True},
        at5={"health": dark, "stale": True},
        at7={"health": Health("ok", 0.1, {})},
    )
    assert found == {2: ["stale"], 5: ["stale", "dark"]}


def test_a_mask_that_flickers_is_kept_and_one_that_moves_is_not(tmp_path):
    boundaries = [10 + index % 3 for index in range(40)]
    boundaries[25] = 40  # and back again
    assert kept(tmp_path, [mask_of(boundary) for boundary in boundaries]) == {
        25: ["doubt"],
        26: ["doubt"],
    }


def test_a_digit_that_is_unsure_is_kept(tmp_path):
    sure, unsure = (Digits(((1, 2, 3, 4),), (7,), (probability,)) for probability in (0.99, 0.5))
    assert kept(tmp_path, [sure] * 20 + [unsure, Digits((), (), ())]) == {20: ["doubt"]}


def test_it_is_not_what_is_already_a_sink_or_the_source(tmp_path):
    path = str(tmp_path / "log")
    with open_source("synthetic://road?size=16x16&frames=1") as source:
        with (
            pytest.raises(CatseyeError, match="another place"),
            open_sinks(["record://" + path], {"": source}, path),
        ):
            pass


def test_a_model_that_tells_its_confidence_is_asked_for_it(tmp_path):
    """The least certain frames are kept, whether or not their masks flicker."""
    results = []
    for index in range(40):
        confidence = np.full((48, 64), 250, np.uint8)
        confidence[: 2 + (30 if index == 20 else 0)] = 120
        mask = mask_of(10 + 40 * (index % 2)).mask
        results.append(RoadMask(mask, confidence=confidence))
    assert kept(tmp_path, results) == {20: ["doubt"]}


def around(tmp_path, late, count, around_s):
    """Indices that are kept of `count` frames, ten a second, those in `late` late."""
    path = str(tmp_path / "hard.mcap")
    with (
        open_source("synthetic://road?size=16x16&frames=1") as source,
        open_sinks([], {"": source}, path, around_s) as sinks,
    ):
        for index in range(count):
            frame = frame_of(index=index)._replace(timestamp_ns=10**18 + index * 10**8)
            report = report_for(frame, mask_of(30), stale=index in late)
            sinks[0].write(frame, mask_of(30), report)
    took = sink_statistics(sinks)[0]
    found = [entry.frame.index for entry in LogReader(path)] if late else []
    assert (took.written, took.lost) == (len(found), 0)
    return found


def test_what_lies_around_a_hard_frame_is_kept_too(tmp_path):
    assert around(tmp_path, {20}, 40, 0.5) == list(range(15, 26))


def test_two_that_are_near_share_what_lies_between(tmp_path):
    assert around(tmp_path, {3, 9}, 40, 0.5) == list(range(15))


def test_without_a_hard_frame_there_is_no_log(tmp_path):
    assert around(tmp_path, set(), 10, 0.5) == []
    assert list(tmp_path.iterdir()) == []


def test_what_waits_is_bounded_in_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(hard, "MOST_WAITING_BYTES", 20_000)
    found = around(tmp_path, {35}, 40, 10.0)
    assert found[-1] == 39 and found == list(range(found[0], 40)) and 20 < found[0] < 35


def test_what_waited_while_the_disk_was_full_is_kept_when_there_is_room(tmp_path, monkeypatch):
    disk = collections.namedtuple("disk", "f_bavail f_frsize")
    path = str(tmp_path / "hard.mcap")
    sink = AroundSink(LogAddress(path), 10.0, [""], 1.0)
    with sink:
        for index in range(8):
            frame = frame_of(index=index)._replace(timestamp_ns=10**18 + index * 10**8)
            report = report_for(frame, mask_of(30))
            is_hard = index in (4, 6)
            report = report.with_facts(report.facts._replace(hard=("stale",) * is_hard))
            if index != 4:
                sink.write(frame, mask_of(30), report)
                continue
            with monkeypatch.context() as patch, pytest.raises(CatseyeError, match="full"):
                patch.setattr(output_paths.os, "statvfs", lambda folder: disk(1, 1))
                sink.write(frame, mask_of(30), report)
    assert [entry.frame.index for entry in LogReader(path)] == [0, 1, 2, 3, 5, 6, 7]
    assert sink.passed_over == sink.withdrawn == 0


def test_an_alarm_makes_a_frame_hard(tmp_path):
    assert kept(tmp_path, [mask_of(30)] * 3, at1={"alarms": ("near",)}) == {1: ["near"]}
