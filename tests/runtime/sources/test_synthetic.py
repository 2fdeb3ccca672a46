import time

import numpy as np
import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sources import open_source, synthetic
from catseye.runtime.sources.fault_script import FaultScript, ScriptedFault
from catseye.runtime.sources.synthetic import EXAMPLE, OPTIONS, Script, script_from_values
from catseye.runtime.sources.weather import Weather
from catseye.runtime.system.option_values import read_options

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


def script_from_options(text):
    return script_from_values(read_options(text, OPTIONS, EXAMPLE))


def test_options():
    assert script_from_options("") == Script()
    assert script_from_options("seed=7&size=320x180&fps=12.5&frames=9&live=1") == Script(
        7, (320, 180), 12.5, 9, True
    )
    assert script_from_options("rain=0.5&glare=1&night=0").weather == Weather(rain=0.5, glare=1.0)
    assert script_from_options("faults=black@9%s" % "+2,freeze@20+3").faults == FaultScript(
        (ScriptedFault("black", 9, 2), ScriptedFault("freeze", 20, 3))
    )


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


@pytest.mark.parametrize(
    "rest",
    (
        "",
        "sea",
        "road?speed=1",
        "road?seed=x",
        "road?seed=-1",
        "road?size=0x48",
        "road?size=64",
        "road?size=99999x48",
        "road?fps=0",
        "road?fps=nan",
        "road?fps=inf",
        "road?frames=0",
        "road?live=2",
        "road?seed",
        "road?&",
        "road?seed=%31",
        "road?rain=2",
        "road?night=-1",
        "road?blur=nan",
        "road?faults=",
        "road?faults=x@1+1",
        "road?faults=loss@1+0&live=1",
        "road?faults=loss@3+1",
        "road?faults=stall@3+1",
        "road?live=1&read_s=0",
        "road?live=1&freeze_s=-1",
        "road?live=1&open_s=inf",
    ),
)
def test_hostile_addresses_are_one_line(rest):
    with pytest.raises(CatseyeError, match="synthetic://road") as caught:
        open_source("synthetic://" + rest)
    assert "\n" not in str(caught.value)


def test_a_file_may_hold_spoilt_pictures(quick_street):
    faults = "freeze@2+2,black@5+1,truncated@6+1,size@7+1"
    with open_source("synthetic://road?size=64x48&frames=9&fps=10&faults=" + faults) as source:
        images = [frame.image for frame in source]
    assert [image[0, 0, 1] for image in images[:5]] == [0, 10, 10, 10, 40]
    assert not images[5].any() and (images[6][24:] == 128).all() and images[6][0, 0, 1] == 60
    assert images[7].shape == (24, 32, 3) and images[8].shape == (48, 64, 3)


def test_weather_is_laid_over_every_frame_and_repeats(quick_street):
    def pictures(options):
        with open_source(SMALL + options) as source:
            return [frame.image for frame in source]

    dry, wet = pictures(""), pictures("&rain=0.8")
    assert np.array_equal(wet, pictures("&rain=0.8")) and not np.array_equal(wet, dry)
    assert np.array_equal(pictures("&rain=0&night=0"), dry)


@pytest.mark.parametrize("clock, told_s", (("captured", 2.0), ("arrived", 0.0)))
def test_a_camera_of_known_delay(quick_street, clock, told_s):
    with open_source(SMALL + "&live=1&delay=2000&clock=" + clock) as source:
        ages_s = [time.monotonic() - frame.since_ns / 1e9 for frame in source]
    assert ages_s and all(told_s <= age_s < told_s + 30 for age_s in ages_s)
    assert frame_clocks(SMALL + "&live=1") == {"captured"}
    assert frame_clocks(SMALL) == {"arrived"}


def frame_clocks(uri):
    with open_source(uri) as source:
        return {frame.clock for frame in source}


@pytest.mark.parametrize(
    "options", ("delay=-1&live=1", "delay=60001&live=1", "clock=mine", "delay=5")
)
def test_delays_that_no_camera_has(options):
    with pytest.raises(CatseyeError):
        open_source(SMALL + "&" + options)
