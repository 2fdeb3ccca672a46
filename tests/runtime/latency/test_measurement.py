"""The whole of it: a light that is switched, a camera that sees it late, and what is found."""

import time
from collections import deque

import numpy as np
import pytest

from catseye.runtime.clock.moment import now
from catseye.runtime.errors import SourceError
from catseye.runtime.latency import measurement
from catseye.runtime.latency.light import LedLight
from catseye.runtime.latency.measurement import Latency, Watcher
from catseye.runtime.sources.live.camera import Camera, Shot
from catseye.runtime.sources.live.source import LiveSource

STEP_S, BEHIND = 0.01, 12


class DiodeCamera(Camera):
    """Looks at a diode's file a hundred times a second, and hands over the picture of twelve looks
    before."""

    def __init__(self, path):
        self._path, self._pictures, self._due_s = path, deque(), time.monotonic()
        self._random = np.random.RandomState(0)

    def read(self):
        while len(self._pictures) <= BEHIND:
            self._look()
        self._look()
        return Shot(now(), self._pictures.popleft())

    def _look(self):
        self._due_s = max(self._due_s + STEP_S, time.monotonic() - 0.1)
        time.sleep(max(0.0, self._due_s - time.monotonic()))
        picture = self._random.randint(30, 50, (36, 64, 3)).astype(np.uint8)
        with open(self._path) as stream:
            picture[10:20, 20:30] += 150 * (stream.read(1) not in ("", "0"))
        self._pictures.append(picture)


def test_a_camera_that_is_late_by_so_much(tmp_path, monkeypatch):
    monkeypatch.setattr(measurement, "SETTLING_S", 0.1)
    led = tmp_path / "brightness"
    led.write_text("0")
    with LiveSource(DiodeCamera(str(led)), "diode", 100.0) as source, LedLight(str(led)) as light:
        watcher = Watcher(source, 3.0, lambda frame: time.sleep(0.02))
        watcher.start()
        light.blink(watcher.is_alive)
    latency = watcher.latency()
    late_ms = STEP_S * BEHIND * 1e3
    assert latency.clock == "arrived" and latency.answer_ms is not None
    assert late_ms - latency.step_ms <= latency.error_ms <= late_ms + 3 * latency.step_ms
    assert latency.camera_delay_ms == latency.error_ms
    assert latency.answer_ms["p50"] >= latency.frame_ms["p50"] + 20 > late_ms


def test_a_camera_that_tells_its_time_needs_no_delay():
    told = dict(frame_ms={}, answer_ms=None, step_ms=33.0, frames=9, correlation=0.9, box=(0,) * 4)
    assert Latency(clock="captured", error_ms=4.0, **told).camera_delay_ms is None
    assert Latency(clock="arrived", error_ms=41.26, **told).camera_delay_ms == 41.3
    early = Latency(clock="arrived", error_ms=-3.0, **told)
    assert early.camera_delay_ms == 0.0 and early.as_json()["box"] == [0] * 4


def test_a_source_that_fails_is_told():
    class Broken(Camera):
        def read(self):
            raise SourceError("no colour", "some")

    with LiveSource(Broken(), "broken", 30.0) as source:
        watcher = Watcher(source, 3.0, None)
        watcher.start()
        watcher.join(30)
    with pytest.raises(SourceError, match="no colour"):
        watcher.latency()
