import sys

import pytest
from camera_loop import wait_until

from catseye.runtime.errors import CatseyeError
from catseye.runtime.latency.blink import BITS
from catseye.runtime.latency.light import LedLight, NoLight, open_light


def test_a_diode_takes_its_brightest_and_ends_dark(tmp_path):
    led, brightest = tmp_path / "brightness", tmp_path / "max_brightness"
    led.write_text("3\n")
    brightest.write_text("255\n")
    with open_light(str(led)) as light:
        assert isinstance(light, LedLight) and led.read_text() == "0\n"
        light.switch(True)
        assert led.read_text() == "255\n"
    assert led.read_text().startswith("0")
    brightest.unlink()
    with LedLight(str(led)) as light:
        light.switch(True)
        assert led.read_text().startswith("1")


def test_it_blinks_in_its_order_until_it_is_told_to_stop(monkeypatch):
    class Seen(NoLight):
        switched = []

        def switch(self, on):
            self.switched.append(on)

    light = Seen()
    light.blink(lambda: len(set(light.switched)) < 2)
    assert set(light.switched) == {False, True} and set(BITS) == {False, True}
    wait_until(lambda: True)


def test_what_cannot_be_switched_is_one_line(tmp_path, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(sys, "stderr", open(str(tmp_path / "err"), "w"))
    for text in ("window", "terminal", str(tmp_path / "none"), str(tmp_path), ""):
        with pytest.raises(CatseyeError) as caught:
            open_light(text)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("held", (b"root:x:0:0\n", b"", b"1" * 21, b"\x89PNG"))
def test_a_file_that_is_no_lights_is_left_as_it_is(tmp_path, held):
    """A mistyped --light must not write over a film or a system's file."""
    path = tmp_path / "file"
    path.write_bytes(held)
    with pytest.raises(CatseyeError, match="holds no number, and is left as it is"):
        open_light(str(path))
    assert path.read_bytes() == held
