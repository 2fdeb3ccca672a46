"""What the benchmark of peers counts and runs."""

import importlib.util
import sys
from pathlib import Path

import cv2
import pytest

from catseye.runtime.model_file.load import onnx_path

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture()
def peers(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    spec = importlib.util.spec_from_file_location("benchmark_peers", BENCHMARKS / "peers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    threads = cv2.getNumThreads()
    yield module
    cv2.setNumThreads(threads)
    sys.modules.pop("overhead", None)


def test_a_package_weighs_what_it_asks_for_too_but_not_what_boards_have(
    peers, tmp_path, monkeypatch
):
    needs = {
        "one": ["two (>=1)", "numpy>=1.26", 'three; extra == "more"', "of-windows"],
        "two": ["one"],
        "three": [],
    }
    for name, wanted in needs.items():
        (tmp_path / (name + ".py")).write_bytes(b"#" * 10**6)
        folder = tmp_path / (name + "-1.dist-info")
        folder.mkdir()
        lines = ["Metadata-Version: 2.1", "Name: " + name, "Version: 1"]
        lines += ["Requires-Dist: " + each for each in wanted]
        (folder / "METADATA").write_text("\n".join(lines) + "\n")
        (folder / "RECORD").write_text("%s.py,,\n" % name)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert peers.sizes_of("one") == {"one and 1 more packages": 2.0}


@pytest.mark.parametrize("job", ("hand", "catseye"))
def test_each_loop_goes_through_the_whole_film(peers, job, tmp_path):
    from overhead import write_drive

    video = write_drive(str(tmp_path / "drive.mp4"), 3, peers.SIZE_WH)
    model = onnx_path("road-nano")
    assert {"hand": peers.hand, "catseye": peers.ours}[job](model)(video) == 3
    assert peers.timed(job, model, video, video)["cpu_ms"] > 0
