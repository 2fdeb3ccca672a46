import os
import signal

import pytest

from catseye.runtime.system.signals import (
    Terminated,
    ended_by_signals,
    terminated_like_interrupted,
)


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM))
def test_the_first_signal_asks_and_the_second_interrupts(number):
    asked = []
    with pytest.raises(KeyboardInterrupt), ended_by_signals(lambda: asked.append(1)):
        os.kill(os.getpid(), number)
        assert asked == [1]
        os.kill(os.getpid(), number)
        signal.pause()


def test_handlers_are_put_back():
    before = signal.getsignal(signal.SIGTERM)
    with ended_by_signals(lambda: None):
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_sigterm_is_heard_like_ctrl_c():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Terminated), terminated_like_interrupted():
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    assert signal.getsignal(signal.SIGTERM) == before and issubclass(Terminated, KeyboardInterrupt)
