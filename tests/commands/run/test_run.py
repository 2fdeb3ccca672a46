import json
import os
import signal
import subprocess
import sys

import cv2
import numpy as np
import pytest
import quick_street

from catseye.__main__ import main

ROW = [
    "schema",
    "index",
    "source",
    "camera",
    "timestamp_ns",
    "media_time_ns",
    "clock",
    "age_ms",
    "skipped",
    "stale",
    "state",
    "why",
    "alarms",
    "failing",
    "health",
    "task",
    "result",
    "stages_ms",
]


@pytest.fixture
def video(tmp_path):
    """Five frames, the first three dark, the others bright."""
    path = str(tmp_path / "in.mp4")
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"mp4v"), 25, (64, 48))
    for value in (20, 20, 20, 220, 220):
        writer.write(np.full((48, 64, 3), value, np.uint8))
    writer.release()
    return path


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name, value in (("dusk", 20), ("noon", 220)):
        cv2.imwrite(str(folder / (name + ".png")), np.full((30, 40, 3), value, np.uint8))
    return str(folder)


def frames_in(path):
    capture, frames = cv2.VideoCapture(str(path)), 0
    assert capture.isOpened()
    while capture.read()[0]:
        frames += 1
    return frames


def test_a_video_to_every_sink_at_once(tiny_model, video, tmp_path, capsys):
    assert (
        main(
            [
                "run",
                tiny_model,
                "--source",
                video,
                "--sink",
                "jsonl://-",
                "--sink",
                str(tmp_path / "out.mp4"),
                "--sink",
                str(tmp_path / "out"),
                "--sink",
                "null://",
            ]
        )
        == 0
    )
    captured = capsys.readouterr()
    rows = [json.loads(line) for line in captured.out.splitlines()]
    assert [list(row) for row in rows] == [ROW] * 5
    assert [row["index"] for row in rows] == [0, 1, 2, 3, 4]
    assert [row["result"]["shares"]["Road"] for row in rows] == [0, 0, 0, 1, 1]
    assert {row["source"] for row in rows} == {video} and {row["task"] for row in rows} == {"road"}
    assert {(row["skipped"], row["stale"]) for row in rows} == {(0, False)}
    assert frames_in(tmp_path / "out.mp4") == 5
    assert len(os.listdir(str(tmp_path / "out"))) == 10
    assert "p95" in captured.err and "5 frames" in captured.err


def test_masks_of_pictures_have_the_pictures_size(tiny_model, pictures, tmp_path):
    assert main(["run", tiny_model, "--source", pictures, "--sink", str(tmp_path / "out")]) == 0
    masks = {
        name: cv2.imread(str(tmp_path / "out" / (name + ".mask.png")), cv2.IMREAD_UNCHANGED)
        for name in ("dusk", "noon")
    }
    assert (
        masks["dusk"].shape == (30, 40)
        and (masks["dusk"] == 0).all()
        and (masks["noon"] == 3).all()
    )


def test_noisy_frames_are_denoised_before_the_model_sees_them(tiny_model, tmp_path, capsys):
    noise = np.random.RandomState(0).normal(0, 30, (48, 64, 3))
    cv2.imwrite(str(tmp_path / "noisy.png"), np.clip(105 + noise, 0, 255).astype(np.uint8))
    shares = []
    for more in [], ["--denoise", "sparse-denoise"]:
        assert (
            main(["run", tiny_model, "--source", str(tmp_path), "--sink", "jsonl://-", *more]) == 0
        )
        row = json.loads(capsys.readouterr().out)
        assert row["health"]["verdict"] == "noisy"
        shares.append(row["result"]["shares"]["Road"])
    assert shares[0] > 0.03 and shares[1] == 0  # bright is road, and the clean picture is dark


def test_a_model_that_does_not_denoise_is_said(tiny_model, video, capsys):
    assert main(["run", tiny_model, "--source", video, "--denoise", "road"]) == 2
    assert "sparse-denoise" in capsys.readouterr().err


def test_two_cameras_in_one_run(tiny_model, video, pictures, tmp_path, capsys):
    out = ["--sink", str(tmp_path / "out.mp4#fps=99"), "--sink", str(tmp_path / "out")]
    rows = str(tmp_path / "rows.jsonl")
    sources = ["--source", "front=" + video, "--source", pictures]
    assert main(["run", tiny_model, *sources, *out, "--sink", "jsonl://" + rows, "--json"]) == 0
    captured = capsys.readouterr()
    written = [json.loads(line) for line in open(rows)]
    taken = {
        name: [row for row in written if row["camera"] == name] for name in ("front", "camera2")
    }
    assert [row["index"] for row in taken["front"]] == [0, 1, 2, 3, 4]
    assert [row["source"] for row in taken["camera2"]] == ["dusk", "noon"]
    assert [row["result"]["shares"]["Road"] for row in taken["camera2"]] == [0, 1]
    assert (
        frames_in(tmp_path / "out-front.mp4") == 5 and frames_in(tmp_path / "out-camera2.mp4") == 2
    )
    names = os.listdir(str(tmp_path / "out"))
    assert "front-000004.png" in names and "camera2-noon.mask.png" in names and len(names) == 14
    document = json.loads(captured.out)
    assert document["frames"] == 7
    assert [(each["camera"], each["frames"]) for each in document["cameras"]] == [
        ("front", 5),
        ("camera2", 2),
    ]
    assert "camera2" in captured.err


def test_batches_are_for_several_cameras(tiny_model, video, pictures, tmp_path, capsys):
    rows = []
    for number, more in enumerate(([], ["--batch"])):
        sink = ["--sink", "jsonl://%s" % (tmp_path / str(number))]
        sources = ["--source", "a=" + video, "--source", "b=" + pictures]
        assert main(["run", tiny_model, *sources, *sink, *more]) == 0
        told = map(json.loads, open(str(tmp_path / str(number))))
        rows.append(sorted((row["camera"], row["index"], str(row["result"])) for row in told))
    assert rows[0] == rows[1]
    assert main(["run", tiny_model, "--source", video, "--batch"]) == 2
    assert "--batch with one camera; expected several" in capsys.readouterr().err


@pytest.mark.parametrize("backend", ("onnxruntime", "opencv"))
def test_statistics_as_json(tiny_model, video, capsys, backend):
    assert (
        main(
            ["run", tiny_model, "--source", video, "--json", "--frames", "3", "--backend", backend]
        )
        == 0
    )
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert document["frames"] == 3 and document["skipped"] == 0 and document["backend"] == backend
    assert (
        document["model"] == "tiny" and document["source"] == video and document["task"] == "road"
    )
    assert set(document["stages_ms"]) == {"capture", "health", "prepare", "infer", "parse", "write"}
    assert set(document["age_ms"]) == {"p50", "p95", "p99"}
    assert document["power"]["seconds"] > 0
    assert set(document["power"]) >= {"joules_per_frame", "power_mode", "throttling"}
    assert "no --sink" in captured.err


def test_a_missed_budget_is_exit_code_1(tiny_model, video, capsys):
    assert (
        main(["run", tiny_model, "--source", video, "--budget", "1e-6", "--sink", "jsonl://-"]) == 1
    )
    captured = capsys.readouterr()
    assert (
        all(json.loads(line)["stale"] for line in captured.out.splitlines())
        and "missed" in captured.err
    )
    assert main(["run", tiny_model, "--source", video, "--budget", "1e6"]) == 0


@pytest.mark.parametrize(
    "arguments",
    (
        ["--source", "nowhere.mp4"],
        ["--source", "csi://0"],
        ["--source", "v4l2:///dev/video987"],
        ["--source", "synthetic://sea"],
        ["--source", "VIDEO", "--sink", "/proc/none/out.mp4"],
        ["--source", "VIDEO", "--sink", "http://0.0.0.0:80"],
        ["--source", "VIDEO", "--sink", "VIDEO"],
        ["--source", "VIDEO", "--sink", "jsonl://-", "--json"],
        ["--source", "VIDEO", "--backend", "magic"],
        ["--source", "VIDEO", "--provider", "magic"],
        ["--source", "VIDEO", "--frames", "0"],
        ["--source", "VIDEO", "--budget", "nan"],
        ["--source", "VIDEO", "--threads", "-1"],
        [],
    ),
)
def test_bad_input_is_one_line_and_exit_code_2(tiny_model, video, capfd, arguments):
    words = [video if word == "VIDEO" else word for word in arguments]
    assert main(["run", tiny_model] + words) == 2
    lines = [
        line for line in capfd.readouterr().err.splitlines() if not line.startswith("no --sink")
    ]
    assert len(lines) == 1 and lines[0].startswith("catseye: ")


@pytest.mark.parametrize("model", ("nowhere.onnx", "", "/etc/passwd"))
def test_a_bad_model_is_one_line_and_leaves_nothing(video, tmp_path, capfd, model):
    before = sorted(os.listdir(str(tmp_path)))
    arguments = [
        "--source",
        video,
        "--sink",
        str(tmp_path / "out.mp4"),
        "--sink",
        "jsonl://%s" % (tmp_path / "rows"),
    ]
    assert main(["run", model] + arguments if model else ["run"] + arguments) == 2
    assert len(capfd.readouterr().err.splitlines()) == 1
    assert sorted(os.listdir(str(tmp_path))) == before


def test_a_bad_picture_ends_with_what_was_done(tiny_model, pictures, tmp_path, capfd):
    with open(os.path.join(pictures, "late.png"), "wb") as stream:
        stream.write(b"no picture")
    assert main(["run", tiny_model, "--source", pictures, "--sink", str(tmp_path / "out.mp4")]) == 2
    error = capfd.readouterr().err
    assert error.splitlines()[-1].startswith("catseye: ") and "late.png" in error.splitlines()[-1]
    assert "1 frames" in error
    assert frames_in(tmp_path / "out.mp4") == 1


def test_no_frames_have_no_table_of_times(tiny_model, tmp_path, capfd):
    (tmp_path / "bad.png").write_text("no picture")
    assert main(["run", tiny_model, "--source", str(tmp_path / "bad.png")]) == 2
    told = capfd.readouterr().err
    assert "cannot read" in told and "p50" not in told and "nan" not in told


@pytest.fixture
def endless(tiny_model, tmp_path):
    """A run in its own process that goes on until it is told to end, and has written a few rows."""
    arguments = [
        "run",
        tiny_model,
        "--source",
        "synthetic://road?size=64x48&live=1&fps=100",
        "--sink",
        "jsonl://-",
        "--sink",
        str(tmp_path / "out.mp4"),
        "--threads",
        "1",
    ]
    process = subprocess.Popen(
        [sys.executable, quick_street.__file__] + arguments,
        stdout=subprocess.PIPE,
        # communicate() forgets what a buffer read ahead
        stderr=subprocess.PIPE,
        bufsize=0,
    )
    rows = [process.stdout.readline() for _ in range(3)]
    yield process, rows
    process.kill()
    process.communicate()


@pytest.mark.parametrize("number", (signal.SIGTERM, signal.SIGINT))
def test_a_signal_ends_a_run_well(endless, tmp_path, number):
    process, rows = endless
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    rows = [json.loads(row) for row in rows + out.splitlines()]
    written = {
        line.split()[0]: int(line.split()[1])
        for line in err.splitlines()
        if line.startswith((b"jsonl", b"/"))
    }
    assert written[b"jsonl://-"] == len(rows) >= 3
    assert frames_in(tmp_path / "out.mp4") == written[str(tmp_path / "out.mp4").encode()] >= 1
    assert b"p95" in err and b"Traceback" not in err
    assert os.listdir(str(tmp_path)) == ["out.mp4"]


def test_a_reader_that_leaves_ends_a_run_well(endless, tmp_path):
    process, _ = endless
    process.stdout.close()
    assert process.wait(timeout=30) == 0
    err = process.stderr.read()
    assert b"Traceback" not in err and b"Broken pipe" not in err and b"p95" in err
    assert frames_in(tmp_path / "out.mp4") >= 1
    process.stdout = None


def test_a_monitor_says_which_frames_are_unfamiliar(tiny_model, video, tmp_path, capsys):
    """Flat frames are like no street; their cheap verdict, where there is one, keeps its name."""
    rows_path = tmp_path / "rows.jsonl"
    assert (
        main(
            [
                "run",
                tiny_model,
                "--source",
                video,
                "--sink",
                "jsonl://%s" % rows_path,
                "--json",
                "--monitor",
                "autoencoder",
            ]
        )
        == 0
    )
    health = [json.loads(line)["health"] for line in rows_path.read_text().splitlines()]
    assert all(set(one) == {"verdict", "score", "unfamiliar"} for one in health)
    assert all(one["unfamiliar"] > 0.9 and one["verdict"] != "ok" for one in health)
    assert sum(json.loads(capsys.readouterr().out)["health"].values()) == 5


@pytest.mark.parametrize("model, word", [("road", "task 'road'"), ("nowhere.onnx", "nowhere.onnx")])
def test_what_is_no_monitor_is_one_line(tiny_model, video, capsys, model, word):
    assert main(["run", tiny_model, "--source", video, "--monitor", model]) == 2
    error = capsys.readouterr().err.splitlines()
    assert word in error[-1] and error[-1].startswith("catseye: ")


def test_a_profile_tells_stages_and_threads(tiny_model, tmp_path, capsys):
    arguments = ["run", tiny_model, "--source", "synthetic://road?size=64x48&frames=4", "--profile"]
    assert main([*arguments, "--sink", str(tmp_path / "out") + "/", "--json"]) == 0
    captured = capsys.readouterr()
    shares = json.loads(captured.out)["cpu"]
    assert set(shares["stages_ms"]) == {"health", "prepare", "infer", "parse", "write"}
    assert shares["frames"] == 4 and shares["total_ms"] >= shares["stages_ms"]["infer"] > 0
    assert "processor time of a frame" in captured.err and "stage infer" in captured.err


def test_alarms_of_a_run(tmp_path, capsys, monkeypatch):
    """Named ones in rows and statistics; a name that rows do not have ends it at once."""
    rows = tmp_path / "rows.jsonl"
    source = "synthetic://road?frames=3&size=64x48&fps=10"
    words = ["run", "road-nano", "--source", source, "--sink", "jsonl://%s" % rows, "--json"]
    assert main([*words, "--when", "sky=shares.Sky >= 0", "--when", "age_ms < -1"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["raised"] == {"sky": 1, "age_ms < -1": 0}
    assert "alarms: sky 1" in said.err
    assert [json.loads(line)["alarms"] for line in rows.read_text().splitlines()] == [["sky"]] * 3
    for text, told in (
        ("free_me < 3", "no number 'free_me'"),
        ("import os", "at letter 8"),
    ):
        assert main([*words, "--when", text]) == 2
        assert told in capsys.readouterr().err.splitlines()[-1]
    assert len(rows.read_text().splitlines()) == 3
