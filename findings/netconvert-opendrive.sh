#!/bin/sh
# Three straight roads in OpenDRIVE through SUMO's netconvert: how fast, which way, and where one drives on them.
#
# eclipse-sumo 1.28.0. Expected: the limit that the road's type has, as lanes without one of their own inherit it; the side of
# rule="LHT", by which lane -1 runs against the road; and of a network that keeps left, written to OpenDRIVE and read again,
# each time with --lefthand, the same lanes. Seen: limits are read from lanes only, and of 30 and of 130 km/h on the road
# 50 become; the rule is not looked at, so that both lanes run the wrong way; and what is written with --lefthand comes back
# up to 6.4 m aside, as the left side is put on twice. Nothing is said.
#   limit of the road's type 30 km/h: 50; 130 km/h: 50; the lane's own 30 km/h: 30
#   rule LHT: lane -1 runs along the road, lane 1 against it
#   keeping left: lanes at [4.8, 1.6, -1.6] m come back at [11.2, 8.0, -4.8]; keeping right: [1.6, -1.6, -4.8], the same
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check eclipse-sumo==1.28.0 sumolib==1.28.0
cd "$folder"
cat >a.nod.xml <<'END'
<nodes><node id="west" x="0" y="0"/><node id="east" x="100" y="0"/></nodes>
END
cat >a.edg.xml <<'END'
<edges><edge id="there" from="west" to="east" numLanes="2"/><edge id="back" from="east" to="west" numLanes="1"/></edges>
END
venv/bin/python - <<'END'
import subprocess
from pathlib import Path

import sumo
import sumolib

ROAD = """<?xml version="1.0"?>
<OpenDRIVE>
  <header revMajor="1" revMinor="5" name="" version="1" north="0" south="0" east="0" west="0" vendor=""/>
  <road name="road" length="100" id="1" junction="-1"%s>
    <link/>
    %s
    <planView><geometry s="0" x="0" y="0" hdg="0" length="100"><line/></geometry></planView>
    <elevationProfile/>
    <lateralProfile/>
    <lanes><laneSection s="0">
      <left><lane id="1" type="driving" level="false"><width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane></left>
      <center><lane id="0" type="none" level="false"/></center>
      <right><lane id="-1" type="driving" level="false"><width sOffset="0" a="3.5" b="0" c="0" d="0"/>%s</lane></right>
    </laneSection></lanes>
  </road>
</OpenDRIVE>
"""


def netconvert(*options):
    command = [Path(sumo.SUMO_HOME, "bin", "netconvert"), "-o", "out.net.xml", "--offset.disable-normalization", "true"]
    subprocess.run([*command, *options], check=True, capture_output=True)
    edges = sumolib.net.readNet("out.net.xml").getEdges()
    return {lane.getID(): lane for edge in edges for lane in edge.getLanes()}


def of_road(rule="", kind="", speed=""):
    Path("road.xodr").write_text(ROAD % (rule, kind, speed))
    return netconvert("--opendrive-files", "road.xodr")


def limit(**road):
    return round(3.6 * of_road(**road)["-1_0"].getSpeed())


def along(lane):
    return lane.getShape()[-1][0] > lane.getShape()[0][0]


def places(lanes):
    return sorted((round(lane.getShape()[0][1], 1) for lane in lanes.values()), reverse=True)


def there_and_back(*side):
    written = places(netconvert("-n", "a.nod.xml", "-e", "a.edg.xml", "--opendrive-output", "a.xodr", *side))
    return written, places(netconvert("--opendrive-files", "a.xodr", *side))


kind = '<type s="0" type="town"><speed max="%d" unit="km/h"/></type>'
limits = [limit(kind=kind % 30), limit(kind=kind % 130), limit(speed='<speed sOffset="0" max="30" unit="km/h"/>')]
print("limit of the road's type 30 km/h: %d; 130 km/h: %d; the lane's own 30 km/h: %d" % tuple(limits))
lanes = of_road(rule=' rule="LHT"')
ways = [along(lanes["-1_0"]), along(lanes["1_0"])]
words = ["along the road" if each else "against it" for each in ways]
print("rule LHT: lane -1 runs %s, lane 1 %s" % tuple(words))
left, right = there_and_back("--lefthand"), there_and_back()
print("keeping left: lanes at %s m come back at %s; keeping right: %s come back at %s" % (*left, *right))
as_seen = limits == [50, 50, 30] and ways == [True, False]
as_seen &= left == ([4.8, 1.6, -1.6], [11.2, 8.0, -4.8]) and right == ([1.6, -1.6, -4.8],) * 2
raise SystemExit(0 if as_seen else 1)
END
