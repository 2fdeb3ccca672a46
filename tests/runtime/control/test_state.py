from catseye.runtime.control.state import (
    BLIND,
    OK,
    STALE,
    STATES,
    UNSURE,
    State,
    limit_ms,
    state_of_age,
    state_when_young,
)
from catseye.runtime.health.frame_quality import Health


def test_the_words_are_in_order_of_trust():
    assert STATES == ("blind", "stale", "unsure", "ok")


def test_ok_ends_with_the_budget():
    assert state_of_age(100.0, 100.0, State(OK)) == State(OK)
    assert state_of_age(100.1, 100.0, State(OK)) == State(STALE, "older than 100 ms")
    assert state_of_age(501.0, None, State(OK)).word == STALE and limit_ms(None) == 500
    assert state_of_age(501.0, 501.0, State(UNSURE, "dark")) == State(UNSURE, "dark")


def test_what_is_young_is_sure_where_nothing_speaks_against_it():
    good, dark = Health("ok", 0.1, {}), Health("dark", 0.9, {})
    assert state_when_young(good, "", ()) == state_when_young(None, "", ()) == State(OK)
    assert state_when_young(dark, "doubtful", ("can://can0",)) == State(UNSURE, "dark")
    assert state_when_young(good, "doubtful", ()) == State(UNSURE, "doubtful")
    assert state_when_young(good, "", ("can://can0",)) == State(UNSURE, "can://can0 fails")
    assert BLIND not in {state_when_young(good, "", ()).word}
