import cv2
import numpy as np
import pytest

from catseye.training.analysis.figure import figure, show_tiles


def test_a_figure_is_a_picture_of_the_size_of_its_panels(tmp_path):
    with figure(tmp_path / "two.png", columns=2) as axes:
        axes[0].plot([0, 1], [1, 0])
        show_tiles(axes[1], np.random.default_rng(0).random((5, 4, 4)), columns=3)
    height, width = cv2.imread(str(tmp_path / "two.png")).shape[:2]
    assert width > 2 * height and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["x", "x.picture", "x.pdf"])
def test_a_figure_is_a_png_whatever_it_is_called(tmp_path, name):
    """matplotlib refuses one, and writes another beside it, after the study."""
    with figure(tmp_path / name) as axes:
        axes[0].plot([0, 1], [1, 0])
    assert (tmp_path / name).read_bytes().startswith(b"\x89PNG") and len([*tmp_path.iterdir()]) == 1


def test_a_drawing_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError):
        with figure(tmp_path / "none.png"):
            raise ZeroDivisionError
    assert not list(tmp_path.iterdir())
