import json

import cv2
import numpy as np
import pytest

from catseye.__main__ import main
from catseye.commands import bench as command
from catseye.jetson.power.power_log import PowerLog
from catseye.runtime.sources import open_source as _opened


@pytest.fixture
def picture(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.full((30, 40, 3), 90, np.uint8))
    return str(tmp_path / "a.png")


def test_a_speed_comes_with_everything_it_must_be_told_with(tiny_model, picture, capsys):
    assert (
        main(
            [
                "bench",
                tiny_model,
                "--source",
                picture,
                "--seconds",
                "0.05",
                "--threads",
                "1",
                "--json",
            ]
        )
        == 0
    )
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert set(document) == {
        "model",
        "backend",
        "provider",
        "device",
        "precision",
        "threads",
        "backend_version",
        "source",
        "line",
        "latency_ms",
        "fps",
        "size",
        "frames",
        "warmup",
        "seconds",
        "stages_ms",
        "power",
        "path",
    }
    assert document["size"] == [40, 30] and document["threads"] == 1 and document["warmup"] == 10
    assert document["frames"] >= 1 and document["fps"] > 0
    latency = document["latency_ms"]
    assert 0 < latency["p50"] <= latency["p95"] <= latency["p99"]
    assert set(document["stages_ms"]) == {"prepare", "infer", "parse"}
    assert "10 to warm up" in captured.err
    path = document["path"]
    assert (path["frames"], path["skipped"], path["size"]) == (1, 0, [40, 30])
    assert "from the source: 1 frames of 40x30" in captured.err
    assert "processor time of a frame" in captured.err
    line = document["line"]
    assert captured.err.endswith("to cite: %s\n" % line)
    assert "40x30" in line and ", 1 thread, " in line and "after 10 of warm-up" in line
    assert "p50/p95/p99 %.2f / " % latency["p50"] in line
    assert "from %s 40x30: 1 frames" % picture in line and "0 dropped, age from arrival" in line


def bench(model, picture, *more):
    return main(["bench", model, "--source", picture, "--seconds", "0.05", "--json"] + list(more))


@pytest.fixture
def old(tiny_model, picture, tmp_path, capsys):
    """An earlier benchmark, and its path."""
    assert bench(tiny_model, picture) == 0
    path = tmp_path / "old.json"
    path.write_text(capsys.readouterr().out)
    return path


def changed(path, **values):
    path.write_text(json.dumps(dict(json.loads(path.read_text()), **values)))


def test_beside_an_earlier_benchmark(tiny_model, picture, old, capsys):
    slow = {"p50": 1e6, "p95": 2e6, "p99": 3e6}
    changed(old, latency_ms=slow, threads=77)
    assert bench(tiny_model, picture, "--compare", str(old)) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert document["comparison"]["speedup"]["p50"] == pytest.approx(
        1e6 / document["latency_ms"]["p50"]
    )
    assert document["comparison"]["changed"] == ["threads 77 -> %d" % document["threads"]]
    assert (
        "changed: threads 77" in captured.err
        and "old.json took so many times as long" in captured.err
    )


@pytest.mark.parametrize(
    "other", ({"device": "NVIDIA Jetson Nano"}, {"power": {"power_mode": "MAXN (mode 0)"}})
)
def test_another_device_or_power_mode_is_refused_unless_forced(
    tiny_model, picture, old, capsys, other
):
    changed(old, **other)
    assert bench(tiny_model, picture, "--compare", str(old)) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and "--force" in captured.err.splitlines()[-1]
    assert bench(tiny_model, picture, "--compare", str(old), "--force") == 0
    assert len(json.loads(capsys.readouterr().out)["comparison"]["changed"]) == 1


@pytest.mark.parametrize(
    "text",
    (
        "",
        "[]",
        "{}",
        "null",
        '{"device": 1, "power": null}',
        '{"device": "x", "power": {"power_mode": null}, "latency_ms": {"p50": 0}}',
    ),
)
def test_what_is_no_benchmark_is_refused(tiny_model, picture, tmp_path, capfd, text):
    path = tmp_path / "old.json"
    path.write_text(text)
    assert bench(tiny_model, picture, "--compare", str(path)) == 2
    assert "catseye bench MODEL --json" in capfd.readouterr().err


def test_watts_and_mode_of_a_board_stand_beside_its_speed(
    tiny_model, picture, tmp_path, monkeypatch, capsys
):
    folder = tmp_path / "sys/class/hwmon/hwmon3"
    folder.mkdir(parents=True)
    for name, text in (
        ("name", "ina3221"),
        ("in1_label", "VDD_IN"),
        ("in1_input", "5000"),
        ("curr1_input", "1200"),
    ):
        (folder / name).write_text(text)
    monkeypatch.setattr(command, "PowerLog", lambda: PowerLog(str(tmp_path)))
    assert bench(tiny_model, picture) == 0
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    power, ran = document["power"], document["frames"] + document["warmup"]
    assert power["meter"] == "sysfs" and power["mean_watts"] == pytest.approx(6.0)
    assert power["joules_per_frame"] == pytest.approx(power["joules"] / ran)
    assert "power: 6.0 W" in captured.err and ", 6.0 W, " in document["line"]


@pytest.mark.parametrize(
    "arguments",
    (
        ["--force"],
        ["--seconds", "0"],
        ["--seconds", "nan"],
        ["--source", "nowhere"],
        ["--backend", "magic"],
        ["--threads", "x"],
    ),
)
def test_bad_input_is_one_line_and_exit_code_2(tiny_model, capfd, arguments):
    assert main(["bench", tiny_model] + arguments) == 2
    assert len(capfd.readouterr().err.splitlines()) == 1


def test_a_password_of_the_source_is_not_in_the_line(tiny_model, picture, capsys, monkeypatch):
    sources = []
    monkeypatch.setattr(command, "open_source", lambda uri: sources.append(uri) or _opened(picture))
    assert (
        main(["bench", tiny_model, "--source", "rtsp://me:secret@cam/1", "--seconds", "0.05"]) == 0
    )
    captured = capsys.readouterr()
    assert sources and "rtsp://" in captured.err and "secret" not in captured.err


def test_a_budget_that_is_missed_is_exit_code_1(tiny_model, picture, capsys):
    arguments = ["bench", tiny_model, "--seconds", "0.05"]
    assert main([*arguments, "--source", picture, "--budget", "0.0001"]) == 1
    assert "budget of 0.0001 ms from arrival missed: 1 stale" in capsys.readouterr().err
    assert main([*arguments, "--budget", "5"]) == 2
    assert "--budget without --source" in capsys.readouterr().err
