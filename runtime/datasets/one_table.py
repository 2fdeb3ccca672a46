"""Several road data sets under one class table: their ids and partial labels brought to those of
one.

Knows names and codes, not what is in a frame.
"""

from typing import List, Sequence, Tuple

from catseye.runtime.classes import VOID, ClassTable
from catseye.runtime.datasets.partial import CODES, PartialLabel, recoded, renamed
from catseye.runtime.datasets.road_frames import RoadData
from catseye.runtime.errors import CatseyeError


def under_one_table(sets: Sequence[RoadData]) -> List[RoadData]:
    """The sets with the classes of the first one, and the partial labels of all. Raises
    CatseyeError for a set whose classes have other names or another road, and for more labels than
    codes."""
    classes, whose = sets[0].classes, sets[0].name
    partials = _distinct([label for one in sets for label in _renamed(one, classes, whose)])
    for one in sets:
        if _road(one.classes) != _road(classes):
            raise CatseyeError(
                "%s with %s" % (one.name, _road(one.classes)),
                "%s, as in %s" % (_road(classes), whose),
                "say `road` alike in both classes.json",
            )
    if len(classes.names) + len(partials) > CODES - 2:
        raise CatseyeError(
            "%d classes and %d choices among them" % (len(classes.names), len(partials)),
            "%d together" % (CODES - 2),
            "leave some out",
        )
    return [_under(one, classes, partials, whose) for one in sets]


def under_table(data: RoadData, classes: ClassTable, whose: str) -> RoadData:
    """The set with the ids of `classes`, which are those of `whose`, such as "a model". Raises
    CatseyeError where its classes have other names."""
    return _under(data, classes, _distinct(_renamed(data, classes, whose)), whose)


def _renamed(data: RoadData, classes: ClassTable, whose: str) -> List[PartialLabel]:
    ids = _ids(data, classes, whose)
    return [renamed(label, ids) for label in data.partials]


def _distinct(labels: List[PartialLabel]) -> Tuple[PartialLabel, ...]:
    return tuple(sorted(set(labels), key=labels.index))


def _under(
    data: RoadData, classes: ClassTable, partials: Tuple[PartialLabel, ...], whose: str
) -> RoadData:
    ids = _ids(data, classes, whose)
    if list(ids) == list(range(len(ids))) and data.partials == partials:
        return data._replace(classes=classes)
    codes = recoded(ids, data.partials, partials).tobytes()
    return data._replace(
        classes=classes,
        partials=partials,
        list_split=lambda split: [
            sample._replace(codes=codes) for sample in data.list_split(split)
        ],
    )


def _road(classes: ClassTable) -> str:
    if classes.road == VOID:
        return "no class for the road"
    return "%s for the road" % classes.names[classes.road]


def _ids(data: RoadData, classes: ClassTable, whose: str) -> Tuple[int, ...]:
    """The id in `classes` of each class of the set."""
    if sorted(data.classes.names) != sorted(classes.names):
        raise CatseyeError(
            "%s with the classes %s" % (data.name, ", ".join(data.classes.names)),
            "those of %s: %s" % (whose, ", ".join(classes.names)),
            "a classes.json can name them (docs/data.md)",
        )
    return tuple(classes.names.index(name) for name in data.classes.names)
