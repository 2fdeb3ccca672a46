"""Class tables of road masks: names, the colours they are drawn in, and which of them is the road.

In arrays a pixel is a class id from 0, or VOID where nobody said what it is, whatever data set it
came from. CamVid's eleven classes stand in the order of the SegNet version's annotation (Brostow et
al. 2008).
"""

from typing import Any, Dict, NamedTuple, Optional, Tuple

from catseye.runtime.errors import CatseyeError

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
ROAD = NAMES.index("Road")

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


class ClassTable(NamedTuple):
    """names and colours_rgb by class id; road: the id that the car drives on, VOID where there is
    none."""

    names: Tuple[str, ...]
    colours_rgb: Tuple[Colour, ...]
    road: int

    def as_json(self) -> Dict[str, Any]:
        """The table in plain JSON types: {classes, colours_rgb, road}; road is a name or None."""
        road = None if self.road == VOID else self.names[self.road]
        return {
            "classes": list(self.names),
            "colours_rgb": [list(c) for c in self.colours_rgb],
            "road": road,
        }


CAMVID = ClassTable(NAMES, COLOURS_RGB, ROAD)
ROAD_OR_NOT = ClassTable(("Background", "Road"), (COLOURS_RGB[1], COLOURS_RGB[ROAD]), 1)


def table_from_json(document: Dict[str, Any]) -> ClassTable:
    """The table of what `as_json()` gave. Raises CatseyeError unless each name has a colour."""
    return _table(document["classes"], document["colours_rgb"], document["road"])


def table_from_card(card: Dict[str, Any]) -> ClassTable:
    """The table of a model's card; the road is the class that its settings name, else the one
    called Road. Raises CatseyeError unless each name has a colour."""
    return _table(card["classes"], card["colours_rgb"], card["settings"].get("road", "Road"))


def _table(names: Any, colours: Any, road: Optional[str]) -> ClassTable:
    if len(names) != len(colours) or not 0 < len(names) < VOID:
        found = "%d classes and %d colours" % (len(names), len(colours))
        raise CatseyeError(
            found, "a colour for each of 1 to %d classes" % (VOID - 1), "export the model again"
        )
    colours_rgb = tuple((int(r), int(g), int(b)) for r, g, b in colours)
    return ClassTable(tuple(names), colours_rgb, names.index(road) if road in names else VOID)
