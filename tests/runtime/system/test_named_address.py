import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks import open_sink, open_sinks
from catseye.runtime.sources import open_source
from catseye.runtime.system.named_address import real_address


def test_an_address_may_stand_in_the_environment(monkeypatch):
    monkeypatch.setenv("CAMERA", "rtsp://u:p@h/x?a=env://b#read_s=3")
    assert real_address("env://CAMERA") == "rtsp://u:p@h/x?a=env://b#read_s=3"
    assert real_address("rtsp://h/env://CAMERA") == "rtsp://h/env://CAMERA"


@pytest.mark.parametrize("value", (None, "", "env://CAMERA"))
def test_a_variable_without_an_address_is_one_line(monkeypatch, value):
    monkeypatch.delenv("CAMERA", raising=False)
    if value is not None:
        monkeypatch.setenv("CAMERA", value)
    for use in (real_address, open_source, lambda uri: open_sink(uri, 30)):
        with pytest.raises(CatseyeError, match="env://CAMERA: the environment has no address"):
            use("env://CAMERA")


def test_sources_and_sinks_are_opened_by_such_names(monkeypatch, tmp_path):
    monkeypatch.setenv("CAMERA", "synthetic://road?size=64x48&frames=2")
    monkeypatch.setenv("ROWS", "jsonl://" + str(tmp_path / "rows.jsonl"))
    with open_source("env://CAMERA") as source, open_sinks(["env://ROWS"], {"": source}) as sinks:
        assert source.description == "synthetic://road?size=64x48&frames=2"
        assert sinks[0].path == str(tmp_path / "rows.jsonl")
