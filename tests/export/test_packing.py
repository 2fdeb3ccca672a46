"""`catseye pack`: same bytes every time, runs without torch and onnx, refuses to run when
damaged."""

import base64
import json
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from catseye import packed_main
from catseye.commands import BOARD_VERBS
from catseye.commands import pack as pack_command
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.card import digest_of_card
from catseye.runtime.model_file.golden import GoldenCase, bytes_from_golden
from catseye.runtime.model_file.load import CARD_KEY, GOLDEN_KEY
from catseye.runtime.model_file.onnx_file import digest_of_graph
from catseye.runtime.system.files import sha256_hex

HEIGHT, WIDTH = 8, 12
FRAME = np.random.RandomState(3).randint(0, 256, (1, HEIGHT, WIDTH, 3)).astype(np.uint8)

# runs a .pyz as `python3 FILE` does, in an interpreter where an import of the workstation's
# packages is fatal
WITHOUT_TORCH = """
import runpy, sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        absent = ("torch", "onnx", "tensorboard", "sklearn")
        assert name.split(".")[0] not in absent, "imports " + name
        absent = ("catseye.export", "catseye.training", "catseye.models")
        assert not name.startswith(absent), "imports " + name
sys.meta_path.insert(0, Absent())
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


NOTHING_INSTALLED = ("-S", "-I")  # Python's own modules alone, as in a bare environment


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "tiny.onnx"
    path.write_bytes(tiny_model())
    return path


@pytest.fixture(scope="module")
def pyz(model_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pyz") / "tiny.pyz"
    assert pack_command.main([str(model_path), "-o", str(path)]) == 0
    return path


def tiny_model() -> bytes:
    """Frame (1, H, W, 3) uint8 -> mask (1, H, W) uint8, the brightest channel's index, with card
    and golden frames."""
    nodes = [
        helper.make_node("Cast", ["frame"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("ArgMax", ["pixels"], ["ids"], axis=3, keepdims=0),
        helper.make_node("Cast", ["ids"], ["mask"], to=TensorProto.UINT8),
    ]
    frame = helper.make_tensor_value_info("frame", TensorProto.UINT8, [1, HEIGHT, WIDTH, 3])
    mask = helper.make_tensor_value_info("mask", TensorProto.UINT8, [1, HEIGHT, WIDTH])
    graph = helper.make_graph(nodes, "tiny", [frame], [mask])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7)
    golden = bytes_from_golden(
        [GoldenCase({"frame": FRAME}, {"mask": FRAME.argmax(axis=3).astype(np.uint8)})]
    )
    card = {**tiny_card(golden), "graph_sha256": digest_of_graph(model.SerializeToString())}
    card["card_sha256"] = digest_of_card(card)
    helper.set_model_props(model, {CARD_KEY: json.dumps(card), GOLDEN_KEY: base64_text(golden)})
    return model.SerializeToString()


def tiny_card(golden: bytes) -> dict[str, Any]:
    return {
        "format": 1,
        "version": "0",
        "name": "tiny",
        "task": "road",
        "classes": ["blue", "green", "red"],
        "colours_rgb": [[0, 0, 255], [0, 255, 0], [255, 0, 0]],
        "precision": "fp32",
        "target": "any",
        "opset": 11,
        "inputs": [{"name": "frame", "shape": [1, HEIGHT, WIDTH, 3], "dtype": "uint8"}],
        "outputs": [{"name": "mask", "shape": [1, HEIGHT, WIDTH], "dtype": "uint8"}],
        "metrics": {},
        "provenance": {},
        "settings": {},
        "golden_sha256": sha256_hex(golden),
    }


def base64_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def run_pyz(path: Path, *argv: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, str(path), *argv],
        cwd=path.parent,
        capture_output=True,
        text=True,
        timeout=120,
    )


def one_line(text: str) -> str:
    lines = text.strip().splitlines()
    assert len(lines) == 1, text
    return lines[0]


def test_a_model_is_not_written_over(model_path: Path) -> None:
    before = model_path.read_bytes()
    with pytest.raises(CatseyeError, match=r"a name that ends in \.pyz"):
        pack_command.main([str(model_path), "-o", str(model_path)])
    assert model_path.read_bytes() == before


def test_same_input_same_bytes(model_path: Path, pyz: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.pyz"
    assert pack_command.main([str(model_path), "-o", str(again)]) == 0
    assert again.read_bytes() == pyz.read_bytes()


def test_is_a_program_of_sources_only(pyz: Path) -> None:
    assert pyz.read_bytes().startswith(b"#!/usr/bin/env python3\n")
    assert pyz.stat().st_mode & 0o111 == 0o111
    names = zipfile.ZipFile(pyz).namelist()
    assert names == sorted(names)
    assert all(name.endswith((".py", ".html", ".dbc", ".json", ".onnx")) for name in names)
    assert not [
        name
        for name in names
        if name.startswith(("catseye/training", "catseye/export", "catseye/models"))
    ]
    commands = {Path(name).stem for name in names if name.startswith("catseye/commands/")}
    assert not commands & {"train", "export", "pack"} and not any(
        "/analyze/" in name for name in names
    )


def test_manifest_names_every_file(pyz: Path) -> None:
    with zipfile.ZipFile(pyz) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        sums = {
            name: sha256_hex(archive.read(name))
            for name in archive.namelist()
            if name != "manifest.json"
        }
    assert manifest["files"] == sums
    assert manifest["model"] == {"name": "tiny", "path": "model/tiny.onnx"}


def test_verifies_its_model_without_torch_or_onnx(pyz: Path) -> None:
    answer = run_pyz(pyz, "verify", "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["ok"] is True


def test_serves_its_page_records_and_replays(pyz: Path, tmp_path: Path) -> None:
    assert (
        zipfile.ZipFile(pyz)
        .read("catseye/runtime/sinks/http/page.html")
        .startswith(b"<!DOCTYPE html>")
    )
    run = subprocess.Popen(
        [
            sys.executable,
            "-c",
            WITHOUT_TORCH,
            str(pyz),
            "run",
            "--source",
            "synthetic://road?size=20x16&live=1",
            "--sink",
            "http://127.0.0.1:0",
            "--sink",
            f"record://{tmp_path / 'log'}",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert run.stderr is not None
    try:
        url = next(line.split()[-1] for line in run.stderr if "the page is at" in line)
        with urllib.request.urlopen(url, timeout=60) as page:
            assert b"<canvas" in page.read()
        begins = b""
        while not begins:  # the first frame may take longer than one answer waits
            with urllib.request.urlopen(url + "frame?after=-1", timeout=60) as picture:
                begins = picture.read(2)
        assert begins == b"\xff\xd8"
        run.terminate()
        assert run.wait(60) == 0
    finally:
        run.kill()
        run.stderr.close()
    answer = run_pyz(pyz, "replay", str(tmp_path / "log"), "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["identical"] is True


def test_doctor_reads_the_packed_model(pyz: Path) -> None:
    answer = run_pyz(pyz, "doctor", "--json")
    report = json.loads(answer.stdout)
    (model,) = [check for check in report["checks"] if check["name"] == "model"]
    assert (model["status"], model["found"]) == ("ok", "tiny")
    assert report["machine"]["program"] == str(pyz)


def test_version_tells_code_and_model(pyz: Path) -> None:
    answer = run_pyz(pyz, "--version").stdout
    assert sha256_hex(zipfile.ZipFile(pyz).read("model/tiny.onnx")) in answer
    assert json.loads(zipfile.ZipFile(pyz).read("manifest.json"))["code_sha256"] in answer


def test_has_the_boards_verbs_and_no_others(pyz: Path) -> None:
    listed = [
        line.split()[0]
        for line in run_pyz(pyz, "--help").stdout.splitlines()
        if line.startswith("  ")
    ]
    assert listed == list(BOARD_VERBS)
    answer = run_pyz(pyz, "train", "road")
    assert answer.returncode == 2
    assert "train" in one_line(answer.stderr)


def test_builds_and_lists_engines_as_far_as_the_machine_can(pyz: Path) -> None:
    answer = run_pyz(pyz, "cache", "list", "--json")
    assert answer.returncode == 0 and "engines" in json.loads(answer.stdout)
    answer = run_pyz(pyz, "build")
    assert answer.returncode in (0, 2)
    assert answer.returncode == 0 or "tensorrt" in one_line(answer.stderr).lower()


@pytest.mark.parametrize("member", ["model/tiny.onnx", "catseye/runtime/frame.py"])
def test_a_flipped_byte_is_refused(pyz: Path, tmp_path: Path, member: str) -> None:
    data = bytearray(pyz.read_bytes())
    content = zipfile.ZipFile(pyz).read(member)
    data[data.index(content) + len(content) // 2] ^= 1
    answer = run_pyz(written(tmp_path, bytes(data)), "--version")
    assert answer.returncode == 2
    assert "damaged" in one_line(answer.stderr)


def test_a_flipped_bit_anywhere_is_damage(pyz: Path, tmp_path: Path) -> None:
    """First line, headers, code, model, directory and comment alike."""
    data = pyz.read_bytes()
    assert packed_main.damage_of(str(pyz)) == ""
    for place in [*np.linspace(0, len(data) - 1, 50).astype(int), 30, len(data) - 70]:
        flipped = bytearray(data)
        flipped[place] ^= 1 << place % 8
        assert packed_main.damage_of(str(written(tmp_path, bytes(flipped)))), place
    assert packed_main.damage_of(str(written(tmp_path, data[:-1]))) and packed_main.damage_of(
        str(tmp_path)
    )


def test_a_changed_file_is_refused_though_the_zip_is_sound(pyz: Path, tmp_path: Path) -> None:
    path = tmp_path / "changed.pyz"
    with zipfile.ZipFile(pyz) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(
                name, old.read(name) + (b"\n" if name == "catseye/runtime/classes.py" else b"")
            )
    answer = run_pyz(path, "doctor")
    assert answer.returncode == 2
    assert "catseye/runtime/classes.py" in one_line(answer.stderr)


def test_an_added_file_is_refused(pyz: Path, tmp_path: Path) -> None:
    path = written(tmp_path, pyz.read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("catseye/extra.py", "")
    assert run_pyz(path, "doctor").returncode == 2


def test_an_old_python_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(packed_main, "OLDEST_PYTHON", (99, 0))
    assert packed_main.main() == 2
    assert "python3" in one_line(capsys.readouterr().err)


def test_no_such_model_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(CatseyeError):
        pack_command.main([str(tmp_path / "none.onnx"), "-o", str(tmp_path / "none.pyz")])
    assert list(tmp_path.iterdir()) == []


def written(folder: Path, data: bytes) -> Path:
    path = folder / "copy.pyz"
    path.write_bytes(data)
    return path


def test_a_monitor_for_a_board_is_a_file_beside_the_program(pyz: Path) -> None:
    """There is no zoo in a .pyz: a name is answered in one line that says what to do."""
    words = ["run", "--source", "synthetic://road?frames=1", "--monitor", "autoencoder"]
    answer = subprocess.run([sys.executable, str(pyz), *words], capture_output=True, text=True)
    assert answer.returncode == 2 and "copy it beside the program" in answer.stderr.splitlines()[-1]


@pytest.mark.parametrize("verb", ("run", "bench", "verify", "cache", "doctor"))
def test_in_a_bare_environment_nobody_is_sent_to_pip(pyz: Path, verb: str) -> None:
    """On a board pip's packages would hide JetPack's."""
    words = ["--source", "synthetic://road"] if verb == "run" else []
    ended = subprocess.run(
        [sys.executable, *NOTHING_INSTALLED, str(pyz), verb, *words],
        capture_output=True,
        text=True,
        timeout=60,
    )
    said = ended.stdout + ended.stderr
    assert "Traceback" not in said and "pip install" not in said
    if verb in ("run", "bench", "verify"):
        assert ended.returncode == 2 and len(ended.stderr.splitlines()) == 1
        assert "numpy cannot be imported" in said and "sudo apt install python3-numpy" in said
