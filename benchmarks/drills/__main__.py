"""Drills: what fails in the field, done on purpose and many times, by one command.

    .venv/bin/python benchmarks/drills [--only kills] [--share 0.1] [--seed 1] [--json]

Prints tries, lost, crashed, hung and leaked of each; exit code 1 where any is not 0. What a machine
lacks (a GStreamer RTSP server, the right to mount a small disk) is left out and said.
docs/reliability.md has the table.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import damaged
import disks
import kills
import mjpeg
import page
import rtsp
import running
from drill import ROOT, Drill, Row, Settings

DRILLS: "dict[str, Drill]" = {
    "rtsp": rtsp.drill,
    "mjpeg": mjpeg.drill,
    "kills": kills.drill,
    "disks": disks.drill,
    "page": page.drill,
    "damaged": damaged.drill,
    "running": running.drill,
}
COUNTS = ("tries", "lost", "crashed", "hung", "leaked")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=DRILLS, help="may be repeated")
    parser.add_argument("--share", type=float, default=1.0, help="of the tries; default 1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="for scratch files; default: a temporary one")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows: list[Row] = []
    for name in args.only or DRILLS:
        with tempfile.TemporaryDirectory(prefix="drill-", dir=args.folder) as folder:
            settings = Settings(args.share, Random("%d %s" % (args.seed, name)), Path(folder))
            for row in DRILLS[name](settings):
                rows.append(row)
                print(_line(row), file=sys.stderr, flush=True)
    if args.json:
        print(json.dumps({"machine": machine(), "rows": [dict(row._asdict()) for row in rows]}))
    else:
        print("\n".join(["| drill | " + " | ".join(COUNTS) + " | s |", "|---" * 7 + "|"]))
        print("\n".join(map(_line, rows)))
        print("\nseed %d, %s" % (args.seed, machine()))
    return 0 if all(row.ok for row in rows) else 1


def _line(row: Row) -> str:
    counts = " | ".join(str(getattr(row, count)) for count in COUNTS)
    note = " (%s)" % row.note if row.note else ""
    return "| %s%s | %s | %.0f |" % (row.name, note, counts, row.seconds)


def machine() -> str:
    """Date, kind of processor, Python and commit."""
    words = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+", "--exclude=*"]
    commit = subprocess.run(words, capture_output=True, text=True).stdout.strip()
    kind = "%s, Python %s" % (platform.machine(), platform.python_version())
    return "%s, %s, commit %s" % (time.strftime("%Y-%m-%d"), kind, commit)


if __name__ == "__main__":
    sys.exit(main())
