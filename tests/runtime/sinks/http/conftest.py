"""Makes the helpers beside this file importable, and opens pages."""

import sys
import threading
from pathlib import Path

import pytest
from camera_loop import about_of

from catseye.runtime.sinks import open_sink

sys.path.append(str(Path(__file__).parent))


@pytest.fixture
def open_page(tmp_path):
    """Opens sinks that are closed in the end; `open_page("127.0.0.1:0")`."""
    sinks = []

    def opened(rest="127.0.0.1:0", cameras=("",)):
        mark = "&" if "?" in rest else "?"
        uri = "http://%s%srecord=%s" % (rest, mark, tmp_path / "recordings")
        sink = open_sink(uri, 25.0, cameras=cameras)
        sinks.append(sink)
        sink.begin(about_of(device='a "chip"'))
        return sink

    yield opened
    for sink in sinks:
        sink.close()


@pytest.fixture
def again_and_again():
    """Calls `show(index)` every so many seconds, in a thread, until the test ends."""
    ended, threads = threading.Event(), []

    def begin(show, every_s):
        def run():
            index = 0
            while not ended.wait(every_s):
                show(index)
                index += 1

        threads.append(threading.Thread(target=run))
        threads[-1].start()

    yield begin
    ended.set()
    for thread in threads:
        thread.join()
