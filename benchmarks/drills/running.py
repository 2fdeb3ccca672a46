"""The loop for a long time, with viewers at its page: benchmarks/soak.py in its own process."""

import json
import subprocess
import sys
import time

from drill import ROOT, Row, Settings, environment

FRAMES = 200_000
VIEWERS = 4
DONE_IN_S = 3600.0


def drill(settings: Settings) -> list[Row]:
    frames, begun_s = settings.tries(FRAMES), time.monotonic()
    command = [sys.executable, str(ROOT / "benchmarks" / "soak.py"), "--json"]
    command += ["--frames", str(frames), "--viewers", str(VIEWERS)]
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, env=environment(), timeout=DONE_IN_S
        )
    except subprocess.TimeoutExpired:
        return [Row("soak", frames, hung=1, seconds=DONE_IN_S)]
    seconds = time.monotonic() - begun_s
    if answer.returncode not in (0, 1) or not answer.stdout:
        return [Row("soak", frames, crashed=1, seconds=seconds, note=answer.stderr[-300:])]
    report = json.loads(answer.stdout)
    said = "{rss_mb:.1f} MB, {threads} threads, {handles} handles"
    settled, most = (said.format(**report[name]) for name in ("settled", "most"))
    note = "%d viewers; after a tenth %s, at most %s" % (VIEWERS, settled, most)
    # a camera that is lost on the way is the soak's own, and comes back
    return [Row("soak, frames", frames, 0, 0, 0, int(not report["flat"]), seconds, note)]
