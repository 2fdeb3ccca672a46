"""Where sky and road are in a class table, and what a bonnet is called."""

from catseye.runtime.classes import CAMVID, VOID, ClassTable
from catseye.runtime.datasets.partial import PartialLabel
from catseye.training.augmentation.scene import Scene, scene_of, with_not_road

FARM = ClassTable(("Grass", "Track"), ((0, 1, 0), (1, 1, 1)), VOID)


def test_a_street():
    partials = with_not_road(CAMVID, (PartialLabel((3, 4), True),))
    assert partials[1] == PartialLabel((3,), True)
    assert scene_of(CAMVID, partials) == Scene(sky=0, road=3, not_road=12)
    assert with_not_road(CAMVID, partials) == partials


def test_classes_without_road_or_sky():
    assert with_not_road(FARM, ()) == ()
    assert scene_of(FARM, ()) == Scene(VOID, VOID, VOID)
