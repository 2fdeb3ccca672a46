"""Which classes stand on wheels, by the names that data sets use."""

import numpy as np
import pytest

from catseye.runtime.classes import CAMVID, ROAD, VOID, ClassTable
from catseye.runtime.geometry.labels import labels_of


def test_of_camvid():
    labels = labels_of(CAMVID)
    found = [name for name, on in zip(CAMVID.names, labels.wheeled) if on]
    assert np.flatnonzero(labels.road).tolist() == [ROAD] and not labels.has_marking
    assert found == ["Car", "Bicyclist"]
    standing = [name for name, on in zip(CAMVID.names, labels.standing) if on]
    assert standing == ["Pole", "SignSymbol", "Car", "Pedestrian", "Bicyclist"]
    assert not labels.wheeled[VOID]


@pytest.mark.parametrize("name", ["car", "Trucks", "on rails train", "other_vehicle", "bus"])
def test_wheels_by_other_names(name):
    assert labels_of(ClassTable((name,), ((0, 0, 0),), 0)).wheeled[0]


@pytest.mark.parametrize("name", ["road", "Carpet", "sidewalk", "vegetation", ""])
def test_no_wheels(name):
    assert not np.any(labels_of(ClassTable((name,), ((0, 0, 0),), 0)).wheeled)


def test_markings_are_driven_on():
    table = ClassTable(("road", "lane marking", "direct lane"), ((0, 0, 0),) * 3, 2)
    labels = labels_of(table)
    assert np.flatnonzero(labels.road).tolist() == [1, 2] and labels.has_marking
    assert np.flatnonzero(labels.marking).tolist() == [1]
    nothing = labels_of(ClassTable(("a",), ((0, 0, 0),), VOID))
    assert not nothing.road.any()
