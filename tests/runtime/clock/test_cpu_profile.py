import sys
import threading
import time

import pytest

from catseye.runtime.clock.cpu_profile import ENDED, LOOP, OF_LIBRARIES, CpuProfile

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux's /proc")


def spend(seconds):
    """Processor time of this thread, however busy the machine is."""
    end_s = time.clock_gettime(time.CLOCK_THREAD_CPUTIME_ID) + seconds
    while time.clock_gettime(time.CLOCK_THREAD_CPUTIME_ID) < end_s:
        sum(range(1000))


@pytest.mark.skipif(sys.version_info < (3, 8), reason="Python tells no thread's number before 3.8")
def test_each_thread_has_what_it_spent():
    profile, asked, done = CpuProfile(), threading.Event(), threading.Event()

    def other():
        spend(0.06)
        done.set()
        asked.wait()

    thread = threading.Thread(target=other, name="sink out.mp4")
    profile.begin()
    timers = profile.timers()
    thread.start()
    with timers.measure("infer"):
        spend(0.04)
    done.wait()
    profile.end()
    asked.set()
    thread.join()
    shares = profile.shares(10)
    assert shares.frames == 10
    assert shares.threads_ms["sink out.mp4"] == pytest.approx(6.0, abs=2.5)
    assert shares.threads_ms[LOOP] == pytest.approx(4.0, abs=2.5)
    assert shares.stages_ms["infer"] == pytest.approx(4.0, abs=0.5)
    assert shares.stages_ms["write"] == 0.0 and "capture" not in shares.stages_ms
    assert shares.total_ms == pytest.approx(10.0, abs=3.0)
    assert list(shares.threads_ms.values()) == sorted(shares.threads_ms.values(), reverse=True)


def test_a_thread_that_ended_is_counted_and_what_was_before_is_not():
    spend(0.05)
    profile = CpuProfile()
    profile.begin()
    thread = threading.Thread(target=spend, args=(0.05,))
    thread.start()
    thread.join()
    profile.end()
    shares = profile.shares(1)
    # the kernel may still know it, but nobody its name
    unnamed_ms = sum(shares.threads_ms.get(name, 0.0) for name in (ENDED, OF_LIBRARIES))
    assert unnamed_ms == pytest.approx(50, abs=25)
    assert shares.total_ms == pytest.approx(50, abs=25)


def test_it_looks_now_and_then(monkeypatch):
    profile, looked = CpuProfile(), []
    monkeypatch.setattr(CpuProfile, "end", lambda self: looked.append(1))
    for _ in range(5):
        profile.look()
    assert len(looked) == 5  # until it has looked
    monkeypatch.undo()
    profile.end()
    monkeypatch.setattr(CpuProfile, "end", lambda self: looked.append(2))
    profile.look()
    assert 2 not in looked
