"""The file that `calibrate` writes is a camera to us and to ROS."""

import numpy as np
import pytest

from catseye.runtime.geometry.camera_file import camera_from_file
from catseye.runtime.geometry.camera_model import Mount, Vehicle
from catseye.runtime.geometry.camera_yaml import yaml_of_lens
from catseye.runtime.geometry.document_file import document_from_bytes
from catseye.runtime.geometry.lens import Lens

IGNORE = ((0.0, 479.0), (320.0, 400.0), (639.0, 479.0))


@pytest.mark.parametrize(
    "distortion, fisheye",
    [
        ((), False),
        ((-0.3, 0.1, 0.0, 0.0, 0.01), False),
        ((0.1,) * 8, False),
        ((0.01, 0.0, 0.0, 0.0), True),
    ],
)
def test_it_is_read_back(tmp_path, distortion, fisheye):
    lens = Lens((640, 480), (500.0, 510.0), (320.5, 239.0), None, distortion, fisheye)
    mount = Mount(1.4, 0.05, 0.01, 0.0, 0.2, 0.004, 0.05)
    text = yaml_of_lens(lens, mount, Vehicle(2.1), IGNORE)
    (tmp_path / "cam.yaml").write_text(text)
    found = camera_from_file(str(tmp_path / "cam.yaml"))
    assert found.lens == lens and found.ignore == IGNORE and found.vehicle == Vehicle(2.1)
    assert np.allclose(found.mount, mount, rtol=1e-5)


def test_ros_finds_its_fields():
    document = document_from_bytes(yaml_of_lens(Lens((640, 480), (500.0, 510.0))).encode(), "x")
    for name, shape in (("camera_matrix", (3, 3)), ("projection_matrix", (3, 4))):
        assert (document[name]["rows"], document[name]["cols"]) == shape
        assert len(document[name]["data"]) == shape[0] * shape[1]
    assert document["distortion_model"] == "plumb_bob" and "height_m" not in document
