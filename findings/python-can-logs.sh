#!/bin/sh
# Eight frames of two CAN buses, recorded by python-can in seven formats and read again by python-can: what has changed.
#
# python-can 4.6.1 (can.Logger, can.LogReader; asammdf 8.8.28 for .mf4), no CAN interface. Frames of CAN and CAN FD, one of
# them sent and not received, one a request (remote) for four bytes, one an error, two of the same identifier on different
# buses. Expected: the same frames, or a word on what a format cannot hold. Seen: .blf, .mf4 and .asc keep all, but .asc counts its
# times from 0; .csv and .db drop the bus, the direction and all of CAN FD, so that one identifier of two buses becomes
# one signal that jumps, and 64 bytes stand in a classic frame; .log forgets how much was asked for; .trc leaves out what
# is not classic data, which it says once each, and counts buses from 1. can.Player sends on what it reads.
#   blf: 8 of 8, the same
#   mf4: 8 of 8, the same
#   asc: 8 of 8, changed: time
#   log: 8 of 8, changed: dlc of remote; buses can0, can1
#   csv: 8 of 8, changed: is_fd of fd, fast; bitrate_switch of fast; is_rx of sent; buses None
#   db: 8 of 8, changed: is_fd of fd, fast; bitrate_switch of fast; is_rx of sent; buses None
#   trc: 4 of 8, changed: buses 1, 2
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pandas==3.1.1 python-can==4.6.1 \
    asammdf==8.8.28
"$folder/venv/bin/python" - "$folder" <<'END'
import sys

import can

START = 1700000000.5
KINDS = {
    "data": {"data": [1, 2, 3]},
    "extended": {"data": [1, 2, 3], "is_extended_id": True},
    "remote": {"is_remote_frame": True, "dlc": 4},
    "error": {"is_error_frame": True, "is_extended_id": True, "arbitration_id": 0},
    "fd": {"data": bytes(12), "is_fd": True},
    "fast": {"data": bytes(64), "is_fd": True, "bitrate_switch": True},
    "sent": {"data": [9], "is_rx": False},
    "other": {"data": [4, 5, 6], "channel": 1},
}
FIELDS = "is_extended_id", "is_remote_frame", "is_error_frame", "is_fd", "bitrate_switch", "is_rx", "dlc", "data"
frames = {
    name: can.Message(
        **{"timestamp": START + i, "arbitration_id": 0x123, "is_extended_id": False, "channel": 0, **kind}
    )
    for i, (name, kind) in enumerate(KINDS.items())
}
SEEN = {
    "blf": "8 of 8, the same",
    "mf4": "8 of 8, the same",
    "asc": "8 of 8, changed: time",
    "log": "8 of 8, changed: dlc of remote; buses can0, can1",
    "csv": "8 of 8, changed: is_fd of fd, fast; bitrate_switch of fast; is_rx of sent; buses None",
    "db": "8 of 8, changed: is_fd of fd, fast; bitrate_switch of fast; is_rx of sent; buses None",
    "trc": "4 of 8, changed: buses 1, 2",
}
told = {}
for form in SEEN:
    path = "%s/frames.%s" % (sys.argv[1], form)
    with can.Logger(path) as log:
        for frame in frames.values():
            log(frame)
    with can.LogReader(path) as log:
        back = list(log)
    names, first = list(frames), back[0].timestamp
    pairs = [(names[round(each.timestamp - first)], each) for each in back]
    changed = ["time"] if abs(first - START) > 0.001 else []
    for field in FIELDS:
        which = [name for name, each in pairs if getattr(frames[name], field) != getattr(each, field)]
        changed += ["%s of %s" % (field, ", ".join(which))] if which else []
    buses = sorted({str(each.channel) for name, each in pairs if name != "error"})
    changed += ["buses " + ", ".join(buses)] if buses != ["0", "1"] else []
    told[form] = "%d of %d, %s" % (len(back), len(frames), "changed: " + "; ".join(changed) if changed else "the same")
    print(form + ": " + told[form])
raise SystemExit(0 if told == SEEN else 1)
END
