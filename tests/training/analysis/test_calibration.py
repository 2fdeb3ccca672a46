"""The reliability diagram is a picture, whatever bins are filled."""

import pytest

from catseye.runtime.evaluation.calibration import BINS, Bin
from catseye.training.analysis.calibration import draw


@pytest.mark.parametrize("pixels", [0, 90])
def test_it_is_drawn(tmp_path, pixels):
    bins = [Bin(0, 0.0, 0.0)] * (BINS - 1) + [Bin(pixels, 0.97, 0.9)]
    draw(tmp_path / "calibration.png", bins, 0.07, "road")
    assert (tmp_path / "calibration.png").read_bytes().startswith(b"\x89PNG")
