"""The numbers as Prometheus reads them: every sample under a head of its own, in seconds, labels
escaped."""

import re

from camera_loop import frame_of, report_for, result_for

from catseye.runtime.control.state import STATES, State
from catseye.runtime.health.frame_quality import Health
from catseye.runtime.power import PowerReading
from catseye.runtime.sinks.background import SinkStatistics
from catseye.runtime.sinks.http.metrics import metrics_text
from catseye.runtime.sinks.http.recorder import RecorderStatus
from catseye.runtime.sinks.http.view import Numbers, Shown
from catseye.runtime.sources.faults import Notice

NUMBERS = Numbers(
    model={"model": 'a "b"\\c\nd', "threads": 4},
    notice=None,
    faults={},
    quiet_s=0.25,
    latency_ms={"p50": 20.0, "p95": 40.0, "p99": 41.5},
    fps=30.0,
    history=[],
    stale=1,
    age_sum_ms=1500.0,
    aged=3,
    newest=None,
)
SAMPLE = re.compile(r'(catseye_\w+)(\{(\w+="([^"\\\n]|\\.)*",?)+\})? -?[0-9.e+-]+$')


def after(results, **facts):
    """The numbers after so many results, the newest with these facts."""
    frame = frame_of(100)
    result = result_for(frame)
    shown = Shown(results, frame, result, report_for(frame, result, **facts), 100.0)
    return NUMBERS._replace(newest=shown)


def samples(numbers):
    """{name with labels: value}, after a look at the form of every line."""
    found, headed = {}, set()
    for line in metrics_text([numbers], 2, RecorderStatus("")).splitlines():
        if line.startswith("# TYPE"):
            headed.add(line.split()[2])
        elif not line.startswith("# HELP"):
            match = SAMPLE.match(line)
            assert match, line
            assert re.sub("_(sum|count)$", "", match.group(1)) in headed
            assert line.rpartition(" ")[0] not in found
            found[line.rpartition(" ")[0]] = float(line.rpartition(" ")[2])
    return found


def test_times_are_seconds():
    found = samples(after(3, stages_ms={"infer": 12.5}))
    assert found['catseye_age_seconds{quantile="0.95"}'] == 0.04
    assert (found["catseye_age_seconds_sum"], found["catseye_age_seconds_count"]) == (1.5, 3)
    assert found['catseye_stage_seconds{stage="infer"}'] == 0.0125


def test_labels_are_escaped():
    assert samples(NUMBERS)[r'catseye_model_info{model="a \"b\"\\c\nd",threads="4"}'] == 1


def test_what_is_not_known_has_no_sample():
    found = samples(after(1))
    unknown = "catseye_(health|power|temperature|slowed|camera_faults)"
    assert not [name for name in found if re.match(unknown, name)]


def test_a_camera_that_never_came_is_blind():
    for numbers in (NUMBERS, NUMBERS._replace(notice=Notice("lost", 0))):
        found = samples(numbers)
        assert [found['catseye_state{state="%s"}' % word] for word in STATES] == [1, 0, 0, 0]
        assert numbers.as_json()["state"] == "blind" and numbers.as_json()["why"]


def test_what_is_known_has():
    numbers = after(
        1,
        health=Health("dark", 0.9, {"dark": 0.9}),
        power=PowerReading(6.5, 47.0, ("fan",), "MAXN"),
        skipped_in_all=7,
    )
    found = samples(numbers._replace(notice=Notice("lost", 0), faults={"lost": 2}))
    assert found['catseye_health_score{verdict="dark"}'] == 0.9
    assert (found["catseye_power_watts"], found["catseye_temperature_celsius"]) == (6.5, 47.0)
    assert found['catseye_slowed_down{by="fan"}'] == 1
    assert found['catseye_power_mode_info{mode="MAXN"}'] == 1
    assert found['catseye_camera_faults_total{fault="lost"}'] == 2
    assert (found["catseye_camera_lost"], found["catseye_skipped_frames_total"]) == (1, 7)


def test_a_recording_is_counted():
    took = SinkStatistics("log", written=9, skipped=0, lost=0, error="", write_ms={})
    running = RecorderStatus("log", 1.0, took)
    text = metrics_text([NUMBERS], 2, running)
    assert "catseye_recording 1\n" in text and "catseye_recorded_frames 9\n" in text


def test_before_the_first_result():
    found = samples(NUMBERS._replace(model={}))
    assert found["catseye_results_total"] == found["catseye_skipped_frames_total"] == 0
    assert not [name for name in found if "model_info" in name]


def test_named_cameras_are_told_apart_by_a_label():
    front = after(3, stages_ms={"infer": 12.5}, power=PowerReading(6.5))
    left = NUMBERS._replace(camera="left", faults={"lost": 2}, notice=Notice("lost", 0))
    text = metrics_text([front._replace(camera="front"), left], 2, RecorderStatus(""))
    assert text.count("# TYPE catseye_results_total counter") == 1
    lines = text.splitlines()
    for line in (
        'catseye_results_total{camera="front"} 3',
        'catseye_results_total{camera="left"} 0',
        'catseye_camera_lost{camera="front"} 0',
        'catseye_camera_lost{camera="left"} 1',
        'catseye_camera_faults_total{camera="left",fault="lost"} 2',
        'catseye_age_seconds{camera="left",quantile="0.5"} 0.02',
        'catseye_age_seconds_count{camera="front"} 3',
        'catseye_stage_seconds{camera="front",stage="infer"} 0.0125',
        "catseye_power_watts 6.5",
        "catseye_viewers 2",
        "catseye_recording 0",
    ):
        assert line in lines
    heads = [line for line in lines if line.startswith("# TYPE")]
    assert len(heads) == len(set(heads))


def test_a_large_count_is_whole():
    found = samples(after(123456789))
    assert found["catseye_results_total"] == 123456789


def test_state_and_alarms_and_what_fails():
    facts = dict(alarms=("near",), alarm_counts={"near": 3, "free_m < 2": 0}, budget_ms=1e6)
    found = samples(after(1, failing=("can://can0",), trust=State("unsure", "dark"), **facts))
    assert found['catseye_alarms_total{alarm="near"}'] == 3
    assert found['catseye_alarms_total{alarm="free_m < 2"}'] == 0
    assert found['catseye_alarm{alarm="near"}'] == 1
    assert found['catseye_alarm{alarm="free_m < 2"}'] == 0
    assert found['catseye_sink_failing{sink="can://can0"}'] == 1
    states = {word: found['catseye_state{state="%s"}' % word] for word in STATES}
    assert states == dict.fromkeys(STATES, 0) | {"unsure": 1}
    gone = after(1)._replace(notice=Notice("lost", 0))
    assert samples(gone)['catseye_state{state="blind"}'] == 1
    old = after(1, budget_ms=50.0, age_ms=40.0)._replace(quiet_s=0.02)
    assert samples(old)['catseye_state{state="stale"}'] == 1  # it grows old while no other comes
    assert old.as_json()["state"] == "stale" and old.as_json()["alarms"] == ()
