import json
import os
import shutil
import sys

import cv2
import numpy as np
import pytest

from catseye.__main__ import main
from catseye.runtime.engines import onnxruntime
from catseye.runtime.recording.log import LogReader
from catseye.runtime.recording.repair import is_cut_short


@pytest.fixture
def log(tiny_model, tmp_path):
    """Six pictures from dark to bright, the fourth half bright, recorded with their results."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, value in enumerate((10, 60, 110, 160, 210, 250)):
        image = np.full((48, 64, 3), value, np.uint8)
        image[:, :16] = 10
        cv2.imwrite(str(folder / ("p%d.png" % number)), image)
    path = str(tmp_path / "log.mcap")
    assert main(["run", tiny_model, "--source", str(folder), "--sink", "record://" + path]) == 0
    return path


def compared(capsys, *arguments):
    code = main(["replay", *arguments, "--json"])
    captured = capsys.readouterr()
    return code, json.loads(captured.out), captured.err


@pytest.mark.parametrize("backend", ("onnxruntime", "opencv"))
def test_the_same_model_gives_the_same_bits(log, tiny_model, capsys, backend):
    code, document, said = compared(capsys, log, "--models", tiny_model, "--backend", backend)
    assert code == 0 and document["identical"] and document["same"] == document["frames"] == 6
    assert document["agreement"] == 1.0 and [
        frame["index"] for frame in document["per_frame"]
    ] == list(range(6))
    assert (
        document["recorded"]["sha256"] == document["models"][0]["sha256"]
        and document["task"] == "road"
    )
    assert "6 of 6 frames bit-identical" in said


def test_another_model_differs_where_it_does(log, other_model, tmp_path, capsys):
    code, document, said = compared(
        capsys, log, "--models", other_model, "--pictures", str(tmp_path / "differ")
    )
    assert code == 1 and document["same"] == 5
    # 160: three quarters of it
    assert [frame["agreement"] for frame in document["per_frame"]] == [1, 1, 1, 0.25, 1, 1]
    assert document["agreement"] == pytest.approx((5 + 0.25) / 6)
    assert (
        document["classes"]["Road"] == pytest.approx(2 / 3) and document["classes"]["Car"] is None
    )
    assert (
        os.listdir(str(tmp_path / "differ")) == ["p3.png"]
        and "not the model that was recorded" in said
    )
    picture = cv2.imread(str(tmp_path / "differ" / "p3.png"))
    assert picture.shape == (48, 3 * 64, 3)
    red = (picture[:20, 128:] == (60, 60, 255)).all(axis=2)
    assert red[:, 16:].all() and not red[:, :16].any()


def another_computer(monkeypatch):
    monkeypatch.setattr(onnxruntime, "cpu_name", lambda: "another core")


def test_another_computer_may_differ_a_little_and_it_is_said(log, tiny_model, capsys, monkeypatch):
    another_computer(monkeypatch)
    code, document, said = compared(capsys, log, "--models", tiny_model)
    assert code == 0 and document["ok"] and document["allowed"]["agreement"] == 0.999
    assert "another core: every frame within the bounds between two computers" in said


def test_another_computer_may_not_differ_much(log, other_model, capsys, monkeypatch):
    another_computer(monkeypatch)
    code, document, said = compared(capsys, log, "--models", other_model)
    assert code == 1 and not document["ok"]
    assert [frame["ok"] for frame in document["per_frame"]] == [True] * 3 + [False] + [True] * 2
    assert "beyond the bounds between two computers: 1 frames" in said


def test_floats_of_another_computer(tmp_path, capsys, monkeypatch):
    """A last bit of a code may fall otherwise: on this computer it is a fault."""
    path = str(tmp_path / "log.mcap")
    words = ["run", "sparse", "--source", "synthetic://road?frames=2", "--sink"]
    assert main(words + ["record://" + path]) == 0
    infer = onnxruntime.OnnxRuntimeEngine.infer

    def otherwise(engine, arrays):
        answers = infer(engine, arrays)
        answers["code"] *= np.float32(1 + 1e-6)
        return answers

    monkeypatch.setattr(onnxruntime.OnnxRuntimeEngine, "infer", otherwise)
    code, document, _ = compared(capsys, path, "--models", "sparse")
    assert code == 1 and document["same"] == 0 and document["allowed"] is None
    another_computer(monkeypatch)
    code, document, _ = compared(capsys, path, "--models", "sparse")
    assert code == 0 and document["same"] == 0 and document["ok"]


def test_two_models_are_judged_by_the_same_frames(log, tiny_model, other_model, capsys):
    code, document, _ = compared(capsys, log, "--models", tiny_model, other_model)
    assert code == 0 and [model["model"] for model in document["models"]] == ["tiny", "other"]
    assert document["same"] == 5 and not document["identical"]
    code, document, _ = compared(capsys, log, "--models", tiny_model, tiny_model, "--frames", "2")
    assert code == 0 and document["identical"] and document["frames"] == 2


def test_a_replayed_run_gives_the_recorded_rows(log, tiny_model, tmp_path):
    rows = tmp_path / "rows"
    assert (
        main(["run", tiny_model, "--source", "replay://" + log, "--sink", "jsonl://%s" % rows]) == 0
    )
    for line, entry in zip(rows.read_text().splitlines(), LogReader(log)):
        row = json.loads(line)
        assert {
            key: row[key] for key in ("index", "source", "timestamp_ns", "skipped", "result")
        } == {
            key: entry.row[key] for key in ("index", "source", "timestamp_ns", "skipped", "result")
        }


@pytest.mark.parametrize(
    "arguments",
    (
        ["LOG"],
        ["LOG", "--models", "nowhere"],
        ["LOG", "--models", "digits"],
        ["nowhere", "--models", "MODEL"],
        ["MODEL", "--models", "MODEL"],
        ["LOG", "--models", "MODEL", "MODEL", "MODEL"],
        ["LOG", "--models", "MODEL", "--pictures", "/proc/none"],
    ),
)
def test_bad_input_is_one_line_and_exit_code_2(log, tiny_model, arguments, capfd):
    capfd.readouterr()
    assert (
        main(["replay"] + [{"LOG": log, "MODEL": tiny_model}.get(word, word) for word in arguments])
        == 2
    )
    lines = capfd.readouterr().err.splitlines()
    assert lines[-1].startswith("catseye: ") and not [line for line in lines if "Traceback" in line]


@pytest.mark.parametrize(
    "arrays",
    (
        {},
        {"mask": np.zeros((48, 64), np.float32)},
        {"mask": np.zeros((48, 65), np.uint8)},
        {"mask": np.zeros((48, 64), np.uint8), "more": np.zeros(3)},
    ),
)
def test_a_recorded_result_of_another_kind_is_one_line(
    arrays, log, tiny_model, tmp_path, monkeypatch, capfd
):
    whole = next(iter(LogReader(log)))
    monkeypatch.setattr(LogReader, "__iter__", lambda reader: iter([whole._replace(arrays=arrays)]))
    capfd.readouterr()
    assert main(["replay", log, "--models", tiny_model, "--pictures", str(tmp_path / "x")]) == 2
    assert "frame 0 of" in capfd.readouterr().err


def test_repair_gives_a_cut_log_its_end(log, tiny_model, capsys):
    data = open(log, "rb").read()
    with open(log, "wb") as stream:
        stream.write(data[: int(len(data) * 0.7)])
    frames = len(list(LogReader(log)))
    code, document, said = compared(capsys, log, "--repair")
    assert code == 0 and document == {"log": log, "frames": frames} and 0 < frames < 6
    assert "is finished: %d frames" % frames in said and not is_cut_short(log)
    code, document, said = compared(capsys, log, "--models", tiny_model)
    assert code == 0 and document["frames"] == frames and "cut short" not in said


def test_a_board_writes_no_bag(log, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "catseye.export.rosbag2", None)  # as in a .pyz
    assert main(["replay", log, "--to", "rosbag2"]) == 2
    assert "on a board" in capsys.readouterr().err


def test_the_recorded_model_is_found_by_its_hash(log, tiny_model, tmp_path, monkeypatch, capsys):
    """Beside the log, in a folder that is named, in a .pyz there; else it is said where it was
    looked for."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir(), there.mkdir()
    log = str(shutil.move(log, str(here / "log.mcap")))
    monkeypatch.chdir(there)
    assert main(["replay", log]) == 2
    said = capsys.readouterr().err
    assert str(here) in said and str(there) in said and "the shipped ones" in said
    shutil.copy(tiny_model, str(here / "renamed.onnx"))
    code, document, said = compared(capsys, log)
    assert code == 0 and document["identical"] and "renamed.onnx" in said
    assert main(["replay", log, "--models", str(there)]) == 2
    assert main(["pack", tiny_model, "-o", str(there / "board.pyz")]) == 0
    capsys.readouterr()
    code, document, said = compared(capsys, log, "--models", str(there))
    assert code == 0 and document["identical"] and "board.pyz" in said


def test_frames_recorded_with_loss_are_compared_by_bounds_and_said(
    tiny_model, tmp_path, capsys, caplog
):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3):
        noise = np.random.RandomState(number).randint(0, 9, (48, 64, 3))
        image = (4 * np.arange(64)[None, :, None] + noise).clip(0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / ("p%d.png" % number)), image)
    path = str(tmp_path / "log.mcap")
    sink = "record://%s?codec=jpeg&quality=70" % path
    assert main(["run", tiny_model, "--source", str(folder), "--sink", sink]) == 0
    code, document, said = compared(capsys, path, "--models", tiny_model)
    assert code == 0 and document["ok"] and not document["identical"]
    assert document["allowed"]["agreement"] == 0.9 and document["recorded"]["codec"] == "jpeg"
    assert "the recorded frames are jpeg, which loses something: every frame within" in said
    code = main(["run", tiny_model, "--source", "replay://" + path])
    assert code == 0 and "are jpeg, which loses something" in caplog.text


def test_smoothed_results_are_not_compared_with_plain_ones(tmp_path, capsys):
    path = str(tmp_path / "log.mcap")
    source = "synthetic://road?seed=1&size=160x90&frames=2"
    words = ["run", "road-nano", "--source", source, "--threads", "1", "--smooth", "0.3"]
    assert main([*words, "--sink", "record://" + path]) == 0
    assert main(["replay", path]) == 2
    assert "recorded with --smooth 0.3" in capsys.readouterr().err
    assert main(["replay", path, "--models", "road-nano", "road-nano", "--threads", "1"]) == 0
