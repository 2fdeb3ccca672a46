import subprocess
import sys

import pytest

BUSY = """
import atexit, sys, threading
import cv2, numpy as np
from catseye.runtime.system.process_end import end_process

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
end_process(%d)
"""


@pytest.mark.parametrize("code", (0, 2))
def test_a_thread_in_opencv_does_not_abort_a_program_that_ends(code):
    for _ in range(3):  # without it, each of them ends with SIGABRT
        ended = subprocess.run([sys.executable, "-c", BUSY % code], capture_output=True, text=True)
        assert (ended.returncode, ended.stderr) == (code, "")
        assert ended.stdout.split("\n")[:3] == ["done", "waited for", "at exit"]


POOL = """
import atexit, concurrent.futures, sys
from catseye.runtime.system.process_end import end_process

pool = concurrent.futures.ThreadPoolExecutor(1)
print("left open", pool.submit(int, "7").result(), end="")
sys.stderr = None
end_process(3)
"""


def test_what_python_waits_for_at_its_end_is_waited_for_and_written():
    ended = subprocess.run(
        [sys.executable, "-c", POOL], stdout=subprocess.PIPE, text=True, timeout=60
    )
    assert (ended.returncode, ended.stdout) == (3, "left open 7")


def test_nothing_is_taken_apart():
    script = (
        "from catseye.runtime.system.process_end import *\n"
        "class Kept:\n    def __del__(self): print('taken apart')\n"
        "kept = Kept()\nend_process(0)"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
