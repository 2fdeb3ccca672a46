"""`catseye calibrate`, as a user calls it."""

import json

import cv2
import pytest
from boards import chessboard, poses, rays_of, view_of

from catseye.commands.calibrate import main
from catseye.runtime.errors import CatseyeError, CheckFailed
from catseye.runtime.geometry.camera_file import camera_from_file
from catseye.runtime.geometry.lens import Lens
from catseye.runtime.pictures import save_png


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    lens = Lens((640, 480), (520.0, 520.0)).at((640, 480))
    texture, (across, down) = chessboard(9, 6)
    rays, made = rays_of(lens), tmp_path_factory.mktemp("board")
    for index, pose in enumerate(poses(14)):
        image = view_of(texture, (across * 0.025, down * 0.025), lens, rays, pose)
        save_png(str(made / ("%02d.png" % index)), image)
    return made


def test_a_board_makes_a_camera_file(folder, tmp_path, capsys):
    path = tmp_path / "cam.yaml"
    assert main(["--source", str(folder), "--board", "9x6x25mm", "-o", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["focal_px"][0] == pytest.approx(520, rel=0.03) and told["coverage"] > 0.7
    path.write_text(path.read_text() + "height_m: 1.4\n")
    assert camera_from_file(str(path)).lens.size_wh == (640, 480)


def test_poor_views_write_nothing(folder, tmp_path):
    path = tmp_path / "cam.yaml"
    with pytest.raises(CheckFailed, match="views of the board"):
        main(["--source", str(folder), "--board", "9x6x25mm", "-o", str(path), "--frames", "3"])
    with pytest.raises(CatseyeError, match="no board 5x4x25mm"):
        main(["--source", str(folder), "--board", "5x4x25mm", "-o", str(path), "--frames", "2"])
    assert not path.exists() and cv2.imread(str(folder / "00.png")) is not None


@pytest.mark.parametrize(
    "words",
    [
        ["--ground", "--board", "9x6x25mm"],
        ["--camera", "x"],
        ["--ground"],
        ["--board", "9x6"],
    ],
)
def test_words_that_do_not_fit(folder, words):
    with pytest.raises(CatseyeError):
        main(["--source", str(folder), *words])


def test_where_nothing_can_be_written_it_is_told_before_the_first_picture(folder, tmp_path):
    for path, told in ((tmp_path, "is a folder"), (tmp_path / "none" / "cam.yaml", "no folder")):
        with pytest.raises(CatseyeError, match=told):
            main(["--source", str(folder / "none.mp4"), "-o", str(path)])
