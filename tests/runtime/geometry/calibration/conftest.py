import pytest
from boards import chessboard, poses, rays_of, view_of

from catseye.runtime.geometry.lens import Lens

LENS = Lens((640, 480), (520.0, 515.0), (312.0, 246.0), None, (-0.12, 0.05, 0.0, 0.0, 0.0))


@pytest.fixture(scope="session")
def views():
    """(lens, [picture]): a chessboard of 9x6 inner corners and 25 mm squares."""
    texture, (across, down) = chessboard(9, 6)
    size_m, rays = (across * 0.025, down * 0.025), rays_of(LENS)
    return LENS, [view_of(texture, size_m, LENS, rays, pose) for pose in poses(14)]
