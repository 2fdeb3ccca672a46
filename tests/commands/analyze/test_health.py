import json

import cv2

from catseye.__main__ import main


def test_health_on_demo_streets(capsys, tmp_path, monkeypatch):
    from catseye.runtime.datasets import camvid

    monkeypatch.setitem(camvid.DEMO_FRAMES, "val", (0, 2))
    picture = str(tmp_path / "faults.png")
    assert main(["analyze", "health", "--data", "demo", "--json", "--picture", picture]) == 0
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    assert report["frames"] == 2 and report["kinds"]["blurred"]["strong"]["auc"] == 1.0
    assert "verdict names it" in captured.err and cv2.imread(picture).shape == (360 * 7, 480 * 3, 3)


def test_a_monitor_beside_the_statistics(capsys, tmp_path, monkeypatch):
    from catseye.runtime.datasets import camvid

    monkeypatch.setitem(camvid.DEMO_FRAMES, "val", (0, 2))
    figure = tmp_path / "roc.png"
    assert (
        main(
            [
                "analyze",
                "health",
                "--data",
                "demo",
                "--monitor",
                "autoencoder",
                "--figure",
                str(figure),
                "--json",
            ]
        )
        == 0
    )
    captured = capsys.readouterr()
    report = json.loads(captured.out)["monitor"]
    assert (
        report["covered"]["strong"]["monitor"]["auc"] == 1.0
        and report["good"][""]["monitor"]["called"] < 1
    )
    assert "photographs" in captured.err and figure.stat().st_size > 10_000


def test_a_figure_wants_a_monitor(capsys):
    assert main(["analyze", "health", "--data", "demo", "--figure", "x.png"]) == 2
    assert "--monitor" in capsys.readouterr().err


def test_a_split_that_is_not_there_is_one_line(capsys, tmp_path):
    (tmp_path / "camvid").mkdir()
    assert main(["analyze", "health", "--data", str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
