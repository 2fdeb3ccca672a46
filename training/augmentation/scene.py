"""What augmentation must know of a class table: which codes are sky and road, and which one says
"anything but road"."""

from collections.abc import Sequence
from typing import NamedTuple

from catseye.runtime.classes import VOID, ClassTable
from catseye.runtime.datasets.partial import PartialLabel

SKY = "Sky"


class Scene(NamedTuple):
    """Codes of masks; VOID where there is no such class."""

    sky: int = VOID
    road: int = VOID
    not_road: int = VOID


def with_not_road(
    classes: ClassTable, partials: Sequence[PartialLabel]
) -> tuple[PartialLabel, ...]:
    """The partial labels and "anything but road", which is all that is known of the car's own
    bonnet."""
    label = _not_road(classes)
    return (*partials, label) if label and label not in partials else tuple(partials)


def scene_of(classes: ClassTable, partials: Sequence[PartialLabel]) -> Scene:
    """partials: those of the masks' codes after the class ids."""
    sky = classes.names.index(SKY) if SKY in classes.names else VOID
    codes = {label: code for code, label in enumerate(partials, len(classes.names))}
    label = _not_road(classes)
    not_road = codes.get(label, VOID) if label else VOID
    return Scene(sky, classes.road, not_road)


def _not_road(classes: ClassTable) -> PartialLabel | None:
    return None if classes.road == VOID else PartialLabel((classes.road,), True)
