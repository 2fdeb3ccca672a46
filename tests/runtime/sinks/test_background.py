import threading

import pytest
from camera_loop import ListSink, frame_of, wait_until, write_to

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks import EndRun, background
from catseye.runtime.sinks.background import BackgroundSink
from catseye.runtime.sources.faults import Notice


class Gated(ListSink):
    """Takes a result when it is let; fails while `broken`."""

    def __init__(self):
        super().__init__()
        self.entered, self.gate, self.broken, self.calls = (
            threading.Semaphore(0),
            threading.Semaphore(0),
            None,
            0,
        )

    def write(self, frame, result, report):
        self.calls += 1
        self.entered.release()
        assert self.gate.acquire(timeout=10)
        if self.broken is not None:
            raise self.broken
        super().write(frame, result, report)

    def let(self, count):
        for _ in range(count):
            self.gate.release()


def indices(sink):
    return [row[0].index for row in sink.rows]


def test_live_the_newest_result_wins_and_the_skipped_are_counted():
    inner = Gated()
    with BackgroundSink(inner, "twin://", newest_wins=True) as sink:
        write_to(sink, frame_of(index=0))
        assert inner.entered.acquire(timeout=10)  # busy with the first
        for index in range(1, 8):
            write_to(sink, frame_of(index=index), skipped=index % 2)  # returns at once
        inner.let(2)
        wait_until(lambda: len(inner.rows) == 2)
        write_to(sink, frame_of(index=8))
        inner.let(1)
    assert indices(inner) == [0, 7, 8] and inner.closed
    # the camera's and the sink's own
    assert [row[2].facts.skipped for row in inner.rows] == [0, 1 + 6, 0]
    assert sink.statistics()[:5] == ("twin://", 3, 6, 0, "")


def test_for_files_nothing_is_lost():
    inner, taken, held = Gated(), [], threading.Event()

    def loop():
        for index in range(9):
            write_to(sink, frame_of(index=index))
            taken.append(index)

    with BackgroundSink(inner, "twin://", newest_wins=False) as sink:
        thread = threading.Thread(target=loop)
        thread.start()
        assert inner.entered.acquire(timeout=10)
        wait = sink._changed.wait
        sink._changed.wait = lambda timeout: (held.set(), wait(timeout))
        assert held.wait(10)
        assert taken == [0] and not sink._waiting  # one in hand, the next held back with the loop
        inner.let(9)
        thread.join(10)
    assert indices(inner) == list(range(9))
    assert sink.statistics()[:5] == ("twin://", 9, 0, 0, "")


@pytest.mark.parametrize(
    "error", (CatseyeError("no space"), RuntimeError("a bug"), OSError(5, "Input/output error"))
)
def test_a_failing_sink_is_tried_again_and_reported(error, monkeypatch, caplog):
    clock = [100.0]
    monkeypatch.setattr(background.time, "monotonic", lambda: clock[0])
    inner = Gated()
    inner.let(99)
    with BackgroundSink(inner, "twin://", newest_wins=False) as sink:

        def write(index):
            write_to(sink, frame_of(index=index))
            wait_until(lambda: sink.statistics().written + sink.statistics().lost == index + 1)

        write(0)
        inner.broken = error
        write(1)
        write(2)  # within the half second: not even tried
        assert (
            inner.calls == 2
            and sink.statistics().lost == 2
            and str(error) in sink.statistics().error
        )
        clock[0] += 0.6
        write(3)  # fails again: a second, now
        clock[0] += 0.6
        write(4)
        assert inner.calls == 3
        clock[0] += 0.6
        inner.broken = None
        write(5)
    assert indices(inner) == [0, 5]
    assert sink.statistics()[:5] == ("twin://", 2, 0, 4, "")
    # not one per try
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["sink twin"] * 2


def test_a_failing_sink_does_not_stop_the_others():
    broken, whole = Gated(), ListSink()
    broken.broken = CatseyeError("no space")
    broken.let(9)
    with BackgroundSink(broken, "a://", True) as one, BackgroundSink(whole, "b://", False) as other:
        for index in range(5):
            write_to(one, frame_of(index=index))
            write_to(other, frame_of(index=index))
    assert indices(whole) == [0, 1, 2, 3, 4] and one.statistics().written == 0


@pytest.mark.parametrize("newest_wins", (True, False))
def test_a_reader_that_has_enough_ends_the_run(newest_wins):
    class Enough(ListSink):
        def write(self, frame, result, report):
            raise EndRun()

    with BackgroundSink(Enough(), "twin://", newest_wins) as sink:
        with pytest.raises(EndRun):
            for index in range(100000):
                write_to(sink, frame_of(index=index))
    assert sink.statistics().lost == 0


class Told(Gated):
    """Keeps notices beside results, in order."""

    def notice(self, notice):
        if self.broken is not None:
            raise self.broken
        self.rows.append((notice,))


def test_a_notice_comes_after_the_results_before_it_and_is_none_of_them():
    inner, notices = Told(), [Notice("lost", n) for n in range(3)]
    with BackgroundSink(inner, "twin://", newest_wins=True) as sink:
        write_to(sink, frame_of(index=0))
        assert inner.entered.acquire(timeout=10)  # busy: only the newest notice waits
        for notice in notices:
            sink.notice(notice)
        inner.let(1)
        wait_until(lambda: len(inner.rows) == 2)
        sink.notice(notices[0])
        wait_until(lambda: len(inner.rows) == 3)
    assert inner.rows[1:] == [(notices[2],), (notices[0],)]
    assert sink.statistics()[:5] == ("twin://", 1, 0, 0, "")


def test_a_notice_is_dropped_when_the_camera_is_back():
    inner = Told()
    with BackgroundSink(inner, "twin://", newest_wins=True) as sink:
        write_to(sink, frame_of(index=0))
        assert inner.entered.acquire(timeout=10)
        sink.notice(Notice("lost", 0))
        write_to(sink, frame_of(index=1))
        inner.let(2)
    assert indices(inner) == [0, 1]


def test_a_notice_that_fails_is_no_lost_result_and_the_sink_is_left_alone_for_a_while():
    inner = Told()
    inner.broken = OSError("disk away")
    with BackgroundSink(inner, "twin://", newest_wins=True) as sink:
        sink.notice(Notice("lost", 0))
        wait_until(lambda: "disk away" in sink.statistics().error)
        inner.broken = None
        write_to(sink, frame_of())
    # within the half second: not even tried
    assert inner.calls == 0 and sink.statistics().lost == 1


def test_what_closing_raises_is_raised_in_the_loop():
    class Spoiled(ListSink):
        def close(self):
            raise CatseyeError("could not be finished")

    sink = BackgroundSink(Spoiled(), "twin://", True)
    write_to(sink, frame_of())
    with pytest.raises(CatseyeError, match="finished"):
        sink.close()
    sink.close()


def test_a_sink_that_hangs_is_left_behind(monkeypatch, caplog):
    monkeypatch.setattr(background, "HANGS_AFTER_S", 0.3)
    inner = Gated()
    sink = BackgroundSink(inner, "twin://", True)
    write_to(sink, frame_of())
    assert inner.entered.acquire(timeout=10)
    write_to(sink, frame_of(index=1))
    sink.close()
    assert sink.statistics()[1:5] == (0, 0, 2, "hangs") and "left behind" in caplog.text
    inner.let(2)


def of(camera, index):
    return frame_of(index=index)._replace(camera=camera)


def test_one_result_of_each_camera_waits_and_none_takes_anothers_place():
    inner = Told()
    with BackgroundSink(inner, "twin://", newest_wins=True, cameras=("a", "b", "dead")) as sink:
        write_to(sink, of("a", 0))
        assert inner.entered.acquire(timeout=10)  # busy with it
        write_to(sink, of("b", 0))
        for index in range(1, 6):
            write_to(sink, of("a", index))
        sink.notice(Notice("lost", 0, camera="dead"))  # which nobody's results hold up
        inner.let(3)
        wait_until(lambda: len(inner.rows) == 4)
    told = [row[0].camera + str(getattr(row[0], "index", "")) for row in inner.rows if len(row) > 1]
    assert told == ["a0", "b0", "a5"]
    assert [row[0].camera for row in inner.rows if len(row) == 1] == ["dead"]
    assert [row[2].facts.skipped for row in inner.rows if len(row) > 1] == [0, 0, 4]
    assert sink.statistics()[:5] == ("twin://", 3, 4, 0, "")


def test_results_of_cameras_that_a_sink_does_not_serve_pass_it_by():
    inner = Told()
    with BackgroundSink(inner, "a.mp4", newest_wins=False, cameras=("a",)) as sink:
        inner.let(1)
        for index in range(3):
            write_to(sink, of("b", index))
        sink.notice(Notice("lost", 0, camera="b"))
        write_to(sink, of("a", 7))
    assert indices(inner) == [7] and sink.statistics().written == 1
