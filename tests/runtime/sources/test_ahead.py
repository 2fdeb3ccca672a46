import threading

import pytest
from camera_loop import frame_of, wait_until

from catseye.runtime.sources.ahead import frames_ahead
from catseye.runtime.sources.base import Source


class CountingSource(Source):
    def __init__(self, frames, error=None):
        self.frames, self.error, self.asked, self.threads = frames, error, 0, set()

    def __iter__(self):
        for frame in self.frames:
            self.asked += 1
            self.threads.add(threading.current_thread().name)
            yield frame
        if self.error:
            raise self.error


FRAMES = [frame_of(index=index) for index in range(20)]


def test_every_frame_in_order_from_another_thread():
    source = CountingSource(FRAMES)
    with frames_ahead(source, None) as frames:
        assert [frame.index for frame in frames] == list(range(20))
    assert source.threads == {"ahead"}


def test_never_more_than_one_waits():
    source = CountingSource(FRAMES)
    with frames_ahead(source, None) as frames:
        next(frames)
        wait_until(lambda: source.asked == 2)  # one is taken, one waits
        assert not threading.Event().wait(0.1) and source.asked == 2
    assert source.asked == 2  # and the block's end ended the reading


def test_a_limit_reads_nothing_beyond_it():
    source = CountingSource(FRAMES)
    with frames_ahead(source, 4) as frames:
        assert len(list(frames)) == 4
    assert source.asked == 4


def test_an_error_comes_after_the_frames_before_it():
    taken, source = [], CountingSource(FRAMES, ValueError("torn"))
    with pytest.raises(ValueError, match="torn"), frames_ahead(source, None) as frames:
        for frame in frames:
            taken.append(frame)
    assert len(taken) == 20


def test_a_files_frame_is_as_old_as_its_taking_and_a_captures_time_is_kept():
    source = CountingSource(FRAMES[:3])
    with frames_ahead(source, None) as frames:
        assert all(frame.timestamp_ns > FRAMES[-1].timestamp_ns for frame in frames)
    source = CountingSource(FRAMES[:3])
    source.keeps_time = True
    with frames_ahead(source, None) as frames:
        assert [frame.timestamp_ns for frame in frames] == [
            frame.timestamp_ns for frame in FRAMES[:3]
        ]


def test_a_live_source_needs_no_second_thread():
    source = CountingSource(FRAMES)
    source.live = True
    with frames_ahead(source, 2) as frames:
        assert len(list(frames)) == 2
    assert source.threads == {threading.current_thread().name}
