"""What is said of each result, counted frame by frame."""

import numpy as np

from catseye.runtime.account import Account
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.sources import open_source
from catseye.runtime.timing import StageTimers


def test_frames_that_passed_by_and_ages_are_counted():
    with open_source("synthetic://road?frames=1") as source:
        account = Account(source, StageTimers(), budget_ms=1000)
        told = []
        for index, age_s in ((0, 0.0), (3, 0.0), (4, 5.0)):
            image = np.full((8, 8, 3), 40 * index, np.uint8)
            frame = Frame(image, index, now_ns() - int(age_s * 1e9))
            told.append(account.facts(frame, account.health_of(frame)))
    assert [facts.skipped for facts in told] == [0, 2, 0]
    assert [facts.stale for facts in told] == [False, False, True]
    assert told[-1].skipped_in_all == 2 and account.budget.stale == 1
    assert sum(account.verdicts.values()) == 3
