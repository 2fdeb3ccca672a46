"""What speaks at its own pace: by a sink that keeps what it says."""

import threading
import time

import pytest
from camera_loop import frame_of, report_for, result_for, wait_until, write_to

from catseye.runtime.clock.moment import monotonic_ns
from catseye.runtime.errors import SinkError
from catseye.runtime.sinks.controller import paced
from catseye.runtime.sinks.controller.paced import PacedSink
from catseye.runtime.sources.faults import Notice


class Diary(PacedSink):
    """slow_s: how long a message takes to write.  broken: what sending raises."""

    def __init__(self, rate_hz=500.0, cameras=("",)):
        self.said, self.slow_s, self.broken, self.released = [], 0.0, None, 0
        super().__init__("diary://x?token=secret", rate_hz, cameras)

    def _message(self, statement, sequence):
        time.sleep(self.slow_s)
        return statement, sequence

    def _send(self, message):
        if self.broken:
            raise self.broken
        statement, sequence = message
        now_ns = monotonic_ns()
        self.said.append((statement.camera, statement.state.word, sequence, statement, now_ns))

    def _release(self):
        self.released += 1


@pytest.fixture
def diary():
    with Diary() as sink:
        yield sink


def words(sink):
    return [entry[1] for entry in sink.said]


def test_it_speaks_before_the_first_picture_and_counts(diary):
    wait_until(lambda: len(diary.said) > 5)
    assert set(words(diary)) == {"blind"}
    assert [entry[2] for entry in diary.said[:5]] == [0, 1, 2, 3, 4]


def test_a_loop_that_stops_is_stale_and_a_camera_that_is_gone_blind(diary):
    write_to(diary, frame_of(), since_ns=monotonic_ns(), budget_ms=200.0)
    wait_until(lambda: "stale" in words(diary))
    assert "ok" in words(diary)
    diary.notice(Notice("lost", 0))
    wait_until(lambda: words(diary)[-1] == "blind")
    write_to(diary, frame_of(), since_ns=monotonic_ns(), budget_ms=10000.0)
    wait_until(lambda: words(diary)[-1] == "ok")


def test_a_message_that_grows_old_while_it_is_written_is_not_sent_as_ok(diary):
    diary.slow_s = 0.03
    for _ in range(5):
        count = len(diary.said)
        write_to(diary, frame_of(), since_ns=monotonic_ns(), budget_ms=20.0)
        wait_until(lambda: len(diary.said) > count + 1)  # noqa: B023
    assert "ok" not in words(diary) and "stale" in words(diary)


def test_nothing_older_than_its_budget_is_said_to_be_ok_whatever_stalls(diary):
    for seed in range(60):
        diary.slow_s = 0.004 * (seed % 4 == 0)
        write_to(diary, frame_of(), since_ns=monotonic_ns() - seed % 5 * 2 * 10**6, budget_ms=15.0)
        time.sleep((seed * 7 % 11) * 0.003)
    for _, word, _, statement, _ in diary.said:
        if word == "ok":
            assert statement.age_ms <= 15.0
    assert {"ok", "stale"} <= set(words(diary))


def test_each_camera_has_its_own_state_and_sequence():
    with Diary(cameras=("front", "left")) as sink:
        write_to(sink, frame_of()._replace(camera="left"), since_ns=monotonic_ns(), budget_ms=1e5)
        write_to(sink, frame_of()._replace(camera="rear"), since_ns=monotonic_ns(), budget_ms=1e5)
        wait_until(lambda: ("left", "ok") in {entry[:2] for entry in sink.said})
        sink.notice(Notice("lost", 0, camera="rear"))
        wait_until(lambda: len(sink.said) > 40)
    by_camera = {
        name: [entry for entry in sink.said if entry[0] == name] for name in ("front", "left")
    }
    assert {entry[1] for entry in by_camera["front"]} == {"blind"}
    for entries in by_camera.values():
        assert [entry[2] for entry in entries] == list(range(len(entries)))


def test_it_ends_with_a_word_and_once(diary):
    write_to(diary, frame_of(), since_ns=monotonic_ns(), budget_ms=1e5)
    wait_until(lambda: "ok" in words(diary))
    diary.close()
    diary.close()
    assert words(diary)[-1] == "blind" and diary.said[-1][3].state.why == "the run has ended"
    assert diary.released == 1 and not diary._thread.is_alive()


@pytest.mark.parametrize("error", (SinkError("full", "room"), ValueError("of a library")))
def test_what_fails_is_told_once_counted_and_goes_on(diary, caplog, error):
    wait_until(lambda: diary.said)
    diary.broken = error
    wait_until(lambda: diary.statistics().lost > 3)
    assert diary.failing == "diary://x?token=***" and diary.statistics().error
    diary.broken = None
    before = len(diary.said)
    wait_until(lambda: len(diary.said) > before)
    wait_until(lambda: not diary.failing)
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2 and "the run goes on" in told[0] and "works again" in told[1]
    assert diary.statistics().written >= len(diary.said) - 1


def test_what_was_missed_is_not_made_up_for(monkeypatch):
    """A stall of the whole program is followed by one message, not by all that were due."""
    with Diary(rate_hz=100.0) as sink:
        wait_until(lambda: sink.said)
        sink.slow_s = 0.3
        wait_until(lambda: len(sink.said) > 2)
        sink.slow_s, count, begun_ns = 0.0, len(sink.said), monotonic_ns()
        wait_until(lambda: len(sink.said) >= count + 10)
        assert monotonic_ns() - begun_ns >= 0.05 * 1e9


def test_a_sender_that_hangs_is_left_behind(monkeypatch):
    monkeypatch.setattr(paced, "CLOSE_TIMEOUT_S", 0.05)
    go, sink = threading.Event(), Diary()
    sink._send = lambda message: go.wait()
    wait_until(lambda: sink._times is not None)
    sink.close()
    assert sink.released == 1
    go.set()


def test_the_result_is_made_json_once():
    frame = frame_of()
    result = result_for(frame)
    report = report_for(frame, result)
    assert report.found is report.found == result.as_json()
