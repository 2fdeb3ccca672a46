"""An RTSP server that is killed ten times and comes back, under a running program.

The server is tests/runtime/sources/rtsp_server.py, under a Python that has GStreamer's bindings.
"""

import json
import shutil
import signal
import socket
import subprocess
import time

from drill import ROOT, Program, Row, Settings, lines_of, wait_until

KILLS = 10
BEGINS_IN_S = 240.0  # on a busy machine
BACK_IN_S = 40.0
SERVER = str(ROOT / "tests" / "runtime" / "sources" / "rtsp_server.py")
ASKED = "import gi; gi.require_version('GstRtspServer', '1.0')"


def drill(settings: Settings) -> list[Row]:
    python = next(filter(_has_server, ("/usr/bin/python3", shutil.which("python3") or "")), None)
    if python is None:
        return [Row("RTSP server killed", 0, note="left out: no GStreamer RTSP server here")]
    begun_s, tries = time.monotonic(), settings.tries(KILLS)
    port, lost, notes = _free_port(), 0, list[str]()
    rows = settings.folder / "rows"
    server = _started(python, port)
    source = "rtsp://127.0.0.1:%d/front#read_s=3" % port
    words = ["run", "road-nano", "--source", source, "--sink", "jsonl://rows", "--json"]
    with Program(settings.folder, *words) as program:
        lost += not wait_until(lambda: lines_of(rows) > 5, BEGINS_IN_S)
        before = program.size()
        for _ in range(tries):
            time.sleep(settings.random.random() * 2)
            server.send_signal(signal.SIGKILL)
            server.wait()
            time.sleep(settings.random.random() * 4)
            server, seen = _started(python, port), lines_of(rows)
            # a result or two may have waited while the server died
            lost += not wait_until(lambda: lines_of(rows) > seen + 3, BACK_IN_S)  # noqa: B023
        after = program.size()
        hung = not program.stopped()
        crashed = program.crashed or program.process.returncode != 0
        server.kill()
        server.wait()
    faults = {} if hung else json.loads(program.stdout.read_text())["faults"]
    leaked = after[0] > before[0] + 2 or after[1] > before[1] + 2
    notes.append("faults counted: %s" % faults)
    if leaked or crashed or lost:
        notes.append("threads, handles, MB: %s, then %s; %s" % (before, after, program.said[-200:]))
    note = "; ".join(notes).replace("\n", " ")
    seconds = time.monotonic() - begun_s
    counts = (tries, lost, int(crashed), int(hung), int(leaked))
    return [Row("RTSP server killed", *counts, seconds, note)]


def _has_server(python: str) -> bool:
    ask = [python, "-c", ASKED]
    return bool(python) and subprocess.run(ask, capture_output=True).returncode == 0


def _started(python: str, port: int) -> "subprocess.Popen[bytes]":
    server = subprocess.Popen([python, SERVER, str(port)], stdout=subprocess.PIPE)
    assert server.stdout is not None
    server.stdout.readline()
    return server


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
