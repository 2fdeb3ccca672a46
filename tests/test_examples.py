"""The examples in docstrings are true: every module that has one is run by doctest."""

import doctest
import importlib

import cv2
import numpy as np
import pytest
from house import modules

import catseye

FLAGS = doctest.ELLIPSIS
SHOWN = sorted(name for name, path in modules().items() if ">>> " in path.read_text())


def test_the_front_door_has_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    for function in (catseye.load, catseye.open_camera, catseye.run):
        assert finder.find(function)[0].examples


@pytest.mark.parametrize("name", SHOWN)
def test_examples_are_true(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pictures").mkdir()
    for stem in ("first", "second"):
        cv2.imwrite("pictures/%s.png" % stem, np.zeros((96, 160, 3), np.uint8))
    found = doctest.testmod(
        importlib.import_module(name), extraglobs={"catseye": catseye}, optionflags=FLAGS
    )
    assert found.attempted and not found.failed
