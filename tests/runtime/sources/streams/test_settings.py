import os

import cv2

from catseye.runtime.sources.streams.settings import (
    OPTIONS_VARIABLE,
    THREADS_VARIABLE,
    ffmpeg_settings,
    opening_parameters,
)


def test_settings_of_ffmpeg_last_as_long_as_the_opening(monkeypatch):
    monkeypatch.delenv(OPTIONS_VARIABLE, raising=False)
    with ffmpeg_settings("udp"):
        set_now = os.environ[OPTIONS_VARIABLE]
        assert set_now.startswith("rtsp_transport;udp|") and "nobuffer" not in set_now
    assert OPTIONS_VARIABLE not in os.environ
    monkeypatch.setenv(OPTIONS_VARIABLE, "rtsp_transport;http")  # the user's own
    with ffmpeg_settings("udp"):
        assert os.environ[OPTIONS_VARIABLE] == "rtsp_transport;http"


def test_one_thread_decodes_unless_the_user_says_otherwise(monkeypatch):
    monkeypatch.setattr(cv2, "CAP_PROP_N_THREADS", 70, raising=False)
    monkeypatch.delenv(THREADS_VARIABLE, raising=False)
    assert opening_parameters(8.0, 5.0)[-2:] == [70, 1]
    monkeypatch.setenv(THREADS_VARIABLE, "4")
    assert 70 not in opening_parameters(8.0, 5.0)


def test_an_old_opencv_is_asked_for_nothing_it_lacks(monkeypatch):
    for name in ("CAP_PROP_OPEN_TIMEOUT_MSEC", "CAP_PROP_N_THREADS"):
        monkeypatch.delattr(cv2, name, raising=False)
    assert opening_parameters(8.0, 5.0) == []
