"""What blinks before the camera: this machine's screen, its terminal, or a light-emitting diode of
the kernel's. Knows how each is switched; not when.
"""

import os
import sys
import time
from abc import ABC, abstractmethod
from typing import Callable

import cv2
import numpy as np

from catseye.runtime.closing import Closing
from catseye.runtime.errors import CatseyeError
from catseye.runtime.latency.blink import is_lit, next_change_s

WINDOW, TERMINAL, NONE = "window", "terminal", "none"
LED = "/sys/class/leds/"
EXPECTED = "a file such as %sNAME/brightness, which holds a number and may be written" % LED
LONGEST = 20  # bytes, of a number
LONGEST_SLEEP_S = 0.05  # how soon the end is noticed


class Light(Closing, ABC):
    """In a `with` block; dark when it ends."""

    @abstractmethod
    def switch(self, on: bool) -> None:
        """Raises CatseyeError where it cannot be."""

    def blink(self, goes_on: Callable[[], bool]) -> None:
        """In its order, as long as it is told to."""
        while goes_on():
            now_s = time.monotonic()
            self.switch(is_lit(now_s))
            time.sleep(min(LONGEST_SLEEP_S, max(0.0, next_change_s(now_s) - time.monotonic())))

    def close(self) -> None:
        self.switch(False)


class NoLight(Light):
    """It blinks elsewhere by itself, as the synthetic one does."""

    def switch(self, on: bool) -> None:
        pass


class WindowLight(Light):
    """The whole screen, white and black."""

    def __init__(self) -> None:
        """Raises CatseyeError where there is no screen, or this OpenCV shows no windows."""
        if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            raise CatseyeError(
                "no screen (DISPLAY is not set)",
                "one before the camera",
                "--light terminal, or --light %sNAME/brightness" % LED,
            )
        try:
            cv2.namedWindow(WINDOW, cv2.WINDOW_NORMAL)
            cv2.setWindowProperty(WINDOW, cv2.WND_PROP_FULLSCREEN, cv2.WINDOW_FULLSCREEN)
        except cv2.error as error:
            raise CatseyeError(
                "this OpenCV shows no windows", "one that does", "--light terminal"
            ) from error

    def switch(self, on: bool) -> None:
        cv2.imshow(WINDOW, np.full((90, 160), 255 * on, np.uint8))
        cv2.waitKey(1)

    def close(self) -> None:
        cv2.destroyAllWindows()


class TerminalLight(Light):
    """The terminal's background, white and black; over a network it is later by that."""

    def __init__(self) -> None:
        """Raises CatseyeError where there is none."""
        if not sys.stderr.isatty():
            raise CatseyeError("no terminal", "one before the camera", "--light window or a PATH")

    def switch(self, on: bool) -> None:
        colour = "\033[107m" if on else "\033[40m"
        sys.stderr.write(colour + "\033[2J\033[H")
        sys.stderr.flush()

    def close(self) -> None:
        sys.stderr.write("\033[0m\033[2J\033[H")
        sys.stderr.flush()


class LedLight(Light):
    """A file that takes numbers, as the kernel's /sys/class/leds/NAME/brightness does."""

    def __init__(self, path: str) -> None:
        """Raises CatseyeError where it cannot be written, or holds anything but a number: then it
        is no light's, and stays as it is."""
        self._path, self._brightest = path, self._read_brightest(path)
        self._check()
        self.switch(False)

    def switch(self, on: bool) -> None:
        """Raises CatseyeError where the file does not take it."""
        try:
            with open(self._path, "r+b", buffering=0) as stream:
                stream.write(b"%d\n" % (self._brightest * on))
        except OSError as error:
            raise CatseyeError(
                "cannot switch the light %s: %s" % (self._path, error.strerror), EXPECTED
            ) from error

    def _check(self) -> None:
        """A mistyped path must not cost a file."""
        if os.path.exists(self._path) and not os.path.isfile(self._path):
            raise CatseyeError("%s is no file" % self._path, EXPECTED)
        try:
            with open(self._path, "rb") as stream:
                held = stream.read(LONGEST + 1)
        except (OSError, ValueError) as error:  # ValueError: a name that no file can have
            why = error.strerror if isinstance(error, OSError) else error
            raise CatseyeError(
                "cannot switch the light %s: %s" % (self._path, why), EXPECTED
            ) from error
        if len(held) > LONGEST or not b"".join(held.split()).isdigit():
            raise CatseyeError("%s holds no number, and is left as it is" % self._path, EXPECTED)

    @staticmethod
    def _read_brightest(path: str) -> int:
        try:
            with open(os.path.join(os.path.dirname(path), "max_brightness")) as stream:
                return max(1, int(stream.read(20)))
        except (OSError, ValueError):
            return 1


def open_light(text: str) -> Light:
    """`window`, `terminal`, `none` or the path of a diode's brightness. Raises CatseyeError."""
    if text == WINDOW:
        return WindowLight()
    if text == TERMINAL:
        return TerminalLight()
    return NoLight() if text == NONE else LedLight(text)
