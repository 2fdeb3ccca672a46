"""Class tables of road masks: names, the colours they are drawn in, and which of them is the road.

In arrays a pixel is a class id from 0, or VOID where nobody said what it is, whatever data set it
came from. CamVid's eleven classes stand in the order of the SegNet version's annotation (Brostow et
al. 2008).
"""

import colorsys
import itertools
from typing import NamedTuple, Optional, Sequence, Tuple

from catseye.runtime.system.json_document import Fields, Json, JsonObject, optional_text

Colour = Tuple[int, int, int]

NAMES: Tuple[str, ...] = (
    "Sky",
    "Building",
    "Pole",
    "Road",
    "Pavement",
    "Tree",
    "SignSymbol",
    "Fence",
    "Car",
    "Pedestrian",
    "Bicyclist",
)
VOID = 255
LONGEST_NAME = 200  # characters of a class
LISTED = 20  # names in an error
ROAD = NAMES.index("Road")

GOLDEN_TURN = 0.61803398875  # of the hue, so that neighbours differ

# RGB, CamVid's own palette
COLOURS_RGB: Tuple[Colour, ...] = (
    (128, 128, 128),
    (128, 0, 0),
    (192, 192, 128),
    (128, 64, 128),
    (0, 0, 192),
    (128, 128, 0),
    (192, 128, 128),
    (64, 64, 128),
    (64, 0, 128),
    (64, 64, 0),
    (0, 128, 192),
)


def listed(names: Sequence[str]) -> str:
    """The first names of many, for an error."""
    return ", ".join(names[:LISTED]) + (", ..." if len(names) > LISTED else "")


def with_missing_colours(colours: Sequence[Optional[Colour]]) -> Tuple[Colour, ...]:
    """The colours, and one of its own for each None: of far apart hues, the same ones every
    time."""
    own = (each for each in map(_colour_of_its_own, itertools.count()) if each not in colours)
    return tuple(next(own) if colour is None else colour for colour in colours)


def _colour_of_its_own(index: int) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(index * GOLDEN_TURN % 1, 0.75, 1 - 0.35 * (index % 2))
    return int(255 * red), int(255 * green), int(255 * blue)


class ClassTable(NamedTuple):
    """names and colours_rgb by class id; road: the id that the car drives on, VOID where there is
    none."""

    names: Tuple[str, ...]
    colours_rgb: Tuple[Colour, ...]
    road: int

    def as_json(self) -> JsonObject:
        """The table in plain JSON types: {classes, colours_rgb, road}; road is a name or None."""
        road = None if self.road == VOID else self.names[self.road]
        return {
            "classes": list(self.names),
            "colours_rgb": [list(c) for c in self.colours_rgb],
            "road": road,
        }


CAMVID = ClassTable(NAMES, COLOURS_RGB, ROAD)
ROAD_OR_NOT = ClassTable(("Background", "Road"), (COLOURS_RGB[1], COLOURS_RGB[ROAD]), 1)


def table_from_json(document: Json, of: str) -> ClassTable:
    """The table of what `as_json()` gave; `of`: the file it stands in, for errors.

    Raises ModelFileError for anything else.
    """
    fields = Fields(document, path="classes", of=of, fix="train it again")
    names = fields.texts("classes", most=VOID - 1, longest=LONGEST_NAME)
    colours = [one.integers("", (3, 3), 0, 255) for one in fields.lists("colours_rgb", most=VOID)]
    if not names or len(names) != len(colours):
        raise fields.wrong(".colours_rgb (its length)", len(colours), "a colour for each class")
    road = optional_text(fields, "road", LONGEST_NAME)
    colours_rgb = tuple((red, green, blue) for red, green, blue in colours)
    return ClassTable(names, colours_rgb, names.index(road) if road in names else VOID)


def table_of_checkpoint(data: JsonObject) -> ClassTable:
    """The classes of a road checkpoint, by what its meta data say of the data: CamVid's where they
    say nothing. Raises ModelFileError as `table_from_json` does."""
    own = data.get("classes")
    return table_from_json(own, "the checkpoint") if own else CAMVID
