import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sources import open_source
from catseye.runtime.sources.base import plausible_fps


@pytest.mark.parametrize(
    "uri", ("", "nowhere.mp4", "csix://0", "ftp://host/x", "://", "display://")
)
def test_unknown_sources_name_those_that_exist(uri):
    with pytest.raises(
        CatseyeError, match="csi://0, v4l2:///dev/video0.*synthetic://road"
    ) as caught:
        open_source(uri)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "reported, used",
    (
        (25.0, 25.0),
        (0.0, 30.0),
        (-1.0, 30.0),
        (90000.0, 30.0),
        (float("nan"), 30.0),
        (29.97, 29.97),
    ),
)
def test_rates_that_cannot_be_true_are_replaced(reported, used):
    assert plausible_fps(reported) == used
