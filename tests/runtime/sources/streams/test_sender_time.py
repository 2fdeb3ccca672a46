"""Pictures of a sender whose clock is known, handed out as FFmpeg does."""

import random

import pytest

from catseye.runtime.clock.moment import ARRIVED, CAPTURED, Moment
from catseye.runtime.sources.streams.sender_time import LEAST, SenderReport, SenderTime

WALL_NS, STEP = 1_700_000_000 * 10**9, 3600  # 25 pictures a second
BEGIN = 2**32 - 40 * STEP  # of the RTP clock


def ages_s(codec, late_s, behind, clock_off_s=0.0, pictures=80, seed=1):
    """How old each picture is said to be, None where that is its arrival. behind: packets that are
    there before a picture is handed out, at least; now and then one more has come."""
    random_, times, told = random.Random(seed), SenderTime(codec), []
    report = SenderReport(WALL_NS + int(clock_off_s * 1e9), BEGIN)
    for index in range(pictures):
        captured_ns = WALL_NS + index * 40_000_000
        arrived = Moment(captured_ns + int(late_s * 1e9), index)
        newest = BEGIN + (index + behind + (random_.random() < 0.3)) * STEP
        moment = times.taken(1234.0 + index * 40, newest, report if index > 30 else None, arrived)
        known = moment.clock == CAPTURED
        told.append((arrived.wall_ns - moment.wall_ns) / 1e9 if known else None)
    return told


@pytest.mark.parametrize("codec, behind", (("", 0), ("h264", 1), ("h265", 1)))
@pytest.mark.parametrize("late_s", (0.0, 0.12, 3.0))
def test_a_picture_is_as_old_as_the_senders_clock_says(codec, behind, late_s):
    told = ages_s(codec, late_s, behind)
    assert told[:31] == [None] * 31  # no report yet
    assert told[31:] == pytest.approx([late_s] * 49, abs=1e-3)


def test_a_decoder_that_waits_for_nothing_makes_pictures_older_by_one_and_none_younger():
    assert ages_s("h264", 0.5, behind=0)[31:] == pytest.approx([0.54] * 49, abs=1e-3)


@pytest.mark.parametrize("clock_off_s", (3600.0, -3600.0, 1.0))
def test_a_clock_that_nobody_has_set_is_not_believed(clock_off_s):
    assert ages_s("", 0.1, 0, clock_off_s) == [None] * 80


def test_at_first_and_without_packets_nothing_is_known():
    times, arrived = SenderTime(""), Moment(WALL_NS, 0)
    report = SenderReport(WALL_NS, BEGIN)
    assert times.taken(0.0, None, report, arrived) is arrived
    clocks = []
    for n in range(12):
        arrived = Moment(WALL_NS + n * 40_000_000, n)
        clocks.append(times.taken(40.0 * n, BEGIN + n * STEP, report, arrived).clock)
    assert clocks == [ARRIVED] * (LEAST - 1) + [CAPTURED] * (13 - LEAST)
