"""`catseye calibrate --ground`, as a user calls it: a drive down the synthetic street."""

import json
import math

import pytest

from catseye.commands.calibrate import main
from catseye.runtime.errors import CatseyeError, CheckFailed
from catseye.runtime.geometry.camera_file import camera_from_file
from catseye.runtime.street import Street

DRIVE = "synthetic://road?seed=36&size=320x180&fps=1&frames=36"


@pytest.fixture
def lens(tmp_path):
    focal = Street(36, (320, 180)).surroundings(0.0).camera.focal_px
    path = tmp_path / "lens.yaml"
    path.write_text("focal_px: %.2f\nsize: [320, 180]\nheight_m: 1.6\n" % focal)
    return str(path)


def test_a_drive_tells_the_pitch(lens, tmp_path, capsys):
    path = str(tmp_path / "cam.yaml")
    words = ["--ground", "--source", DRIVE, "--camera", lens, "-o", path, "--json"]
    assert main([*words, "--threads", "1"]) == 0
    told = json.loads(capsys.readouterr().out)
    truth = math.degrees(Street(36, (320, 180)).surroundings(20.0).camera.pose.pitch)
    assert told["pitch_deg"] == pytest.approx(truth, abs=0.8) and told["points"] >= 30
    assert camera_from_file(path).mount.pitch_rad == pytest.approx(math.radians(told["pitch_deg"]))


def test_what_is_no_drive_is_refused(lens, tmp_path):
    path = tmp_path / "cam.yaml"
    words = ["--ground", "--source", DRIVE, "-o", str(path), "--frames", "4", "--threads", "1"]
    with pytest.raises(CheckFailed, match="30 or more"):
        main([*words, "--camera", lens])
    with pytest.raises(CatseyeError, match="task road"):
        main([*words, "--camera", lens, "--model", "digits"])
    (tmp_path / "none.yaml").write_text("fov_deg: 60\n")
    with pytest.raises(CatseyeError, match="no height_m"):
        main([*words, "--camera", str(tmp_path / "none.yaml")])
    assert not path.exists()
