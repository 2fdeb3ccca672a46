"""Waits that no step of the wall clock makes longer: what takes the place of threading's before
Python 3.11, which is looked at whatever Python runs here; and under an old one, where there is one,
with a wall clock that is set back by an hour meanwhile."""

import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest
from camera_loop import wait_until
from house import ROOT

from catseye.runtime.clock import waits

MODULE = str(ROOT / "runtime" / "clock" / "waits.py")
# the C library's word for an hour later: a time-out that is reckoned from it ends an hour too late,
# as where the clock is set back by an hour while it runs
AN_HOUR_LATER = """
#define _GNU_SOURCE
#include <sys/time.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *at) {
    int rc = syscall(SYS_clock_gettime, id, at);
    if (id == CLOCK_REALTIME) at->tv_sec += 3600;
    return rc;
}
int gettimeofday(struct timeval *at, void *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec; at->tv_usec = now.tv_nsec / 1000;
    return 0;
}
"""
LOADED = (
    "import importlib.util as u, threading; s = u.spec_from_file_location('w', %r);"
    "w = u.module_from_spec(s); s.loader.exec_module(w);" % MODULE
)
OURS = (
    "assert not w.Event().wait(0.1); s = w.Semaphore(1); s.acquire();"
    "assert not s.acquire(timeout=0.1); c = w.Condition(); c.acquire(); assert not c.wait(0.1);"
    "t = threading.Thread(target=w.Event().wait, args=(30,), daemon=True); t.start();"
    "assert not w.joined(t, 0.1); print('in time')"
)
THEIRS = "threading.Event().wait(0.1); print('in time')"


def test_a_ring_ends_a_wait():
    condition, seen = waits.BellCondition(), []

    def wait() -> None:
        with condition:
            seen.append("waits")
            seen.append(condition.wait(30))

    thread = threading.Thread(target=wait)
    thread.start()
    wait_until(lambda: seen == ["waits"])
    with condition:
        condition.notify()
    thread.join(10)
    assert seen == ["waits", True]


def test_all_who_wait_are_rung_and_a_late_ring_is_forgotten():
    condition, answers = waits.BellCondition(), []

    def wait() -> None:
        with condition:
            answers.append(None)
            answers[answers.index(None)] = condition.wait(30)
            answers.append(condition.wait(0))  # no ring is left over from the first

    threads = [threading.Thread(target=wait) for _ in range(4)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(condition._waiters) == 4)
    with condition:
        condition.notify_all()
    for thread in threads:
        thread.join(10)
    assert sorted(answers) == [False] * 4 + [True] * 4


def test_a_wait_ends_when_its_time_has_passed():
    condition = waits.BellCondition()
    begun_s = time.monotonic()
    with condition:
        assert not condition.wait(0.05) and not condition.wait(0) and not condition.wait(-1)
    assert time.monotonic() - begun_s >= 0.05
    assert not condition._waiters


def test_an_event_is_set_for_who_waits_and_who_comes_later():
    event = waits.BellEvent()
    assert not event.wait(0.01)
    thread = threading.Thread(target=event.set)
    thread.start()
    assert event.wait(30) and event.wait(0) and event.is_set()
    thread.join()


def test_a_semaphore_counts():
    semaphore = waits.BellSemaphore(1)
    assert semaphore.acquire() and not semaphore.acquire(timeout=0.01)
    threading.Thread(target=semaphore.release).start()
    assert semaphore.acquire(timeout=30)


def test_a_timer_goes_off_unless_it_is_told_not_to():
    gone_off, never = waits.BellEvent(), waits.BellEvent()
    timer, other = waits.BellTimer(0.01, gone_off.set), waits.BellTimer(30, never.set)
    timer.start(), other.start()
    other.cancel()
    assert gone_off.wait(30) and waits.joined(other, 30) and not never.is_set()


def test_a_thread_that_does_not_end_is_not_waited_for():
    go = threading.Event()
    thread = threading.Thread(target=go.wait)
    thread.start()
    assert not waits.joined(thread, 0.02)
    go.set()
    assert waits.joined(thread, 30)


@pytest.fixture(scope="module")
def clock_set_back(tmp_path_factory):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler for the clock that is set")
    folder = tmp_path_factory.mktemp("clock")
    (folder / "clock.c").write_text(AN_HOUR_LATER)
    library = str(folder / "clock.so")
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", library, str(folder / "clock.c")], check=True
    )
    return library


def python_of(version: str) -> str:
    """Of the path, or one that pyenv has made."""
    made = Path.home().glob(".pyenv/versions/%s.*/bin/python%s" % (version, version))
    for python in [shutil.which("python" + version), *map(str, sorted(made))]:
        if python and not subprocess.run([python, "-V"], capture_output=True).returncode:
            return python
    pytest.skip("no Python " + version)


@pytest.mark.parametrize("version", ("3.6", "3.8", "3.10", "3.12"))
def test_a_clock_that_is_set_back_by_an_hour_makes_no_wait_longer(clock_set_back, version):
    python = python_of(version)
    environment = {"LD_PRELOAD": clock_set_back, "PATH": "/usr/bin:/bin"}

    def said(code: str, seconds: float) -> bytes:
        try:
            done = subprocess.run(
                [python, "-c", LOADED + code], env=environment, timeout=seconds, capture_output=True
            )
        except subprocess.TimeoutExpired:
            return b"waits"
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert said(OURS, 30) == b"in time"
    if version == "3.6":  # threading's own do not: the test would tell
        assert said(THEIRS, 1.0) == b"waits"
