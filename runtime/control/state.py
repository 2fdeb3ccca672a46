"""May this be steered by? One word, and why: `ok`, `unsure`, `stale` or `blind`.

Knows ages, health and doubt; not what is in a picture, nor who is told.
"""

from typing import NamedTuple, Optional, Tuple

from catseye.runtime.health.frame_quality import OK as HEALTHY
from catseye.runtime.health.frame_quality import Health

OK = "ok"  # a picture in good health, a result that is sure, younger than the budget
UNSURE = "unsure"  # young enough, but the picture or the result is not to be trusted
STALE = "stale"  # the newest result is older than the budget
BLIND = "blind"  # there is no camera, or there was no picture yet
STATES = (BLIND, STALE, UNSURE, OK)  # from the worst on; their places are what goes over CAN

# what a result may be old where nobody says: half a second, seven metres at 50 km/h
USUAL_BUDGET_MS = 500.0


class State(NamedTuple):
    """word: one of STATES.  why: in a few words, "" for ok."""

    word: str
    why: str = ""


NO_PICTURE = State(BLIND, "no picture yet")


def limit_ms(budget_ms: Optional[float]) -> float:
    """How old a result may be; budget_ms: None, the usual one."""
    return USUAL_BUDGET_MS if budget_ms is None else budget_ms


def state_of_age(age_ms: float, budget_ms: Optional[float], young: State) -> State:
    """What a result is at an age: `young`, until it is older than the budget."""
    if age_ms > limit_ms(budget_ms):
        return State(STALE, "older than %g ms" % limit_ms(budget_ms))
    return young


def state_when_young(health: Optional[Health], doubt: str, failing: Tuple[str, ...] = ()) -> State:
    """What a result is whatever its age.

    doubt: why the result is not sure, "" where it is.  failing: outputs to a controller that fail.
    """
    if health is not None and health.verdict != HEALTHY:
        return State(UNSURE, health.verdict)
    if doubt:
        return State(UNSURE, doubt)
    if failing:
        return State(UNSURE, failing[0] + " fails")
    return State(OK)
