import subprocess
import sys

import pytest

BUSY = """
import atexit, sys, threading
import cv2, numpy as np
from catseye.runtime.system.process_end import end_beside_threads

picture, busy = np.zeros((900, 900, 3), np.uint8), threading.Event()

def look():
    while True:
        cv2.GaussianBlur(picture, (31, 31), 0)
        busy.set()

threading.Thread(target=look, daemon=True).start()
busy.wait()
threading.Timer(0.1, print, ["waited for"]).start()
atexit.register(print, "at exit")
print("done")
end_beside_threads(%d)
"""


@pytest.mark.parametrize("code", (0, 2))
def test_a_thread_in_opencv_does_not_abort_a_program_that_ends(code):
    for _ in range(3):  # without it, each of them ends with SIGABRT
        ended = subprocess.run([sys.executable, "-c", BUSY % code], capture_output=True, text=True)
        assert (ended.returncode, ended.stderr) == (code, "")
        assert ended.stdout.split("\n")[:3] == ["done", "waited for", "at exit"]


def test_without_such_threads_python_ends_as_ever():
    script = "from catseye.runtime.system.process_end import *; end_beside_threads(3); print('on')"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (0, "on\n")
