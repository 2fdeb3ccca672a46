"""`classes.json` of a user's own folder: which ids and colours of its masks stand for what.
Described in docs/data.md.

Knows that file and mask arrays; not where pictures lie.
"""

import difflib
import json
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from catseye.runtime.classes import (
    LONGEST_NAME,
    VOID,
    ClassTable,
    Colour,
    listed,
    with_missing_colours,
)
from catseye.runtime.datasets.mask_file import mask_from_file
from catseye.runtime.datasets.partial import PartialLabel
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.files import read_bytes

UNKNOWN = 254
FORM = (
    '{"classes": [{"name": "Road", "id": 0, "colour": [128, 64, 128]}, ...], "void": 255, "road":'
    ' "Road"}'
)
ONE_OF, NONE_OF = "one_of", "none_of"

Key = Union[int, Colour]  # what a pixel of a mask holds


class Legend(NamedTuple):
    """Code, VOID or UNKNOWN by what a pixel holds: (65536,) uint8 for grey masks, (2^24,) uint8 for
    0xRRGGBB. A code is a class id, or that of a partial label (partial.py). Without colours a mask
    with a palette holds ids."""

    by_id: np.ndarray
    by_colour: np.ndarray
    has_colours: bool = True

    def read_ids(self, path: str, named_in: str = "classes.json") -> np.ndarray:
        """(H, W) uint8 codes or VOID. Raises CatseyeError for what is no mask, and for a pixel that
        the file `named_in` does not know."""
        keys, ids = self.looked_up(path)
        unknown = ids == UNKNOWN
        if unknown.any():
            raise CatseyeError(
                "%s has pixels of %s" % (path, key_text(keys, keys[unknown][0])),
                "what %s names" % named_in,
                "add it, or set void",
            )
        return ids

    def looked_up(self, path: str) -> Tuple[np.ndarray, np.ndarray]:
        """What the pixels of a mask hold, (H, W) ids or 0xRRGGBB of 64 bits, and (H, W) uint8 of
        what that stands for, or UNKNOWN. Raises CatseyeError for what is no mask."""
        mask = mask_from_file(path, indices=not self.has_colours)
        if mask.ndim == 2:
            return mask, self.by_id[mask]
        keys = _packed(mask[..., ::-1])
        return keys, self.by_colour[keys]

    def put(self, key: Key, code: int) -> bool:
        """Let an id or a colour stand for a code or VOID; False where it stands for something
        already."""
        table, place = (
            (self.by_id, key)
            if isinstance(key, int)
            else (self.by_colour, int(_packed(np.array(key))))
        )
        if table[place] != UNKNOWN:
            return False
        table[place] = code
        return True


def empty_legend(has_colours: bool) -> Legend:
    """A legend in which nothing has a meaning yet."""
    by_id, by_colour = (np.full(1 << bits, UNKNOWN, np.uint8) for bits in (16, 24))
    return Legend(by_id, by_colour, has_colours)


def key_text(keys: np.ndarray, key: int) -> str:
    """One of the keys of `looked_up` in words."""
    return ("colour #%06x" if keys.dtype == np.int64 else "id %d") % key


class ClassesFile(NamedTuple):
    """What a classes.json says."""

    classes: ClassTable
    partials: Tuple[PartialLabel, ...]
    legend: Legend


class _Entry(NamedTuple):
    """A row of `classes`: a class, or a choice among them."""

    name: str
    number: int
    colour: Optional[Colour]
    among: Optional[Tuple[str, ...]] = None
    excluded: bool = False

    @property
    def keys(self) -> Tuple[Key, ...]:
        return (self.number,) if self.colour is None else (self.number, self.colour)


def read_classes(path: str) -> ClassesFile:
    """Read a classes.json. Raises CatseyeError where that cannot be, a class has no name and
    id of its own, two have one colour, or a choice is among other classes."""
    try:
        content = json.loads(read_bytes(path).decode("utf-8"))
        entries = [_entry(entry) for entry in _list_of_objects(content)]
        voids, road = _voids(content.get("void")), content.get("road")
    except (ValueError, RecursionError) as error:
        raise CatseyeError(
            "%s cannot be used (%s)" % (path, error), FORM, "correct it, see docs/data.md"
        )
    table = _class_table(path, [entry for entry in entries if entry.among is None], road)
    partials = [(e, _partial(path, e, table.names)) for e in entries if e.among is not None]
    if len(table.names) + len(partials) > UNKNOWN:
        raise CatseyeError(
            "%s has %d entries" % (path, len(entries)), "%d at most" % UNKNOWN, "leave some out"
        )
    meanings = [(e.keys, table.names.index(e.name)) for e in entries if e.among is None]
    meanings += [(e.keys, code) for code, (e, _) in enumerate(partials, len(table.names))]
    has_colours = any(entry.colour is not None for entry in entries)
    legend = _legend(path, meanings + [(tuple(voids), VOID)], has_colours)
    return ClassesFile(table, tuple(partial for _, partial in partials), legend)


def _list_of_objects(content: Any) -> List[Dict[str, Any]]:
    """The entries of `classes`. Raises ValueError where there are none."""
    entries = content.get("classes") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("no list of classes")
    return entries


def _entry(entry: Dict[str, Any]) -> _Entry:
    forms = [form for form in (ONE_OF, NONE_OF) if form in entry]
    for key in ("id",) if forms else ("name", "id"):
        if key not in entry:
            raise ValueError("%s has no %r" % (json.dumps(entry)[:LONGEST_NAME], key))
    number, colour = _whole(entry["id"]), _colour_of(entry)
    if not forms:
        return _Entry(str(entry["name"]), number, colour)
    if len(forms) > 1:
        raise ValueError("an entry with both %s and %s" % (ONE_OF, NONE_OF))
    among = entry[forms[0]]
    if not isinstance(among, list) or not among or not all(isinstance(n, str) for n in among):
        raise ValueError("%s %r is no list of names" % (forms[0], among))
    return _Entry("", number, colour, tuple(among), forms[0] == NONE_OF)


def _colour_of(entry: Dict[str, Any]) -> Optional[Colour]:
    """None where it has none. Raises ValueError where another word may have been meant for one."""
    if "colour" in entry:
        return _colour(entry["colour"])
    meant = difflib.get_close_matches("colour", entry, 1)
    if meant:
        raise ValueError("%r instead of 'colour'" % meant[0])
    return None


def _class_table(path: str, entries: Sequence[_Entry], road: object) -> ClassTable:
    names = tuple(entry.name for entry in entries)
    if not 2 <= len(names) < UNKNOWN or len(set(names)) < len(names):
        raise CatseyeError(
            "%s has %d classes" % (path, len(names)), "2 to %d of different names" % (UNKNOWN - 1)
        )
    if road is not None and road not in names:
        raise CatseyeError(
            "%s names %r as the road" % (path, road), "the name of a class, or nothing"
        )
    colours = with_missing_colours([entry.colour for entry in entries])
    return ClassTable(names, colours, VOID if road is None else names.index(str(road)))


def _partial(path: str, entry: _Entry, names: Tuple[str, ...]) -> PartialLabel:
    """Raises CatseyeError for a choice among names that are no classes, and for one that leaves
    nothing."""
    among = entry.among or ()
    form = NONE_OF if entry.excluded else ONE_OF
    for name in among:
        if name not in names:
            raise CatseyeError(
                "%s of id %s in %s names %r" % (form, entry.number, path, name),
                "one of " + listed(names),
                "add it to the classes, or correct the name",
            )
    if entry.excluded and len(set(among)) == len(names):
        raise CatseyeError(
            "%s of id %s in %s leaves no class" % (form, entry.number, path),
            "one at least",
            "say void instead",
        )
    return PartialLabel(tuple(sorted({names.index(name) for name in among})), entry.excluded)


def _legend(
    path: str, meanings: Sequence[Tuple[Tuple[Key, ...], int]], has_colours: bool
) -> Legend:
    """Raises CatseyeError for an id or a colour that stands for two things."""
    legend = empty_legend(has_colours)
    for keys, code in meanings:
        for key in keys:
            if not legend.put(key, code):
                raise CatseyeError(
                    "%s gives %s two meanings" % (path, key),
                    "an id and a colour of its own for each class",
                )
    return legend


def _voids(value: object) -> List[Key]:
    """What says nothing: nothing, an id, a colour, or a list of ids and colours."""
    if value is None:
        return []
    several = value if isinstance(value, list) and _as_colour(value) is None else [value]
    return [_as_colour(each) or _whole(each) for each in several]


def _packed(colours: np.ndarray) -> np.ndarray:
    """(..., 3) RGB -> (...,) 0xRRGGBB."""
    return colours.astype(np.int64) @ np.array((1 << 16, 1 << 8, 1))


def _as_colour(value: object) -> Optional[Colour]:
    """[red, green, blue] as a colour; None for anything else."""
    if not isinstance(value, list) or len(value) != 3:
        return None
    if not all(isinstance(part, int) and 0 <= part <= 255 for part in value):
        return None
    return value[0], value[1], value[2]


def _colour(value: object) -> Colour:
    colour = _as_colour(value)
    if colour is None:
        raise ValueError("colour %r is not [red, green, blue], each 0 to 255" % (value,))
    return colour


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 65535:
        raise ValueError("id %r is no whole number from 0 to 65535" % (value,))
    return value
