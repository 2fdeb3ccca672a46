"""The files that name the colours of masks: label_colors.txt of CamVid, class_dict.csv of its
copies, labelmap.txt of Pascal VOC; and codes.txt, which has names alone.

datumaro, and CVAT with it, leaves the colours out where they are Pascal VOC's, and black out of
label_colors.txt, which is the background.
"""

import csv
import os
import re

from catseye.runtime.classes import Colour
from catseye.runtime.errors import CatseyeError
from catseye.training.labels.documents import lines_of, text_of, whole_number

COLOURS, DICTIONARY, LABELMAP, NAMES = (
    "label_colors.txt",
    "class_dict.csv",
    "labelmap.txt",
    "codes.txt",
)
TABLES = (COLOURS, DICTIONARY)
BACKGROUND, BLACK = "background", (0, 0, 0)
# 64 128 64<tabs>Animal, or the name alone;  name:64,128,64:parts:actions, or name:::
ROW_OF = {
    COLOURS: re.compile(r"(?:(?P<colour>\d+\s+\d+\s+\d+)\s+)?(?P<name>.+)"),
    LABELMAP: re.compile(r"(?P<name>[^:]+):(?P<colour>\d+,\d+,\d+)?(?::.*)?"),
}

Row = tuple[str, Colour | None]


def rows_of(path: str) -> list[Row]:
    """The names in a file's order, with their colours; None in codes.txt. Raises CatseyeError for
    a row of another form."""
    base = os.path.basename(path).lower()
    if base == NAMES:
        return [(name, None) for name in lines_of(path)]
    if base == DICTIONARY:
        cells = list(csv.reader(text_of(path).splitlines()))[1:]
        return [_row(path, row[0], " ".join(row[1:])) for row in cells if row]
    rows: list[Row] = []
    for line in lines_of(path):
        found = ROW_OF[base].fullmatch(line)
        if line[0] != "#":
            rows.append(_row(path, *(found.group("name", "colour") if found else (line, "-"))))
    return with_background(rows) if base == COLOURS else with_colours(rows)


def with_background(rows: list[Row]) -> list[Row]:
    """The rows, after one for black where none is."""
    if not any(colour == BLACK or name.lower() == BACKGROUND for name, colour in rows):
        black = BLACK if any(colour for _, colour in rows) else None
        rows = [(BACKGROUND, black), *rows]
    return with_colours(rows)


def with_colours(rows: list[Row]) -> list[Row]:
    """The rows, in Pascal VOC's colours where none has one."""
    if any(colour for _, colour in rows):
        return rows
    return [(name, voc_colour(i)) for i, (name, _) in enumerate(rows)]


def voc_colour(index: int) -> Colour:
    """The colour of a class in Pascal VOC's palette: its number's bits, spread from the highest."""
    red = green = blue = 0
    for place in range(7, -1, -1):
        red |= (index & 1) << place
        green |= (index >> 1 & 1) << place
        blue |= (index >> 2 & 1) << place
        index >>= 3
    return red, green, blue


def _row(path: str, name: str, colour: str | None) -> Row:
    if not colour:
        return name, None
    parts = re.split(r"[\s,]+", colour.strip())
    values = [whole_number(part) for part in parts]
    if len(values) != 3 or not all(0 <= value < 256 for value in values):
        said = f"{name} {colour}"[:60]
        raise CatseyeError(f"{path} has {said!r}", "a name, red, green and blue, 0 to 255")
    return name, (values[0], values[1], values[2])
