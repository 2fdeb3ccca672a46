"""Camera files: ROS, OpenCV and the short form give the same camera, and what is none is refused by
name."""

import json
import math

import numpy as np
import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.geometry.camera_file import (
    camera_as_json,
    camera_from_document,
    camera_from_file,
)

ROS = """\
image_width: 640
image_height: 480
camera_name: narrow_stereo
camera_matrix:
  rows: 3
  cols: 3
  data: [438.78, 0, 305.59, 0, 437.3, 243.74, 0, 0, 1]
distortion_model: plumb_bob
distortion_coefficients:
  rows: 1
  cols: 5
  data: [-0.361976, 0.110510, 0.001014, 0.000505, 0.000000]
rectification_matrix:
  rows: 3
  cols: 3
  data: [1, 0, 0, 0, 1, 0, 0, 0, 1]
"""
MOUNT = "height_m: 1.4\npitch_deg: 3\n"
OPENCV = """\
<?xml version="1.0"?>
<opencv_storage>
<camera_matrix type_id="opencv-matrix"><rows>3</rows><cols>3</cols><dt>d</dt>
  <data>438.78 0. 305.59 0. 437.3 243.74 0. 0. 1.</data></camera_matrix>
<dist_coeffs type_id="opencv-matrix"><rows>1</rows><cols>5</cols><dt>d</dt>
  <data>-0.361976 0.110510 0.001014 0.000505 0.</data></dist_coeffs>
<image_width>640</image_width><image_height>480</image_height>
<height_m>1.4</height_m><pitch_deg>3</pitch_deg>
</opencv_storage>
"""
SHORT = {
    "size": [640, 480],
    "focal_px": [438.78, 437.3],
    "centre_px": [305.59, 243.74],
    "distortion": [-0.361976, 0.110510, 0.001014, 0.000505, 0.0],
    "height_m": 1.4,
    "pitch_deg": 3,
}


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        (tmp_path / "cam").write_text(text)
        return camera_from_file(str(tmp_path / "cam"))

    return read_text


def test_three_forms_of_one_camera(read):
    ros = read(ROS + MOUNT)
    assert ros == read(OPENCV) == read(json.dumps(SHORT))
    assert ros.mount.pitch_rad == pytest.approx(math.radians(3)) and ros.lens.size_wh == (640, 480)


def test_the_names_of_other_writers(read):
    """A camera_info message as `rostopic echo` and `ros2 topic echo` print it, and OpenCV's sample
    of before 3.0."""
    ros = read(ROS + MOUNT)
    numbers = {
        "D": [-0.361976, 0.110510, 0.001014, 0.000505, 0.0],
        "K": [438.78, 0, 305.59, 0, 437.3, 243.74, 0, 0, 1],
    }
    head = "header:\n  frame_id: ''\nheight: 480\nwidth: 640\ndistortion_model: plumb_bob\n"
    flow = "".join("%s: %s\n" % item for item in numbers.items())
    block = "".join(
        "%s:\n%s\n" % (name.lower(), "\n".join("- %r" % one for one in values))
        for name, values in numbers.items()
    )
    assert read(head + flow + MOUNT) == read(head + block + MOUNT + "---\n") == ros
    old = OPENCV.replace("image_w", "image_W").replace("image_h", "image_H")
    assert read(old.replace("camera_matrix", "Camera_Matrix")) == ros


@pytest.mark.parametrize("key", ("pitch", "roll", "fov", "vehicle_width", "pitch_rad_m"))
def test_a_name_without_its_unit_is_not_passed_over(read, key):
    with pytest.raises(CatseyeError, match="'%s' in .* expected one of fov_deg" % key):
        read("fov_deg: 62\nheight_m: 1.4\n%s: 3\n" % key)


def test_the_short_form_goes_there_and_back(read):
    for text in (
        ROS + MOUNT,
        "fov_deg: 62\nheight_m: 1.2\n",
        "fov_deg: 170\nmodel: fisheye\nheight_m: 1.2\nignore: [[0, 9], [5, 5], [9, 9]]\n",
        "fov_deg: 190\nmodel: fisheye\nheight_m: 1.2\n",
        "focal_px: 170\nmodel: fisheye\nheight_m: 1.2\nsize: [640, 480]\n"
        "distortion: [0.05, -0.01, 0.002, -0.0005]\n",
    ):
        camera = read(text)
        again = camera_from_document(json.loads(json.dumps(camera_as_json(camera))), "log")
        assert again.lens.distortion == camera.lens.distortion and again.ignore == camera.ignore
        pixels = np.array([[100.0, 300.0], [400.0, 400.0]])
        there, back = (
            each.at((640, 480)).lens.rays_from_pixels(pixels) for each in (camera, again)
        )
        assert np.allclose(there, back)
        assert tuple(again.mount) == pytest.approx(tuple(camera.mount))


def test_what_nobody_told_is_less_certain(read):
    told, untold = (read("fov_deg: 60\nheight_m: 2\n" + line) for line in ("pitch_deg: 0\n", ""))
    assert told.mount.pitch_error_rad < untold.mount.pitch_error_rad
    assert told.mount.height_error_m == pytest.approx(0.06)


SIZED = "size: [640, 480]\n"


@pytest.mark.parametrize(
    "text, words",
    [
        (ROS, "has no height_m"),
        (ROS.replace("438.78", "0") + MOUNT, "camera matrix"),
        (ROS.replace("0, 0, 1]\ndis", "0, 0, 0]\ndis") + MOUNT, "camera matrix"),
        (ROS.replace("305.59", "1e9") + MOUNT, "camera matrix"),
        (ROS.replace("-0.361976", "-3.6") + MOUNT, "folds the picture"),
        (ROS.replace("plumb_bob", "own") + MOUNT, "distortion_model"),
        (ROS.replace("plumb_bob", "equidistant") + MOUNT, "5 distortion coefficients"),
        (ROS.replace("image_width: 640\n", "") + MOUNT, "image_width"),
        (ROS.replace("data: [438.78, 0,", "data: [") + MOUNT, "nine numbers"),
        ("fov_deg: 62\nheight_m: -1.4\n", "from 0.1 to 10"),
        ("fov_deg: 62\nheight_m: tall\n", "a number"),
        ("fov_deg: 62\nhieght_m: 1.4\n", "'hieght_m'"),
        ("fov_deg: 241\nheight_m: 1.4\nmodel: fisheye\n", "from 1 to 240"),
        ("fov_deg: 175\nheight_m: 1.4\n", "from 1 to 170"),
        ("focal_px: 100\nheight_m: 1.4\nmodel: fisheye\n" + SIZED, "367 degrees"),
        ("focal_px: 0\nheight_m: 1.4\n", "focal_px"),
        ("focal_px: 700\nfov_deg: 60\nheight_m: 1.4\n", "focal_px and fov_deg"),
        ("height_m: 1.4\n", "no lens"),
        ("focal_px: 700\ncentre_px: [1, 2]\nheight_m: 1.4\n", "centre_px"),
        ("fov_deg: 62\nheight_m: 1.4\nignore: [[1, 2], [3, 4]]\n", "three corners"),
        ("fov_deg: 62\nheight_m: 1.4\nignore: [[1, 2], [3, 4], [5]]\n", "ignore"),
        ("fov_deg: 62\nheight_m: 1.4\npitch_error_deg: -1\n", "pitch_error_deg"),
    ],
)
def test_what_is_no_camera_is_refused(read, text, words):
    with pytest.raises(CatseyeError) as told:
        read(text)
    assert words in str(told.value) and "\n" not in str(told.value)
