#!/bin/sh
# A signal with names for 0, 1 and 3 ("off", "on", "fault"), recorded from CAN and decoded by asammdf: what a log of four says.
#
# asammdf 8.8.28 (MDF.extract_bus_logging), cantools 45.1.0 beside it, no CAN interface; raw values stay right in both.
# Expected: names, and the number where there is none, as cantools has it. Seen: so long as all values have names they come
# as bytes; one value without a name, and the channel is of floats, in which every named state is NaN, the fault too.
# to_dataframe() is the same, so what a log says of a state hangs on the other frames in it, and dropna() removes the rest.
#   0, 1, 3, 0: asammdf [b'off', b'on', b'fault', b'off'], cantools ['off', 'on', 'fault', 'off']
#   0, 1, 2, 3: asammdf [nan, nan, 2.0, nan], cantools ['off', 'on', 2, 'fault']
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check asammdf==8.8.28 cantools==45.1.0
cd "$folder"
cat >car.dbc <<'END_OF_DBC'
VERSION ""

NS_ :

BS_:

BU_: Camera Car

BO_ 258 Health: 2 Camera
 SG_ state : 0|8@1+ (1,0) [0|0] "" Car

VAL_ 258 state 0 "off" 1 "on" 3 "fault" ;
END_OF_DBC
venv/bin/python - <<'END'
import cantools
import numpy as np
from asammdf import MDF, Signal, Source
from asammdf.blocks import v4_constants

NAME = "CAN_DataFrame"
FIELDS = [(".BusChannel", "u1"), (".ID", "<u4"), (".IDE", "u1"), (".DLC", "u1"), (".DataLength", "u1")]
DTYPE = [(NAME + field, kind) for field, kind in FIELDS] + [(NAME + ".DataBytes", "(8,)u1")]
BUS = Source("CAN", "CAN 1", "", v4_constants.SOURCE_BUS, v4_constants.BUS_TYPE_CAN)
database = cantools.database.load_file("car.dbc")


def told(states):
    frames = np.zeros(len(states), DTYPE)
    for frame, state in zip(frames, states):
        for field, value in ((".BusChannel", 1), (".ID", 258), (".DLC", 2), (".DataLength", 2)):
            frame[NAME + field] = value
        frame[NAME + ".DataBytes"][0] = state
    log = MDF(version="4.10")
    log.append(Signal(frames, 0.1 * np.arange(len(states)), name=NAME, source=BUS))
    log.save("log.mf4", overwrite=True)
    decoded = MDF("log.mf4").extract_bus_logging({"CAN": [("car.dbc", 0)]})
    named = [database.decode_message(258, bytes([state, 0]))["state"] for state in states]
    samples = decoded.get("state").samples.tolist()
    assert repr(decoded.to_dataframe()["state"].tolist()) == repr(samples)
    assert decoded.get("state", raw=True).samples.tolist() == states
    return samples, [getattr(each, "name", each) for each in named]


found = {}
for states in ([0, 1, 3, 0], [0, 1, 2, 3]):
    found[tuple(states)] = told(states)
    print("%s: asammdf %s, cantools %s" % (", ".join(map(str, states)), *found[tuple(states)]))
known, unknown = found[0, 1, 3, 0][0], found[0, 1, 2, 3][0]
as_seen = known == [b"off", b"on", b"fault", b"off"] and repr(unknown) == "[nan, nan, 2.0, nan]"
raise SystemExit(0 if as_seen else 1)
END
