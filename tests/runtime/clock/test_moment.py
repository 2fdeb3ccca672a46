"""What is believed of a stamp, and that nothing here asks the wall clock how long something
took."""

import ast
import functools
import time

import pytest
from house import ROOT, modules

from catseye.runtime.clock.moment import ARRIVED, CAPTURED, Moment, monotonic_ns, now

# where the time of day is what is wanted: for people and files, and to tell that it is wrong
ASK_THE_WALL = {
    "catseye.runtime.clock.moment",
    "catseye.runtime.frame",
    "catseye.jetson.checks.system",
}
WAITS = "catseye.runtime.clock.waits"
BY_THE_WALL = {"Condition", "Event", "Semaphore", "BoundedSemaphore", "Timer", "Barrier"}


@pytest.mark.parametrize(
    "under_way_s, clock",
    ((0, CAPTURED), (0.25, CAPTURED), (60, CAPTURED), (61, ARRIVED), (-1, ARRIVED)),
)
def test_a_capture_is_as_long_ago_on_both_clocks(under_way_s, clock):
    arrived = Moment(10**18, 10**12)
    taken = arrived.captured_before(int(under_way_s * 1e9))
    ago_ns = int(under_way_s * 1e9) if clock == CAPTURED else 0
    assert taken == Moment(10**18 - ago_ns, 10**12 - ago_ns, clock)


def test_a_clock_that_is_a_little_ahead_makes_no_picture_younger_than_its_arrival():
    arrived = Moment(10**18, 10**12)
    assert arrived.captured_before(-(10**7)) == arrived._replace(clock=CAPTURED)


def test_now_is_now():
    before = monotonic_ns()
    moment = now()
    assert before <= moment.monotonic_ns <= monotonic_ns() and moment.clock == ARRIVED
    assert abs(moment.wall_ns / 1e9 - time.time()) < 60


@functools.lru_cache(maxsize=None)
def tree_of(name: str) -> ast.Module:
    return ast.parse(modules()[name].read_text())


def asked_of(name: str) -> "set[str]":
    """`time.time`, `threading.Event` and the like that a module of ours names."""
    tree = tree_of(name)
    return {
        "%s.%s" % (node.value.id, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


def of_the_board() -> "list[str]":
    rooms = ("runtime", "jetson", "catseye")
    return [name for name, path in modules().items() if path.relative_to(ROOT).parts[0] in rooms]


def test_the_wall_clock_is_asked_for_the_time_of_day_only():
    wall = {"time.time", "datetime.now", "time.clock"}
    assert {name for name in of_the_board() if asked_of(name) & wall} == ASK_THE_WALL


def test_nothing_waits_by_the_wall_clock():
    """Nor does what is built on them: queues with time-outs."""
    waits = {"threading." + name for name in BY_THE_WALL}
    assert {name for name in of_the_board() if asked_of(name) & waits} == {WAITS}
    for name in of_the_board():
        for node in ast.walk(tree_of(name)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                words = {word.arg for word in node.keywords}
                assert not (node.func.attr in ("get", "put", "join") and "timeout" in words), name
                if node.func.attr == "join" and "thread" in ast.dump(node.func.value).lower():
                    assert not node.args or name == WAITS, name
