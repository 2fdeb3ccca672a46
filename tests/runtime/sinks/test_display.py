import cv2
import pytest
from camera_loop import frame_of, write_to

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks import EndRun, open_sink
from catseye.runtime.sources.faults import Notice


class FakeWindow:
    """The part of highgui that a screen would be needed for."""

    def __init__(self, monkeypatch):
        self.shown, self.key, self.visible, self.destroyed = [], -1, 1.0, False
        self.windows = []
        monkeypatch.setenv("DISPLAY", ":0")
        for name in ("namedWindow", "imshow", "waitKey", "getWindowProperty", "destroyAllWindows"):
            monkeypatch.setattr(cv2, name, getattr(self, name))

    def namedWindow(self, name, flags):
        pass

    def imshow(self, name, image):
        self.shown.append(image)
        self.windows.append(name)

    def waitKey(self, delay_ms):
        return self.key

    def getWindowProperty(self, name, what):
        return self.visible

    def destroyAllWindows(self):
        self.destroyed = True


@pytest.fixture
def window(monkeypatch):
    return FakeWindow(monkeypatch)


def test_pictures_are_shown(window):
    with open_sink("display://", 30.0) as sink:
        report = write_to(sink, frame_of())
    assert window.shown[0] is report.annotated and window.destroyed


def test_each_camera_has_a_window(window):
    with open_sink("display://", 30.0, cameras=("front", "left")) as sink:
        for camera in ("front", "left"):
            write_to(sink, frame_of()._replace(camera=camera))
        sink.notice(Notice("lost", 0, camera="front"))
    assert window.windows == ["catseye front", "catseye left", "catseye front"]
    assert window.shown[0].shape == window.shown[2].shape
    assert (window.shown[0] != window.shown[2]).any()


@pytest.mark.parametrize("key, visible", ((ord("q"), 1.0), (27, 1.0), (-1, 0.0)))
def test_q_escape_and_closing_end_the_run(window, key, visible):
    window.key, window.visible = key, visible
    with open_sink("display://", 30.0) as sink, pytest.raises(EndRun):
        write_to(sink, frame_of())


def test_no_screen_is_one_line(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(CatseyeError, match="DISPLAY is not set"):
        open_sink("display://", 30.0)


def test_an_opencv_without_windows_is_one_line(window, monkeypatch):
    def fail(*_):
        raise cv2.error("The function is not implemented. Rebuild the library")

    monkeypatch.setattr(cv2, "namedWindow", fail)
    with pytest.raises(CatseyeError, match="opencv-python"):
        open_sink("display://", 30.0)
