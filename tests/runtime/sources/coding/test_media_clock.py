from catseye.runtime.sources.coding.media_clock import MediaClock

MS = 1000000


def times_ms(clock, reported):
    return [clock.next_ns(each) / MS for each in reported]


def test_a_rate_that_varies_is_kept():
    clock = MediaClock(10.0)
    assert times_ms(clock, (0, 100, 200, 500, 800)) == [0, 100, 200, 500, 800]
    assert clock.end_s == 1.1


def test_zeros_at_the_end_go_on_by_the_last_step():
    """As OpenCV 4.5.5 and 4.6 report the last frames of a film with B frames."""
    assert times_ms(MediaClock(25.0), (0, 40, 80, 0, 0)) == [0, 40, 80, 120, 160]


def test_no_time_at_all_is_the_frame_rate():
    assert times_ms(MediaClock(20.0), (0, 0, 0)) == [0, 50, 100]
    assert times_ms(MediaClock(20.0), (0, float("nan"), float("inf"))) == [0, 50, 100]


def test_a_part_begins_where_the_one_before_ends():
    clock = MediaClock(10.0)
    times_ms(clock, (0, 300))
    clock.begin_part()
    assert times_ms(clock, (0, 100, 150)) == [600, 700, 750]
