"""A model and the engine that runs it, from a model file and from an engine on disk."""

from pathlib import Path

import numpy as np
import pytest
from brightest_model import FRAME, brightest, brightest_model, brightest_onnx
from fake_machine import Machine
from onnx import TensorProto

from catseye.runtime.engines.opened import open_file
from catseye.runtime.engines.tensorrt.checked_build import built_engine, ordered
from catseye.runtime.engines.tensorrt.engine_file import write_engine
from catseye.runtime.engines.tensorrt.recipe import BuildSettings
from catseye.runtime.errors import BackendError, CatseyeError, ModelFileError
from catseye.runtime.model_file.load import load_model
from catseye.runtime.system.files import sha256_hex


@pytest.fixture
def model_path(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.onnx"
    path.write_bytes(brightest_onnx(TensorProto.UINT8, TensorProto.UINT8))
    return path


@pytest.fixture
def engine_path(tmp_path: Path, machine: Machine) -> Path:
    """An engine of the tiny model, built by the TensorRT that is faked."""
    model = brightest_model()
    path = tmp_path / "tiny.engine"
    write_engine(str(path), built_engine(model, ordered(model, BuildSettings())))
    return path


@pytest.mark.parametrize("backend", ["onnxruntime", "opencv"])
def test_a_model_file(model_path: Path, backend: str) -> None:
    opened = open_file(str(model_path), backend, threads=1)
    with opened.engine as engine:
        np.testing.assert_array_equal(engine.infer({"frame": FRAME})["mask"], brightest(FRAME))
    model = load_model(str(model_path))
    assert (opened.name, opened.card, len(opened.golden)) == ("tiny", model.card, 2)
    assert opened.sha256 == sha256_hex(model_path.read_bytes())
    assert opened.computed_by[:3] == ("tiny", backend, "cpu")
    assert (opened.computed_by.precision, opened.computed_by.threads) == ("fp32", 1)


@pytest.mark.parametrize("api", ["8.2", "10"])
@pytest.mark.parametrize("backend", ["auto", "tensorrt"])
def test_an_engine_is_a_model_by_itself(engine_path: Path, backend: str) -> None:
    opened = open_file(str(engine_path), backend)
    with opened.engine as engine:
        np.testing.assert_array_equal(engine.infer({"frame": FRAME})["mask"], brightest(FRAME))
    assert opened.sha256 == sha256_hex(engine_path.read_bytes())  # of the plan
    assert opened.computed_by[:4] == ("tiny", "tensorrt", "cuda", "Fake GPU")
    assert opened.card.task == "road" and len(opened.golden) == 2


@pytest.mark.parametrize("api", ["10"])
@pytest.mark.parametrize("choice", [("onnxruntime", ""), ("opencv", ""), ("auto", "cpu")])
def test_an_engine_runs_on_tensorrt_and_nowhere_else(
    engine_path: Path, machine: Machine, choice: tuple[str, str]
) -> None:
    loads = len(machine.trt.fake_loads)
    with pytest.raises(CatseyeError, match="expected --backend tensorrt; give it the .onnx file"):
        open_file(str(engine_path), *choice)
    assert len(machine.trt.fake_loads) == loads


@pytest.mark.parametrize("api", ["10"])
def test_an_engine_with_a_changed_byte_is_never_loaded(engine_path: Path, machine: Machine) -> None:
    data = bytearray(engine_path.read_bytes())
    data[len(data) // 2] ^= 1
    engine_path.write_bytes(data)
    loads = len(machine.trt.fake_loads)
    with pytest.raises(ModelFileError):
        open_file(str(engine_path))
    assert len(machine.trt.fake_loads) == loads


def test_what_a_sink_is_told(model_path: Path) -> None:
    opened = open_file(str(model_path), "onnxruntime", threads=1)
    opened.engine.close()
    about = opened.about
    assert (about.sha256, about.card, about.computed_by.model) == (
        opened.sha256,
        opened.card,
        "tiny",
    )


def test_what_is_not_there_or_cannot_run(tmp_path: Path, model_path: Path) -> None:
    with pytest.raises(ModelFileError):
        open_file(str(tmp_path / "none.onnx"))
    with pytest.raises(ModelFileError):
        open_file(str(tmp_path / "none.engine"))
    with pytest.raises(BackendError):
        open_file(str(model_path), "tensorrt")
