"""What is said of each result, counted frame by frame."""

import numpy as np

from catseye.runtime.account import Account
from catseye.runtime.clock.moment import monotonic_ns
from catseye.runtime.frame import Frame
from catseye.runtime.sources import open_source
from catseye.runtime.timing import StageTimers


def test_frames_that_passed_by_and_ages_are_counted():
    with open_source("synthetic://road?frames=1") as source:
        account = Account(source, StageTimers(), budget_ms=1000)
        told = []
        for index, age_s in ((0, 0.0), (3, 0.0), (4, 5.0)):
            image = np.full((8, 8, 3), 40 * index, np.uint8)
            since_ns = monotonic_ns() - int(age_s * 1e9)
            frame = Frame(image, index, 0, since_ns=since_ns)
            told.append(account.facts(frame, account.health_of(frame)))
    assert [facts.skipped for facts in told] == [0, 2, 0]
    assert [facts.stale for facts in told] == [False, False, True]
    assert told[-1].skipped_in_all == 2 and account.budget.stale == 1
    assert sum(account.verdicts.values()) == 3


def test_a_frame_that_nobody_stamped_is_as_old_as_its_way_through_the_loop():
    with open_source("synthetic://road?frames=1") as source:
        account = Account(source, StageTimers())
        frame = Frame(np.zeros((8, 8, 3), np.uint8), 0, 10**18)
        before = monotonic_ns()
        health = account.health_of(frame)
        facts = account.facts(frame, health)
    assert before <= facts.since_ns <= monotonic_ns() and facts.clock == "arrived"
    assert 0 < facts.age_ms < 60000
