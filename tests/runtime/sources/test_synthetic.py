import numpy as np
import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sources import open_source, synthetic
from catseye.runtime.sources.synthetic import Script, script_from_options

SMALL = "synthetic://road?size=64x48&frames=3&seed=2&fps=10"


class QuickStreet:
    """The street's twin: a picture that tells seed and moment."""

    def __init__(self, seed, size_wh):
        self.seed, self.size_wh = seed, size_wh

    def render(self, time_s):
        width, height = self.size_wh
        image = np.zeros((height, width, 3), np.uint8)
        image[..., 0], image[..., 1] = self.seed, round(time_s * 100)
        return image, image[..., 0]


@pytest.fixture
def quick_street(monkeypatch):
    monkeypatch.setattr(synthetic, "Street", QuickStreet)


def test_the_real_street_moves():
    with open_source("synthetic://road?size=64x48&frames=2&fps=2") as source:
        first, second = [frame.image for frame in source]
    assert first.shape == (48, 64, 3) and first.dtype == np.uint8
    assert not np.array_equal(first, second)


def test_options():
    assert script_from_options("") == Script()
    assert script_from_options("seed=7&size=320x180&fps=12.5&frames=9&live=1") == Script(7, (320, 180), 12.5, 9, True)


def test_frame_i_is_of_the_moment_i_over_fps(quick_street):
    with open_source(SMALL) as source:
        frames = list(source)
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert [frame.image[0, 0].tolist() for frame in frames] == [[2, 0, 0], [2, 10, 0], [2, 20, 0]]
    assert not source.live and source.fps == 10 and source.skipped == 0


def test_without_a_length_it_goes_on(quick_street):
    with open_source("synthetic://road?size=64x48") as source:
        indices = [frame.index for frame, _ in zip(source, range(5))]
    assert indices == [0, 1, 2, 3, 4] and source.fps == 30.0


def test_live_it_is_a_camera_that_ends(quick_street):
    with open_source(SMALL + "&live=1") as source:
        frames = list(source)
    assert source.live and source.fps == 10
    assert frames[-1].index == 2 and len(frames) + source.skipped == 3


@pytest.mark.parametrize("rest", ("", "sea", "road?speed=1", "road?seed=x", "road?seed=-1", "road?size=0x48",
                                  "road?size=64", "road?size=99999x48", "road?fps=0", "road?fps=nan", "road?fps=inf",
                                  "road?frames=0", "road?live=2", "road?seed", "road?&", "road?seed=%31"))
def test_hostile_addresses_are_one_line(rest):
    with pytest.raises(CatseyeError, match="synthetic://road") as caught:
        open_source("synthetic://" + rest)
    assert "\n" not in str(caught.value)
