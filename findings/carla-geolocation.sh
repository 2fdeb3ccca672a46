#!/bin/sh
# A road that runs 90 m due north in its OpenDRIVE file, loaded by CARLA's client: where it says that its end is.
#
# carla 0.9.16, no simulator: carla.Map of a text. The geoReference is a transverse Mercator at 49 N 8 E. CARLA's y points
# the other way, so the road's end is at y = -90 there; that is known. Expected: transform_to_geolocation turns it back, and
# the end lies 90 m north. Seen: it does not, the end lies 90 m south; geolocation_to_transform has the same sign, so there
# and back hides it. A geoReference by +proj=utm, as converters of maps write it, is not understood: a line is printed, and
# the map lies at 42 N 2 E.
#   tmerc: end at y -90, 89.9 m south of the start, which is at 49.000 N 8.000 E
#   utm: end at y -90, 89.9 m south of the start, which is at 42.000 N 2.000 E
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check carla==0.9.16
"$folder/venv/bin/python" - <<'END'
import carla

ROAD = """<?xml version="1.0"?>
<OpenDRIVE>
  <header revMajor="1" revMinor="4" name="" version="1" north="0" south="0" east="0" west="0" vendor="">
    <geoReference><![CDATA[%s]]></geoReference>
  </header>
  <road name="north" length="100" id="1" junction="-1">
    <link/>
    <planView><geometry s="0" x="0" y="0" hdg="1.5707963267948966" length="100"><line/></geometry></planView>
    <elevationProfile/>
    <lateralProfile/>
    <lanes><laneSection s="0">
      <center><lane id="0" type="none" level="false"/></center>
      <right><lane id="-1" type="driving" level="false"><width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane></right>
    </laneSection></lanes>
  </road>
</OpenDRIVE>"""
PLACES = {
    "tmerc": "+proj=tmerc +lat_0=49 +lon_0=8 +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs",
    "utm": "+proj=utm +zone=32 +datum=WGS84 +units=m +no_defs",
}
METRES = 111132.95  # of a degree of latitude, near enough at both places
found = {}
for name, place in PLACES.items():
    street = carla.Map(name, ROAD % place)
    end = street.get_waypoint_xodr(1, -1, 90.0).transform.location
    start, there = (street.transform_to_geolocation(each) for each in (carla.Location(0.0, 0.0, 0.0), end))
    south = (start.latitude - there.latitude) * METRES
    found[name] = (round(end.y), 85 < south < 95, round(start.latitude, 3), round(start.longitude, 3))
    print("%s: end at y %.0f, %.1f m south of the start, which is at %.3f N %.3f E"
          % (name, end.y, south, start.latitude, start.longitude))  # fmt: skip
raise SystemExit(found != {"tmerc": (-90, True, 49, 8), "utm": (-90, True, 42, 2)})
END
