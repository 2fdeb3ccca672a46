#!/bin/sh
# One DBC, one number, two frames: cantools in Python and the C source that cantools generates from the same file.
#
# cantools 45.1.0; needs a C compiler `cc`. A signal of 16 bits in steps of 0.1. Expected: both round to the nearest step,
# or both cut off. Seen: Python rounds, the generated C cuts off behind a division by 0.1, so that 0.3 m, three steps, is
# sent as two (0.3 / 0.1 is 2.9999999999999996 in doubles), as is a third of all numbers that a frame can hold.
#   0.3 in Python: raw 3, in C: raw 2
#   0.26 in Python: raw 3, in C: raw 2
#   of all 65536 steps, written as tenths: Python changes 0, C changes 22937
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cantools==45.1.0
cd "$folder"
cat > car.dbc <<'END'
VERSION ""

NS_ :

BS_:

BU_: A

BO_ 256 Road: 8 A
 SG_ free_m : 0|16@1+ (0.1,0) [0|6553.5] "m" A
END
venv/bin/cantools generate_c_source car.dbc > /dev/null
cat > tell.c <<'END'
#include <stdio.h>
#include "car.h"

int main(void)
{
    int changed = 0;
    for (int raw = 0; raw < 65536; raw++)
        changed += car_road_free_m_encode(raw / 10.0) != raw;
    printf("%u %u %d", car_road_free_m_encode(0.3), car_road_free_m_encode(0.26), changed);
}
END
cc tell.c car.c -o tell
./tell > seen.txt
venv/bin/python - <<'END'
import cantools

road = cantools.database.load_file("car.dbc").get_message_by_name("Road")


def raw(metres):
    return int.from_bytes(road.encode({"free_m": metres})[:2], "little")


third, quarter, changed = map(int, open("seen.txt").read().split())
mine = raw(0.3), raw(0.26), sum(raw(step / 10) != step for step in range(65536))
print(f"0.3 in Python: raw {mine[0]}, in C: raw {third}")
print(f"0.26 in Python: raw {mine[1]}, in C: raw {quarter}")
print(f"of all 65536 steps, written as tenths: Python changes {mine[2]}, C changes {changed}")
raise SystemExit((mine, (third, quarter, changed)) != ((3, 3, 0), (2, 2, 22937)))
END
