from camera_loop import BrightnessTask

from catseye.runtime.cameras.feed import Feed
from catseye.runtime.sources import open_source


def test_a_lone_camera_needs_no_name():
    with open_source("synthetic://road?size=32x32") as source:
        assert Feed(source, BrightnessTask()).name == ""
