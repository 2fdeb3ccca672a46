#!/bin/sh
# One DBC, converted by canmatrix into seven formats and read again by canmatrix: what three frames mean then.
#
# canmatrix 1.3.3 (canconvert), no CAN interface. The DBC has a signed signal, two that take turns in the same bytes (a
# multiplexer), one of IEEE floats, and frames of 4 and 8 bytes. Expected: the same numbers, or a line about what a format
# cannot hold. Seen: only KCD and DBF keep all. ARXML has no sign and no step for the signed ones: a steering angle of -0.06
# comes back as 1988. JSON and YAML forget the multiplexer and the lengths, XLS the lengths, signs and floats, SYM the
# float. canconvert says "Export Done" each time.
#   dbc: steer -0.06, turns {'kind': 1.0, 'second': -5.0}, speed 12.5, bytes [4, 8, 4]
#   kcd and dbf: the same
#   sym: steer -0.06, turns {'Turns_MUX': 1.0, 'second': -5.0}, speed 1095237632.0, bytes [4, 8, 4]
#   arxml: steer 1988.0, turns {'kind': 1.0, 'first': 65531.0, 'second': 65531.0}, speed 12.5, bytes [4, 8, 4]
#   json and yaml: steer -0.06, turns {'kind': 1.0, 'first': -5.0, 'second': -5.0}, speed 12.5, bytes [8, 8, 8]
#   xls: steer 1.988, turns {'kind': 1.0, 'second': 65531.0}, speed 1095237632.0, bytes [8, 8, 8]
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check canmatrix==1.3.3 lxml==6.1.3 \
    PyYAML==6.0.4 xlrd==2.0.2 xlwt==1.3.0
cd "$folder"
cat >car.dbc <<'END'
VERSION ""

NS_ :

BS_:

BU_: Camera Car

BO_ 256 Road: 4 Camera
 SG_ free : 0|16@1+ (0.1,0) [0|6553.5] "m" Car
 SG_ steer : 16|11@1- (0.001,0) [-1.024|1.023] "rad" Car

BO_ 257 Turns: 8 Camera
 SG_ kind M : 0|8@1+ (1,0) [0|255] "" Car
 SG_ first m0 : 8|16@1- (1,0) [0|0] "" Car
 SG_ second m1 : 8|16@1- (1,0) [0|0] "" Car

BO_ 258 Real: 4 Camera
 SG_ speed : 0|32@1- (1,0) [0|0] "m/s" Car

SIG_VALTYPE_ 258 speed : 1;
END
for kind in kcd dbf sym arxml json yaml xls; do venv/bin/canconvert car.dbc car.$kind >told.txt 2>&1 || exit 1; done
venv/bin/python - <<'END'
import struct

import canmatrix
import canmatrix.formats

FRAMES = {
    256: struct.pack("<HH", 123, -60 & 0x7FF),
    257: struct.pack("<Bh5x", 1, -5),
    258: struct.pack("<f", 12.5),
}
KEPT = (-0.06, {"kind": 1, "second": -5}, 12.5, [4, 8, 4])
AS_INTEGER = 1095237632  # the bits of 12.5
SEEN = {
    "dbc": KEPT,
    "kcd": KEPT,
    "dbf": KEPT,
    "sym": (-0.06, {"Turns_MUX": 1, "second": -5}, AS_INTEGER, [4, 8, 4]),
    "arxml": (1988, {"kind": 1, "first": 65531, "second": 65531}, 12.5, [4, 8, 4]),
    "json": (-0.06, {"kind": 1, "first": -5, "second": -5}, 12.5, [8, 8, 8]),
    "yaml": (-0.06, {"kind": 1, "first": -5, "second": -5}, 12.5, [8, 8, 8]),
    "xls": (1.988, {"kind": 1, "second": 65531}, AS_INTEGER, [8, 8, 8]),
}
changed = False
for kind, seen in SEEN.items():
    matrix = canmatrix.formats.loadp_flat("car." + kind)
    frames = [matrix.frame_by_id(canmatrix.ArbitrationId(number)) for number in FRAMES]
    road, turns, real = [
        {name: float(value.phys_value) for name, value in frame.decode(data.ljust(frame.size, b"\0")).items()}
        for frame, data in zip(frames, FRAMES.values())
    ]
    found = (road["steer"], turns, real["speed"], [frame.size for frame in frames])
    print("%s: steer %s, turns %s, speed %s, bytes %s" % (kind, *found))
    changed |= found != seen
raise SystemExit(changed)
END
