import json
import threading
import time

import pytest
from camera_loop import (
    BrightnessTask,
    FakeEngine,
    ListSink,
    ScriptedCamera,
    frame_of,
    read_video,
    wait_until,
    write_video,
)

from catseye.runtime.cameras.feed import Feed
from catseye.runtime.clock.moment import ARRIVED, CAPTURED, monotonic_ns
from catseye.runtime.errors import CatseyeError
from catseye.runtime.pipeline import Pipeline
from catseye.runtime.power import PowerReading
from catseye.runtime.sinks import EndRun, open_sinks
from catseye.runtime.sources import open_source
from catseye.runtime.sources.base import Source
from catseye.runtime.sources.live.source import LiveSource
from catseye.runtime.timing import STAGES


class ListSource(Source):
    """Frames from a list; says how many were asked for."""

    description, keeps_time = "twin://", True

    def __init__(self, frames):
        self.frames, self.asked = frames, 0

    def __iter__(self):
        for frame in self.frames:
            self.asked += 1
            yield frame


def run(source, *sinks, engine=None, **limits):
    return Pipeline([Feed(source, BrightnessTask())], engine or FakeEngine(), sinks, **limits).run()


def test_every_frame_goes_through_to_every_sink():
    frames = [frame_of(value, index) for index, value in enumerate((200, 20, 200))]
    one, other = ListSink(), ListSink()
    statistics = run(ListSource(frames), one, other)
    assert [row[0] for row in one.rows] == frames == [row[0] for row in other.rows]
    assert [int(row[1].mask.mean()) for row in one.rows] == [1, 0, 1]
    assert one.rows[0][2] is other.rows[0][2]  # so that pictures are drawn once for all
    assert (statistics.frames, statistics.skipped, statistics.stale) == (3, 0, 0)
    assert statistics.task == "brightness" and statistics.source == "twin://" and statistics.fps > 0
    assert list(statistics.stages_ms) == list(STAGES)
    for stage in STAGES:
        assert statistics.stages_ms[stage]["p99"] >= statistics.stages_ms[stage]["p50"] > 0


def test_a_limit_takes_no_frame_too_many():
    source = ListSource([frame_of(index=index) for index in range(9)])
    assert run(source, frames=4).frames == 4
    assert source.asked == 4


def test_reports_tell_age_gaps_and_stages():
    long_ago = frame_of(index=5)._replace(since_ns=monotonic_ns() - 3 * 10**9)
    sink = ListSink()
    statistics = run(
        ListSource([frame_of(index=2), long_ago, frame_of(index=6)]), sink, budget_ms=2000
    )
    facts = [row[2].facts for row in sink.rows]
    assert [fact.skipped for fact in facts] == [2, 2, 0] and statistics.skipped == 4
    assert [fact.skipped_in_all for fact in facts] == [2, 4, 4]
    assert [fact.stale for fact in facts] == [False, True, False] and statistics.stale == 1
    assert 3000 <= facts[1].age_ms < 60000 and 0 <= facts[0].age_ms < 2000
    assert list(facts[0].stages_ms) == ["capture", "health", "prepare", "infer", "parse"]
    assert statistics.age_ms["p99"] > 2000


def test_every_report_has_the_power_of_its_moment():
    readings, sink = iter([PowerReading(5.0), PowerReading(6.0)]), ListSink()
    run(ListSource([frame_of(index=0), frame_of(index=1)]), sink, power=lambda: next(readings))
    assert [row[2].facts.power.watts for row in sink.rows] == [5.0, 6.0]
    run(ListSource([frame_of()]), sink)
    assert sink.rows[-1][2].facts.power == PowerReading()  # nobody measures


def test_the_wall_clock_makes_nothing_old_or_young():
    from_1970, ahead = (frame_of()._replace(timestamp_ns=ns) for ns in (0, 10**19))
    sink = ListSink()
    run(ListSource([from_1970, ahead]), sink)
    assert all(0 < row[2].facts.age_ms < 60000 for row in sink.rows)


def test_the_budget_says_what_it_counts_from():
    class Live(ListSource):
        live = True

    frames = [frame_of(index=index)._replace(clock=ARRIVED) for index in range(2)]
    captured = [frame._replace(clock=CAPTURED) for frame in frames]
    sink = ListSink()
    statistics = run(Live(frames), sink, budget_ms=1000, camera_delay_ms=40000)
    assert statistics.counted_from == "arrival plus 40000 ms" and statistics.stale == 2
    assert all(row[2].facts.age_ms >= 40000 for row in sink.rows)
    statistics = run(Live(captured), ListSink(), budget_ms=30000, camera_delay_ms=40000)
    assert statistics.counted_from == "capture" and statistics.stale == 0  # the camera knows
    assert run(Live(captured[:1] + frames[1:]), ListSink()).counted_from == "arrival"
    # a file has none
    statistics = run(ListSource(frames), ListSink(), budget_ms=30000, camera_delay_ms=40000)
    assert statistics.counted_from == "arrival" and statistics.stale == 0


@pytest.mark.parametrize("stale, missed", ((0, False), (2, False), (3, True), (40, True)))
def test_a_budget_is_missed_by_more_than_one_result_in_twenty(stale, missed):
    old = frame_of()._replace(since_ns=monotonic_ns() - 10**15)
    frames = [old] * stale + [frame_of()] * (40 - stale)
    statistics = run(
        ListSource([frame._replace(index=i) for i, frame in enumerate(frames)]), budget_ms=10**6
    )
    assert statistics.stale == stale and statistics.budget_missed is missed
    assert statistics.as_json()["budget_missed"] is missed


def test_a_slow_engine_sees_only_the_newest_frame_and_no_queue_grows():
    camera, engine, sink = ScriptedCamera(), FakeEngine(gate=threading.Semaphore(0)), ListSink()
    with LiveSource(camera, "twin://", 30.0) as source:
        pipeline = Pipeline([Feed(source, BrightnessTask())], engine, [sink], frames=4)
        loop = threading.Thread(target=pipeline.run)
        loop.start()
        camera.release()
        for turn in (1, 2, 3):
            assert engine.entered.acquire(timeout=10)
            camera.release(10)  # pass while the engine is busy with one
            wait_until(lambda: source.skipped == 9 * turn)  # noqa: B023
            engine.gate.release()
        engine.gate.release()
        loop.join(10)
        camera.release()
    assert [row[0].index for row in sink.rows] == [0, 10, 20, 30]
    # each is what it says it is
    assert [int(row[0].image.mean()) for row in sink.rows] == [0, 10, 20, 30]
    assert [row[2].facts.skipped for row in sink.rows] == [0, 9, 9, 9]
    assert pipeline.statistics().skipped == source.skipped == 27


def test_stop_finishes_the_frame_in_hand():
    sink = ListSink()
    pipeline = Pipeline(
        [Feed(ListSource([frame_of(index=i) for i in range(9)]), BrightnessTask())],
        FakeEngine(),
        [sink],
    )
    sink.after = lambda rows: pipeline.stop() if rows == 3 else None
    assert pipeline.run().frames == 3 and len(sink.rows) == 3


def test_a_sink_may_end_the_run():
    def enough(rows):
        if rows == 2:  # as where a pipe breaks: the second was not taken
            raise EndRun()

    assert (
        run(ListSource([frame_of(index=i) for i in range(9)]), ListSink(after=enough)).frames == 1
    )


def test_a_broken_engine_ends_with_statistics_and_whole_files(tmp_path):
    video = write_video(tmp_path / "in.mp4", frames=5)
    engine = FakeEngine(broken_from=3)
    with pytest.raises(CatseyeError, match="broke"):
        with (
            open_source(video) as source,
            open_sinks([str(tmp_path / "out.mp4")], {"": source}) as sinks,
        ):
            pipeline = Pipeline([Feed(source, BrightnessTask())], engine, sinks)
            pipeline.run()
    assert pipeline.statistics().frames == 3 and pipeline.statistics().seconds > 0
    assert len(read_video(tmp_path / "out.mp4")) == 3


def test_a_wall_clock_that_is_set_while_it_runs_makes_no_age_and_no_wait(
    monkeypatch, tmp_path, rolling_street
):
    """From 1970 to today and back by an hour, as at the first contact with a time server."""
    steps = iter([0.0, 1.8e9, -3600.0, 1.8e9] * 1000)
    monkeypatch.setattr(time, "time", lambda: max(0.0, next(steps)))
    sink, rows = ListSink(), tmp_path / "rows.jsonl"
    uri = "synthetic://road?size=160x90&fps=100&frames=80&live=1&faults=stall@4+30,loss@50+5"
    with open_source(uri) as source:
        uris = ["jsonl://%s" % rows, str(tmp_path / "out.mp4")]
        with open_sinks(uris, {"": source}) as sinks:
            statistics = run(source, sink, *sinks, budget_ms=20000)
    assert statistics.stale == 0 and statistics.counted_from == "capture"
    assert all(0 < row[2].facts.age_ms < 20000 for row in sink.rows)
    assert len({row[0].timestamp_ns // 10**9 for row in sink.rows}) > 1  # it was set
    assert all(0 < json.loads(line)["age_ms"] < 20000 for line in rows.read_text().splitlines())
