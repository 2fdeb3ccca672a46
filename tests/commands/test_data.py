"""`catseye data`: from a zip of labels to a set that is checked and handed out again."""

import json
import shutil

import cv2
import numpy as np
import pytest

from catseye.__main__ import main
from catseye.commands import data
from catseye.runtime.datasets.road import road_samples
from catseye.training.labels import formats


@pytest.fixture
def labels(tmp_path):
    """Roboflow's masks of four pictures as a zip."""
    folder = tmp_path / "rf"
    folder.mkdir()
    (folder / "_classes.csv").write_text("Pixel Value, Class\n0, sky\n1, Road\n2, car\n")
    for name in "abcd":
        cv2.imwrite(str(folder / f"{name}.jpg"), np.full((50, 70, 3), 90, np.uint8))
        cv2.imwrite(str(folder / f"{name}_mask.png"), np.repeat([[0], [1]], 25, 0).repeat(70, 1))
    return shutil.make_archive(str(tmp_path / "labels"), "zip", folder)


def test_import_check_and_export(labels, tmp_path, capsys):
    folder = str(tmp_path / "data")
    assert main(["data", "import", labels, "-o", folder, "--json"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["table"]["road"] == "Road" and document["pictures"] == {"": 4}
    assert (
        "4 pictures, read as roboflow" in err and "road: Road" in err and "no pixel of car" in err
    )
    assert len(road_samples(folder, "train")) == 3  # what train and eval take
    assert main(["data", "check", folder, "--json", "--examples", str(tmp_path / "seen")]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["classes"]["Road"] == {"pixels": 7000, "pictures": 4}
    assert "70x50 (4)" in err and len(list((tmp_path / "seen").iterdir())) == 4
    assert main(["data", "export", folder, "-o", str(tmp_path / "cvat"), "--format", "cvat"]) == 0
    assert "--rest void" in capsys.readouterr().err
    (tmp_path / "data/masks/a.png").unlink()
    assert main(["data", "check", folder]) == 1
    assert "1 pictures without mask (first: " in capsys.readouterr().err


def test_the_formats_are_those_that_are_read():
    assert data.FORMATS == list(formats.FORMATS)


def test_help_and_mistakes(labels, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["data", "--help"])
    assert "import: " in capsys.readouterr().out
    for words, said in {
        "": "required: action",
        "imort x": "did you mean import?",
        "import x": "-o/--output",
        "import gone -o x": "no folder or zip 'gone'",
        "import %s -o %s" % (labels, tmp_path): "is there already",
        "import %s -o x --formt coco" % labels: "did you mean --format?",
        "import %s -o x --road kerb" % labels: "expected a class: sky, Road, car",
        "import %s -o x --images gone" % labels: "no folder 'gone'",
        "check %s" % tmp_path: "no classes.json",
        "check %s --examples %s" % (tmp_path, labels): "name another --examples",
        "export %s -o x" % tmp_path: "--format",
    }.items():
        assert main(["data", *words.split()]) == 2, words
        err = capsys.readouterr().err
        assert said in err and err.count("\n") == 1, words
