"""What the .mp4 sink writes, in a real browser: played from the first picture to the last."""

import functools
import http.server
import sys
import threading
from pathlib import Path

import pytest
from camera_loop import frame_of, write_to

from catseye.runtime.coding.h264 import h264_encoder
from catseye.runtime.sinks import open_sink

sys.path.append(str(Path(__file__).parent / "http"))
from browser import Browser, chromium  # noqa: E402

pytestmark = [
    pytest.mark.skipif(chromium() is None, reason="needs Chromium (Debian package chromium)"),
    pytest.mark.skipif(h264_encoder() is None, reason="PyAV is not installed"),
]

SHOWN_S = (0.0, 0.1, 0.4, 0.5, 1.1, 1.3)  # rates vary
GREY = (
    "(() => {const c = document.createElement('canvas'), v = document.querySelector('video');"
    "c.width = c.height = 8; const x = c.getContext('2d'); x.drawImage(v, 0, 0, 8, 8);"
    "return x.getImageData(4, 2, 1, 1).data[0]})()"
)


@pytest.fixture
def served(tmp_path):
    """The address of a folder with a page, and the video that it shows."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "page.html").write_text('<video src="out.mp4" muted preload="auto"></video>')
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield "http://127.0.0.1:%d/page.html" % server.server_port, folder / "out.mp4"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_browser_plays_it_in_the_time_it_took(tmp_path, served):
    address, path = served
    with open_sink(str(path), 10.0, keeps_time=True) as sink:
        for index, at_s in enumerate(SHOWN_S):
            frame = frame_of(40 * index, index, size_wh=(320, 240))
            ns = int(at_s * 1e9)
            write_to(sink, frame._replace(timestamp_ns=10**18 + ns, since_ns=10**12 + ns))
    with Browser(tmp_path / "profile", tmp_path) as browser:
        browser.open(address)
        browser.until("document.querySelector('video').readyState >= 2")
        assert browser.value("document.querySelector('video').videoWidth") == 320
        browser.value("document.querySelector('video').play()")
        browser.until("document.querySelector('video').ended")
        # a piece of the file ends as long after its last picture as that came after the one before
        assert SHOWN_S[-1] < browser.value("document.querySelector('video').duration") < 1.75
        assert browser.value(GREY) == pytest.approx(255 - 40 * (len(SHOWN_S) - 1), abs=8)
        assert browser.errors == [] or "favicon" in str(browser.errors)
