"""A run with secrets in every address, in a process of its own: nothing that it prints, writes,
serves or lists holds one."""

import itertools
import json
import subprocess
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest

from catseye.__main__ import main
from catseye.runtime.recording.log import LogReader

SECRET = "Zq7"  # a part of each of them
TOKEN = "%s-0123456789abcdef" % SECRET


class Stream(BaseHTTPRequestHandler):
    """Motion JPEG until the reader leaves."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        for level in itertools.cycle((90, 200)):
            picture = np.full((48, 64, 3), level, np.uint8)
            jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
            head = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
            try:
                self.wfile.write(head + jpeg + b"\r\n")
            except OSError:
                return
            threading.Event().wait(0.02)

    def log_message(self, *_):
        pass


@pytest.fixture
def camera():
    """The address of a camera, with a password and a token in its query."""
    server = HTTPServer(("127.0.0.1", 0), Stream)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    form = "http://me:%s%%2F%%40@127.0.0.1:%d/video?usr=me&pwd=%s&api_key=%s"
    yield form % (SECRET, server.server_port, SECRET, SECRET)
    server.shutdown()
    server.server_close()


def read(url):
    return urllib.request.urlopen(url, timeout=10).read().decode()


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="asks Linux what ps shows")
def test_no_secret_of_a_run_is_seen_anywhere(tiny_model, camera, tmp_path):
    rows, log = tmp_path / "rows.jsonl", tmp_path / "log.mcap"
    words = [sys.executable, "-m", "catseye", "run", tiny_model, "--json", "--source", camera]
    for sink in ("jsonl://%s" % rows, "record://%s" % log, "http://127.0.0.1:0?token=" + TOKEN):
        words += ["--sink", sink]
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "the page is at" in line:
            break
    url = lines[-1].split()[-1].partition("?")[0]
    while not json.loads(read(url + "stats?token=" + TOKEN))["frames"]:
        pass
    seen = [read(url + path + "?token=" + TOKEN) for path in ("", "stats", "metrics")]
    seen.append(Path("/proc/%d/cmdline" % process.pid).read_text())
    process.terminate()
    seen += process.communicate(timeout=60)
    seen += [*lines, rows.read_text(), log.read_bytes().decode("latin-1")]
    reader = LogReader(str(log))
    seen += [str(reader.metadata), *(str(entry.row) for entry in reader)]
    assert process.returncode == 0
    assert [text for text in seen if SECRET in text] == []
    port = camera.split(":")[3].partition("/")[0]
    shown = "http://me:***@127.0.0.1:%s/video?usr=me&pwd=***&api_key=***" % port
    assert json.loads(rows.read_text().splitlines()[0])["source"] == shown


@pytest.mark.parametrize(
    "words",
    (
        ["run", "MODEL", "--source", "rtsp://me:%s@127.0.0.1:9/x?password=%s"],
        ["run", "MODEL", "--source", "RTSP://me:%s/@127.0.0.1:9/x"],
        ["run", "MODEL", "--source", "http://me:%s@127.0.0.1:9/x?token=%s"],
        ["run", "MODEL", "--source", "me:%s@127.0.0.1/x"],
        ["run", "MODEL", "--source", "rtsp://me:%s@h/x#speed=1"],
        ["run", "MODEL", "--source", "replay://me:%s@h/x?token=%s"],
        ["run", "MODEL", "rtsp://me:%s@h/x", "--source", "synthetic://road"],
        ["run", "MODEL", "--source", "synthetic://road", "--frames", "rtsp://me:%s@h/x"],
        ["run", "MODEL", "--source", "synthetic://road", "--sink", "ftp://me:%s@h?key=%s"],
        ["run", "MODEL", "--source", "synthetic://road", "--sink", "http://0.0.0.0:0?token=%s!"],
        ["run", "MODEL", "--source", "synthetic://road", "--sink", "http://h:x?token=%s"],
        ["run", "rtsp://me:%s@h/x", "--source", "synthetic://road"],
        ["bench", "MODEL", "--source", "rtsp://me:%s@127.0.0.1:9/x"],
        ["rtsp://me:%s@h/x"],
    ),
)
def test_no_error_line_shows_one(tiny_model, capfd, words):
    filled = [tiny_model if word == "MODEL" else word.replace("%s", SECRET) for word in words]
    assert main(filled) == 2
    out, err = capfd.readouterr()
    assert SECRET not in out + err and len(err.strip().splitlines()) <= 2
