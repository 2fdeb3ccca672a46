import json

import cv2
import numpy as np
import pytest

from catseye.__main__ import main


@pytest.fixture
def picture(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.full((30, 40, 3), 90, np.uint8))
    return str(tmp_path / "a.png")


def test_a_speed_comes_with_everything_it_must_be_told_with(tiny_model, picture, capsys):
    assert main(["bench", tiny_model, "--source", picture, "--seconds", "0.05", "--threads", "1", "--json"]) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert set(document) == {"model", "backend", "provider", "device", "precision", "threads", "source", "latency_ms",
                             "fps", "size", "frames", "warmup", "seconds", "stages_ms"}
    assert document["size"] == [40, 30] and document["threads"] == 1 and document["warmup"] == 10
    assert document["frames"] >= 1 and document["fps"] > 0
    latency = document["latency_ms"]
    assert 0 < latency["p50"] <= latency["p95"] <= latency["p99"]
    assert set(document["stages_ms"]) == {"prepare", "infer", "parse"}
    assert "10 to warm up" in captured.err


@pytest.mark.parametrize("arguments", (["--seconds", "0"], ["--seconds", "nan"], ["--source", "nowhere"],
                                       ["--backend", "magic"], ["--threads", "x"]))
def test_bad_input_is_one_line_and_exit_code_2(tiny_model, capfd, arguments):
    assert main(["bench", tiny_model] + arguments) == 2
    assert len(capfd.readouterr().err.splitlines()) == 1
