#!/bin/sh
# A road of 100 m in OpenDRIVE, with a geoReference and an offset of 1 km in its header: where three readers say that it lies.
#
# eclipse-sumo 1.28.0 (netconvert), carla 0.9.16 (carla.Map, no simulator), commonroad-scenario-designer 0.8.5. The standard
# adds the offset before the projection is undone. Expected: one place, 100 m, and a lane of 3.5 m, as the file has it. Seen:
# netconvert gives that; CARLA ignores the offset; commonroad subtracts it, so that its map lies 2.8 km from the right place,
# and it brings all to Web Mercator, whose metre is 0.66 m at 49 degrees: the road has 152 m, the lane 5.34 m, and speeds stay
# as they are. A file without geoReference keeps its metres.
#   netconvert: 0 m off, length 100.0 m, lane 3.50 m
#   carla: 1412 m off, length 100.0 m, lane 3.50 m
#   commonroad: 2828 m off, length 152.1 m, lane 5.34 m
#   commonroad without geoReference: length 100.0 m, lane 3.50 m
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pyproj==3.7.2 carla==0.9.16 \
    eclipse-sumo==1.28.0 sumolib==1.28.0 commonroad-io==2024.3 commonroad-scenario-designer==0.8.5
cd "$folder"
cat >road.xodr <<'END'
<?xml version="1.0"?>
<OpenDRIVE>
  <header revMajor="1" revMinor="5" name="" version="1" north="0" south="0" east="0" west="0" vendor="">
    <geoReference><![CDATA[+proj=tmerc +lat_0=49 +lon_0=8 +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs]]></geoReference>
    <offset x="1000" y="1000" z="0" hdg="0"/>
  </header>
  <road name="road" length="100" id="1" junction="-1">
    <link/>
    <planView><geometry s="0" x="0" y="0" hdg="0" length="100"><line/></geometry></planView>
    <elevationProfile/>
    <lateralProfile/>
    <lanes><laneSection s="0">
      <center><lane id="0" type="none" level="false"/></center>
      <right><lane id="-1" type="driving" level="false"><width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane></right>
    </laneSection></lanes>
  </road>
</OpenDRIVE>
END
sed '/geoReference/d' road.xodr >plain.xodr
venv/bin/python - 2>noise.txt <<'END' || { cat noise.txt; exit 1; }
import math
import subprocess
from pathlib import Path

import carla
import numpy as np
import sumo
import sumolib
from crdesigner.map_conversion.map_conversion_interface import opendrive_to_commonroad
from pyproj import Geod, Transformer

TMERC = "+proj=tmerc +lat_0=49 +lon_0=8 +k=1 +x_0=0 +y_0=0 +datum=WGS84"
RIGHT = Transformer.from_crs(TMERC, "EPSG:4326", always_xy=True).transform(1000, 998.25)  # the lane's middle


def by_netconvert():
    command = [Path(sumo.SUMO_HOME, "bin", "netconvert"), "--opendrive-files", "road.xodr", "-o", "road.net.xml"]
    subprocess.run(command, check=True, capture_output=True)
    network = sumolib.net.readNet("road.net.xml")
    lane = network.getEdges()[0].getLanes()[0]
    return network.convertXY2LonLat(*lane.getShape()[0]), lane.getLength(), lane.getWidth()


def by_carla():
    world = carla.Map("road", Path("road.xodr").read_text())
    first, last = (world.get_waypoint_xodr(1, -1, s) for s in (0.001, 99.999))
    start = world.transform_to_geolocation(first.transform.location)
    length = first.transform.location.distance(last.transform.location)
    return (start.longitude, start.latitude), length, first.lane_width


def by_commonroad(name):
    lanelet = opendrive_to_commonroad(Path(name)).lanelet_network.lanelets[0]
    width = math.dist(lanelet.left_vertices[0], lanelet.right_vertices[0])
    web = Transformer.from_crs("EPSG:3857", "EPSG:4326", always_xy=True)
    return web.transform(*lanelet.center_vertices[0]), lanelet.distance[-1], width


found = {"netconvert": by_netconvert(), "carla": by_carla(), "commonroad": by_commonroad("road.xodr")}
told = []
for name, (place, length, width) in found.items():
    off = Geod(ellps="WGS84").inv(*place, *RIGHT)[2]
    told.append((off, length, width))
    print("%s: %.0f m off, length %.1f m, lane %.2f m" % (name, *told[-1]))
plain = by_commonroad("plain.xodr")[1:]
print("commonroad without geoReference: length %.1f m, lane %.2f m" % plain)
seen = [(0, 100, 3.5), (1412, 100, 3.5), (2828, 152.1, 5.34)]
as_seen = np.allclose(told, seen, rtol=2e-3, atol=3) and abs(told[2][2] - 5.34) < 0.05 and told[1][2] < 3.6
raise SystemExit(0 if as_seen and np.allclose(plain, (100, 3.5), atol=0.01) else 1)
END
