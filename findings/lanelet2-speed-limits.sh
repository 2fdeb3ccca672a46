#!/bin/sh
# A lane in a German town with a sign for 30 and one for 60 km/h, made in Python with lanelet2: how fast one may drive on it.
#
# lanelet2 1.2.3 (Python), German traffic rules for vehicles. Expected: 30 and 60, before and after the map was written. Seen: 50,
# what a town has without a sign. SpeedLimit, called in Python, makes a rule of the kind traffic_sign, though its type is
# SpeedLimit: the traffic rules do not see it, and the map is written without the limit, so that it comes back as a TrafficSign.
# With the one word put right in the file the limits are there; TrafficLight and RightOfWay are right by themselves. Nothing is
# said, and 50 looks like a limit.
#   de274-30: SpeedLimit, 50 km/h; written as traffic_sign, read as TrafficSign, 50 km/h; as speed_limit, SpeedLimit, 30 km/h
#   de274-60: SpeedLimit, 50 km/h; written as traffic_sign, read as TrafficSign, 50 km/h; as speed_limit, SpeedLimit, 60 km/h
#   TrafficLight is written as traffic_light, RightOfWay as right_of_way
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check lanelet2==1.2.3
"$folder/venv/bin/python" - "$folder/map.osm" <<'END'
import re
import sys

from lanelet2 import io, projection, traffic_rules
from lanelet2.core import (
    AttributeMap,
    Lanelet,
    LaneletMap,
    LineString3d,
    Point3d,
    RightOfWay,
    SpeedLimit,
    TrafficLight,
    TrafficSignsWithType,
)

path = sys.argv[1]
projector = projection.UtmProjector(io.Origin(47.0, 8.5))
rules = traffic_rules.create(traffic_rules.Locations.Germany, traffic_rules.Participants.Vehicle)


def line(number, *points):
    return LineString3d(number, [Point3d(10 * number + i, *point) for i, point in enumerate(points)])


def street():
    lane = Lanelet(100, line(1, (0, 3.5, 0), (90, 3.5, 0)), line(2, (0, 0, 0), (90, 0, 0)))
    for key, value in (("type", "lanelet"), ("subtype", "road"), ("location", "urban")):
        lane.attributes[key] = value
    return lane


def written(lane, rule):
    """The subtype of `rule` in a map of this lane"""
    lane.addRegulatoryElement(rule)
    streets = LaneletMap()
    streets.add(lane)
    io.write(path, streets, projector)
    with open(path) as file:
        relation = re.search('<relation id="300".*?</relation>', file.read(), re.S).group()
    return re.search('k="subtype" v="([^"]*)"', relation).group(1)


def told(lane):
    rule = next(iter(lane.regulatoryElements))
    return "%s, %d km/h" % (type(rule).__name__, round(rules.speedLimit(lane).speedLimit))


def read():
    return told(io.load(path, projector).laneletLayer[100])


found = {}
for sign in ("de274-30", "de274-60"):
    lane = street()
    post = line(3, (0, -1, 2), (0, -1, 3))
    post.attributes["type"] = "traffic_sign"
    post.attributes["subtype"] = sign
    subtype = written(lane, SpeedLimit(300, AttributeMap(), TrafficSignsWithType([post], sign)))
    found[sign] = [told(lane), subtype, read()]
    with open(path) as file:
        text = file.read()
    mended = text.replace('k="subtype" v="traffic_sign"', 'k="subtype" v="speed_limit"')
    with open(path, "w") as file:
        file.write(mended)
    found[sign].append(read())
    print("%s: %s; written as %s, read as %s; as speed_limit, %s" % (sign, *found[sign]))
other = Lanelet(101, line(4, (0, 9, 0), (90, 9, 0)), line(5, (0, 6, 0), (90, 6, 0)))
light = written(street(), TrafficLight(300, AttributeMap(), [line(6, (90, 0, 3), (90, 3, 3))]))
lane = street()
way = written(lane, RightOfWay(300, AttributeMap(), [lane], [other]))
print("TrafficLight is written as %s, RightOfWay as %s" % (light, way))
seen = ["SpeedLimit, 50 km/h", "traffic_sign", "TrafficSign, 50 km/h"]
same = found == {"de274-%d" % limit: seen + ["SpeedLimit, %d km/h" % limit] for limit in (30, 60)}
raise SystemExit(0 if same and (light, way) == ("traffic_light", "right_of_way") else 1)
END
