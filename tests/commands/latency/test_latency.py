import json

import pytest

from catseye.__main__ import main


def test_a_synthetic_camera_of_known_delay_within_one_frame(capsys):
    uri = "synthetic://light?delay=150&fps=50&clock=arrived"
    words = ["latency", "--source", uri, "--light", "none", "--seconds", "3", "--json"]
    assert main(words) == 0
    said = capsys.readouterr()
    told = json.loads(said.out)
    half_an_exposure_ms = 5
    for name, late_ms in (("p50", told["frame_ms"]["p50"]), ("delay", told["camera_delay_ms"])):
        assert abs(late_ms - 150) <= told["step_ms"] + half_an_exposure_ms, name
    assert told["clock"] == "arrived" and told["answer_ms"] is None
    assert "--camera-delay" in said.err


@pytest.mark.parametrize(
    "words, told",
    (
        (["--source", "synthetic://road?frames=3"], "is no camera"),
        (["--source", "synthetic://light", "--seconds", "2"], "seconds from 3 to 600"),
        (["--source", "synthetic://light", "--light", "/proc/none"], "cannot switch the light"),
        (["--source", "synthetic://light", "--model", "nosuch", "--light", "none"], "nosuch"),
        ([], "--source"),
    ),
)
def test_what_cannot_be_measured_is_one_line(capsys, words, told):
    assert main(["latency", *words]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert told in error and error.startswith("catseye: ")
