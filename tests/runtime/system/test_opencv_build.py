import os

import cv2
import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.opencv_build import (
    build_has,
    check_opencv_takes,
    decodes_by_tag,
    opencv_has,
)

REPORT = """
  Video I/O:
    FFMPEG:                      YES
      avcodec:                   YES (58.134.100)
    GStreamer:                   NO
    v4l/v4l2:                    YES (linux/videodev2.h)
"""


def test_what_the_report_says():
    assert build_has("FFMPEG", REPORT) and build_has("v4l/v4l2", REPORT)
    assert not build_has("GStreamer", REPORT) and not build_has("dc1394", REPORT)


def test_a_library_is_not_found_in_the_name_of_another():
    assert not build_has("codec", REPORT) and not build_has("FFMPE.", REPORT)


@pytest.mark.parametrize("library", ("FFMPEG", "GStreamer"))
def test_the_imported_opencv_is_asked(library):
    assert opencv_has(library) is build_has(library, cv2.getBuildInformation())


@pytest.mark.parametrize(
    "version, heeds",
    (("4.1.1", False), ("4.12.0-dev", False), ("4.13.0", True), ("4.5.5", False), ("5.0.0", True)),
)
def test_which_versions_decode_by_the_tag(version, heeds):
    assert decodes_by_tag(version) == heeds


def test_names_that_opencv_dies_of_are_refused_before_it_sees_them():
    check_opencv_takes("street \u00e9.mp4", CatseyeError)
    with pytest.raises(CatseyeError, match="not UTF-8; expected a name that OpenCV takes"):
        check_opencv_takes(os.fsdecode(b"street \xe9.mp4"), CatseyeError)
