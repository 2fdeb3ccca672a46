"""What is said at any moment, under stalls at random: never `ok` for what is older than its
budget, nor without a camera."""

import random

import pytest
from camera_loop import frame_of, report_for, result_for

from catseye.runtime.control.state import BLIND, OK, STALE, UNSURE, State
from catseye.runtime.control.watchdog import Newest, Watchdog
from catseye.runtime.sources.faults import Notice

MS = 10**6


def newest(since_ns, budget_ms=100.0, trust=State(OK), camera=""):
    frame = frame_of()._replace(camera=camera)
    result = result_for(frame)
    facts = report_for(frame, result, since_ns=since_ns, budget_ms=budget_ms, trust=trust).facts
    return Newest(frame, facts, result.as_json)


def test_a_result_grows_old_while_nobody_brings_another():
    watchdog = Watchdog([""])
    assert watchdog.statement("", 0).state == State(BLIND, "no picture yet")
    watchdog.result(newest(5 * MS))
    young, old = watchdog.statement("", 105 * MS), watchdog.statement("", 105 * MS + 1000)
    assert (young.state.word, young.age_ms, young.until_ns) == (OK, 100, 105 * MS)
    assert old.state == State(STALE, "older than 100 ms") and old.until_ns is None
    assert young.is_usable and not old.is_usable


def test_no_camera_is_blind_until_there_is_a_result():
    watchdog = Watchdog(["front", "left"])
    watchdog.result(newest(0, camera="front"))
    watchdog.result(newest(0, camera="left", trust=State(UNSURE, "dark")))
    watchdog.notice(Notice("lost", 0, camera="front"))
    assert watchdog.statement("front", MS).state.word == BLIND
    assert "lost" in watchdog.statement("front", MS).state.why
    assert watchdog.statement("left", MS).state == State(UNSURE, "dark")
    watchdog.result(newest(2 * MS, camera="front"))
    assert watchdog.statement("front", 3 * MS).state.word == OK


@pytest.mark.parametrize("seed", range(20))
def test_nothing_older_than_the_budget_is_ever_ok(seed):
    rng, watchdog, now_ns = random.Random(seed), Watchdog([""]), 10**12
    budget_ms = rng.choice((5.0, 50.0, 500.0))
    said, gone, last = [], True, None
    for _ in range(2000):
        # mostly the pace of a camera, at times a stall of any length
        now_ns += int(MS * rng.choice((1, 5, 30, rng.expovariate(1 / 200), rng.random() * 5000)))
        event = rng.random()
        if event < 0.4:
            late_ns = int(MS * rng.choice((0, 10, rng.expovariate(1 / 100))))
            last = newest(now_ns - late_ns, budget_ms, State(rng.choice((OK, OK, UNSURE)), "x"))
            watchdog.result(last)
            gone = False
        elif event < 0.5:
            watchdog.notice(Notice("lost", 0))
            gone = True
        statement = watchdog.statement("", now_ns)
        said.append(statement.state.word)
        age_ms = None if last is None else (now_ns - last.facts.since_ns) / 1e6
        if statement.is_usable:
            assert not gone and age_ms <= budget_ms
            assert statement.until_ns - last.facts.since_ns == budget_ms * MS
        if gone:
            assert statement.state.word == BLIND
        elif age_ms > budget_ms:
            assert statement.state.word == STALE
    assert set(said) == {OK, UNSURE, STALE, BLIND}
