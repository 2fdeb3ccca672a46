#!/bin/sh
# What a receiver says with a fix, without one, and in a leap second, read by two parsers: is the position good, and where is it?
#
# pynmea2 1.19.0, pynmeagps 1.1.8. Since NMEA 4.1 an RMC ends in a navigational status, which is V ("not told") of most receivers,
# with a fix too; a receiver without one leaves its position empty. Expected: the first is valid, the second has no position.
# Seen: pynmea2's is_valid looks at the new field as well, so that of two RMCs of one and the same fix the newer one is not
# valid, and who heeds is_valid drops every fix; where the position is empty it is 0.0, 0.0, a place in the Atlantic, in floats as
# good as any, and who does not heed is_valid drives there. A zone of -03,30 is two and a half hours. In a leap second the time is
# a text with pynmea2 and empty with pynmeagps, whose empty position is an empty text.
#   RMC with a fix, NMEA 2.3: pynmea2 47.39095 8.53539, valid True; pynmeagps 47.390945 8.53539
#   RMC with a fix, NMEA 4.1: pynmea2 47.39095 8.53539, valid False; pynmeagps 47.390945 8.53539
#   RMC without: pynmea2 0.00000 0.00000, valid False; pynmeagps '' ''
#   GGA without: pynmea2 0.00000 0.00000, valid False; pynmeagps '' ''
#   23:59:60: pynmea2 '235960.00', pynmeagps ''
#   ZDA of zone -03,30: pynmea2 -1 day, 21:30:00
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pynmea2==1.19.0 pynmeagps==1.1.8
"$folder/venv/bin/python" - <<'END'
import functools

import pynmea2
from pynmeagps import NMEAReader


def sentence(text):
    return "$%s*%02X" % (text, functools.reduce(lambda total, each: total ^ ord(each), text, 0))


def read(text):
    return pynmea2.parse(sentence(text)), NMEAReader.parse((sentence(text) + "\r\n").encode())


FIX = "GNRMC,120000.00,A,4723.4567,N,00832.1234,E,0.02,12.3,070426,1.2,W,A"
found = {}
for name, text in (
    ("RMC with a fix, NMEA 2.3", FIX),
    ("RMC with a fix, NMEA 4.1", FIX + ",V"),
    ("RMC without", "GNRMC,120000.00,V,,,,,,,070426,,,N,V"),
    ("GGA without", "GNGGA,120000.00,,,,,0,00,99.99,,,,,,"),
):
    first, second = read(text)
    place = "%.5f %.5f, valid %s" % (first.latitude, first.longitude, first.is_valid)
    found[name] = "pynmea2 %s; pynmeagps %r %r" % (place, second.lat, second.lon)
first, second = read(FIX.replace("120000", "235960"))
found["23:59:60"] = "pynmea2 %r, pynmeagps %r" % (first.timestamp, second.time)
zone = read("GNZDA,120000.00,07,04,2026,-03,30")[0].localdatetime.utcoffset()
found["ZDA of zone -03,30"] = "pynmea2 %s" % zone
for name, told in found.items():
    print("%s: %s" % (name, told))
SEEN = [
    "pynmea2 47.39095 8.53539, valid True; pynmeagps 47.390945 8.53539",
    "pynmea2 47.39095 8.53539, valid False; pynmeagps 47.390945 8.53539",
    "pynmea2 0.00000 0.00000, valid False; pynmeagps '' ''",
    "pynmea2 0.00000 0.00000, valid False; pynmeagps '' ''",
    "pynmea2 '235960.00', pynmeagps ''",
    "pynmea2 -1 day, 21:30:00",
]
raise SystemExit(0 if list(found.values()) == SEEN else 1)
END
