"""Camera models in a recording's metadata, there and back."""

import json

import numpy as np
import pytest
from camera_loop import about_of, frame_of, write_to

from catseye.runtime.errors import ModelFileError
from catseye.runtime.geometry.camera_model import CameraModel, Mount
from catseye.runtime.geometry.lens import Lens
from catseye.runtime.recording.camera_models import MODELS, metadata_of_models, models_in
from catseye.runtime.sinks import open_sink
from catseye.runtime.sources import open_source

FRONT = CameraModel(Lens((640, 480), (500.0, 500.0)), Mount(1.4, 0.05))


def test_they_come_back():
    found = models_in(metadata_of_models({"front": FRONT}), "log")
    assert found["front"].lens == FRONT.lens
    assert np.allclose(found["front"].mount, FRONT.mount)
    assert metadata_of_models({}) == {} and models_in({}, "log") == {}


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', '{"a": {"height_m": -1}}', "{" * 40])
def test_what_is_none_is_refused(text):
    with pytest.raises(ModelFileError, match="the camera models of log cannot be read"):
        models_in({MODELS: text}, "log")
    with pytest.raises(ModelFileError):
        models_in({MODELS: json.dumps({str(i): {} for i in range(99)})}, "log")


def test_a_recording_carries_them_and_its_replay_uses_them(tmp_path):
    address = "record://%s" % (tmp_path / "log.mcap")
    with open_sink(address, 30.0) as sink:
        sink.begin(about_of()._replace(camera_models={"": FRONT}))
        write_to(sink, frame_of())
    with open_source("replay://%s" % (tmp_path / "log.mcap")) as source:
        assert source.camera_model is not None and source.camera_model.lens == FRONT.lens
    with open_sink("record://%s" % (tmp_path / "plain.mcap"), 30.0) as sink:
        sink.begin(about_of())
        write_to(sink, frame_of())
    with open_source(str(tmp_path / "plain.mcap")) as source:
        assert source.camera_model is None
