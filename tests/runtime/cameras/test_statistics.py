"""Statistics of each camera and of all, by the loop that counts them."""

import json

from camera_loop import BrightnessTask, FakeEngine, ListSink, frame_of

from catseye.runtime.cameras.feed import Feed
from catseye.runtime.pipeline import Pipeline
from catseye.runtime.sources.base import Source


class Film(Source):
    def __init__(self, description, indices, fault=""):
        self.description, self._indices, self._fault = description, indices, fault
        self.keeps_time = True

    @property
    def faults(self):
        return {self._fault: 1} if self._fault else {}

    def __iter__(self):
        for index in self._indices:
            late_ns = 10**12 if index == 5 else 0
            frame = frame_of(value=index * 20, index=index)
            yield frame._replace(since_ns=frame.since_ns - late_ns)


def run(*feeds):
    sink = ListSink()
    statistics = Pipeline(feeds, FakeEngine(), [sink], budget_ms=10**5, alarm_after=1).run()
    return statistics, sink


def test_each_camera_counts_for_itself_and_all_are_added_up():
    statistics, sink = run(
        Feed(Film("film a", (0, 3, 4), "lost"), BrightnessTask(), "a"),
        Feed(Film("film b", (1, 5), "lost"), BrightnessTask(), "b"),
    )
    a, b = statistics.cameras
    assert (a.camera, b.camera, statistics.camera) == ("a", "b", "")
    assert (a.frames, b.frames, statistics.frames) == (3, 2, 5)
    assert (a.skipped, b.skipped, statistics.skipped) == (2, 4, 6)
    assert (a.stale, b.stale, statistics.stale) == (0, 1, 1)
    assert (a.budget_missed, b.budget_missed, statistics.budget_missed) == (False, True, True)
    assert statistics.faults == {"lost": 2} and statistics.source == "film a, film b"
    assert statistics.counted_from == "arrival"
    assert sum(statistics.health.values()) == 5 and sum(a.health.values()) == 3
    assert statistics.age_ms["p99"] > 10**5 > a.age_ms["p99"]
    assert 0 < statistics.stages_ms["infer"]["p50"] <= statistics.stages_ms["infer"]["p99"]
    said = json.loads(json.dumps(statistics.as_json()))
    assert [each["camera"] for each in said["cameras"]] == ["a", "b"]
    facts = [(row[0].camera, row[2].facts.skipped_in_all) for row in sink.rows]
    assert sorted(facts) == [("a", 0), ("a", 2), ("a", 2), ("b", 1), ("b", 4)]


def test_a_lone_camera_is_what_there_is():
    statistics, _ = run(Feed(Film("film", (0,)), BrightnessTask()))
    assert statistics.cameras == () and statistics.camera == "" and statistics.frames == 1
    assert statistics.as_json()["cameras"] == []
