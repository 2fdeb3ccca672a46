import pytest
from camera_loop import frame_of

from catseye.runtime.sinks.picture_times import LONGEST_STILL_S, SHORTEST_S, PictureTimes

SECOND_NS = 10**9


def shown(times, frames):
    return [round(times.take(frame), 4) for frame in frames]


def test_a_film_is_shown_in_its_own_time():
    at_ns = (0, 40_000_000, 60 * SECOND_NS)  # a still of a minute is the film's own
    frames = [frame_of(index=i)._replace(media_time_ns=ns) for i, ns in enumerate(at_ns)]
    assert shown(PictureTimes(25.0, keeps_time=False), frames) == [0.0, 0.04, 60.0]


def test_a_camera_by_its_captures_and_a_recording_too():
    for keeps_time, replayed in ((True, False), (False, True)):
        clock, other = ("timestamp_ns", "since_ns") if replayed else ("since_ns", "timestamp_ns")
        frames = [
            # the other one is set meanwhile
            frame_of(index=i)._replace(
                replayed=replayed, **{clock: 10**18 + i * SECOND_NS // 3, other: -(10**15) * i}
            )
            for i in range(3)
        ]
        times = PictureTimes(30.0, keeps_time)
        assert shown(times, frames) == pytest.approx([0.0, 1 / 3, 2 / 3], abs=1e-4)
        assert times.step_s == pytest.approx(1 / 3)


def test_pictures_have_the_pace():
    times = PictureTimes(10.0, keeps_time=False)
    assert times.step_s == 0.1
    assert shown(times, [frame_of(index=i) for i in range(3)]) == [0.0, 0.1, 0.2]


@pytest.mark.parametrize("jump_s, step_s", [(-3600, SHORTEST_S), (3600, LONGEST_STILL_S)])
def test_a_clock_that_is_set_does_not_tear_the_video(jump_s, step_s):
    times, at_ns = PictureTimes(10.0, keeps_time=True), 10**18
    times.take_at(at_ns)
    assert times.take_at(at_ns + jump_s * SECOND_NS) == step_s
    assert times.take_at(at_ns + jump_s * SECOND_NS + SECOND_NS) == pytest.approx(step_s + 1)
