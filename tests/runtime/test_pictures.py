import os

import cv2
import numpy as np
import pytest

from catseye.runtime.pictures import save_png


@pytest.mark.parametrize("shape", ((7, 9), (7, 9, 3)))
def test_every_pixel_comes_back(tmp_path, shape):
    picture = np.random.RandomState(0).randint(0, 256, shape).astype(np.uint8)
    save_png(str(tmp_path / "a.png"), picture)
    flag = cv2.IMREAD_GRAYSCALE if len(shape) == 2 else cv2.IMREAD_COLOR
    np.testing.assert_array_equal(cv2.imread(str(tmp_path / "a.png"), flag), picture)
    assert os.listdir(str(tmp_path)) == ["a.png"]  # nothing is left beside it
