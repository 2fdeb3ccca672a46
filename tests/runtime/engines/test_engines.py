"""open_engine and the two engines for ONNX files: right answers, honest types, one-line
refusals."""

import logging
import sys
from typing import Any

import numpy as np
import onnxruntime
import pytest
from brightest_model import brightest_onnx
from onnx import TensorProto
from tiny_model import FRAME, HEIGHT, WIDTH, crops_onnx, tiny_mask, tiny_onnx, tiny_scores

from catseye.runtime import engines
from catseye.runtime.engines import TensorSpec, available_backends, open_engine
from catseye.runtime.engines.onnxruntime import session_options
from catseye.runtime.errors import CatseyeError

ONNX_BACKENDS = ["onnxruntime", "opencv"]


def one_line(error: Any) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


@pytest.fixture(params=ONNX_BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_answers_as_numpy_does(backend: str) -> None:
    with open_engine(tiny_onnx(), "tiny.onnx", backend) as engine:
        answers = engine.infer({"frame": FRAME})
    assert set(answers) == {"mask", "scores"}
    np.testing.assert_array_equal(answers["mask"], tiny_mask(FRAME))
    np.testing.assert_allclose(answers["scores"], tiny_scores(FRAME), rtol=1e-4, atol=1e-3)
    assert answers["mask"].dtype == np.uint8


def test_says_what_it_is_and_what_it_takes(backend: str) -> None:
    with open_engine(tiny_onnx(), "tiny.onnx", backend, threads=1) as engine:
        assert (engine.backend, engine.provider, engine.precision, engine.threads) == (
            backend,
            "cpu",
            "fp32",
            1,
        )
        assert engine.device
        assert engine.inputs == (TensorSpec("frame", (1, HEIGHT, WIDTH, 3), np.dtype("uint8")),)
        assert [spec.name for spec in engine.outputs] == ["mask", "scores"]


def test_answers_outlive_the_next_call(backend: str) -> None:
    with open_engine(tiny_onnx(), "tiny.onnx", backend) as engine:
        first = engine.infer({"frame": FRAME})
        engine.infer({"frame": np.ascontiguousarray(255 - FRAME)})
    np.testing.assert_array_equal(first["mask"], tiny_mask(FRAME))
    np.testing.assert_allclose(first["scores"], tiny_scores(FRAME), rtol=1e-4, atol=1e-3)


def test_a_frame_with_strides_is_read_as_it_looks(backend: str) -> None:
    with open_engine(tiny_onnx(), "tiny.onnx", backend) as engine:
        mask = engine.infer({"frame": FRAME[:, :, ::-1]})["mask"]
    np.testing.assert_array_equal(mask, tiny_mask(np.ascontiguousarray(FRAME[:, :, ::-1])))


def test_a_batch_of_grey_pictures_keeps_its_three_axes(backend: str) -> None:
    crops = np.random.RandomState(9).randint(0, 256, (5, 8, 6)).astype(np.uint8)
    with open_engine(crops_onnx(), "crops.onnx", backend) as engine:
        sums = engine.infer({"crops": crops})["sums"]  # (5, 1, 1, 1)
    np.testing.assert_allclose(sums.ravel(), crops.sum(axis=(1, 2)), rtol=1e-5)


def test_a_jp4_model_takes_uint8_and_gives_what_the_card_declares(backend: str) -> None:
    model = tiny_onnx(TensorProto.FLOAT, TensorProto.INT32)
    declared = TensorSpec("mask", (1, HEIGHT, WIDTH), np.dtype("uint8"))
    with open_engine(model, "jp4.onnx", backend) as engine:
        assert engine.infer({"frame": FRAME})["mask"].dtype == np.int32
    with open_engine(model, "jp4.onnx", backend, outputs_hint=[declared]) as engine:
        mask = engine.infer({"frame": FRAME})["mask"]
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, tiny_mask(FRAME))


@pytest.mark.parametrize(
    "arrays",
    [
        {"image": FRAME},
        {},
        {"frame": FRAME, "extra": FRAME},
        {"frame": FRAME[0]},
        {"frame": FRAME[:, :-1]},
        {"frame": FRAME.astype(np.float32)},
    ],
    ids=["name", "nothing", "too-many", "rank", "height", "dtype"],
)
def test_what_does_not_fit_is_refused_in_one_line(
    backend: str, arrays: dict[str, np.ndarray]
) -> None:
    with open_engine(tiny_onnx(), "tiny.onnx", backend) as engine:
        with pytest.raises(CatseyeError) as error:
            engine.infer(arrays)
    assert "expected frame" in one_line(error)


@pytest.mark.parametrize("backend", [*ONNX_BACKENDS, "auto", "tensorrt"])
@pytest.mark.parametrize(
    "model",
    [b"", b"not a model at all", tiny_onnx()[:-40], tiny_onnx(height="rows")],
    ids=["empty", "text", "cut", "open-shape"],
)
def test_a_spoiled_model_is_refused_in_one_line(backend: str, model: bytes) -> None:
    with pytest.raises(CatseyeError) as error:
        open_engine(model, "bad.onnx", backend)
    assert "bad.onnx" in one_line(error)


def test_a_graph_the_backend_refuses_is_one_line(
    backend: str, capfd: pytest.CaptureFixture[str]
) -> None:
    model = tiny_onnx().replace(b"ArgMax", b"ArgMox")
    with pytest.raises(CatseyeError) as error:
        open_engine(model, "bad.onnx", backend)
    assert "bad.onnx" in one_line(error)
    assert capfd.readouterr().err == ""


def test_a_declared_shape_that_is_not_the_graphs_is_refused() -> None:
    with pytest.raises(CatseyeError, match="declared"):
        open_engine(
            tiny_onnx(),
            "tiny.onnx",
            outputs_hint=[TensorSpec("mask", (1, 5, 5), np.dtype("uint8"))],
        )


def test_a_closed_engine_says_so(backend: str) -> None:
    engine = open_engine(tiny_onnx(), "tiny.onnx", backend)
    engine.close()
    engine.close()
    with pytest.raises(CatseyeError, match="closed"):
        engine.infer({"frame": FRAME})


def test_auto_takes_onnxruntime_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "catseye"), open_engine(tiny_onnx(), "tiny.onnx") as engine:
        assert engine.backend == "onnxruntime"
    assert "tiny.onnx: onnxruntime on cpu" in caplog.text


def test_auto_without_onnxruntime_takes_opencv_and_says_why(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with open_engine(tiny_onnx(), "tiny.onnx") as engine:
        assert engine.backend == "opencv"
        np.testing.assert_array_equal(engine.infer({"frame": FRAME})["mask"], tiny_mask(FRAME))
    assert "onnxruntime cannot be imported" in caplog.text


@pytest.mark.parametrize(
    "choice",
    [
        {"backend": "onnxruntime"},
        {"backend": "tensorrt"},
        {"provider": "cpu"},
    ],
    ids=["onnxruntime", "tensorrt", "auto-with-provider"],
)
def test_an_explicit_choice_that_is_missing_never_falls_back(
    monkeypatch: pytest.MonkeyPatch, choice: dict[str, str]
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    with pytest.raises(CatseyeError) as error:
        open_engine(brightest_onnx(), "tiny.onnx", **choice)  # type: ignore[arg-type]
    assert "cannot be imported" in one_line(error)


@pytest.mark.parametrize(
    ("backend", "provider"),
    [
        ("tflite", ""),
        ("auto", "npu"),
        ("opencv", "cpu"),
        ("tensorrt", "cuda"),
    ],
)
def test_choices_that_make_no_sense_are_refused(backend: str, provider: str) -> None:
    with pytest.raises(CatseyeError) as error:
        open_engine(tiny_onnx(), "tiny.onnx", backend, provider)
    assert "expected" in one_line(error)


def test_a_provider_this_onnxruntime_lacks_is_refused() -> None:
    with pytest.raises(CatseyeError, match="expected CUDAExecutionProvider for --provider cuda"):
        open_engine(tiny_onnx(), "tiny.onnx", provider="cuda")


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_provider_that_onnxruntime_drops_in_silence_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # as an onnxruntime-gpu without its CUDA libraries says
    listed = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: listed)
    with pytest.raises(
        CatseyeError,
        match="onnxruntime offers CPUExecutionProvider; expected CUDAExecutionProvider",
    ):
        open_engine(tiny_onnx(), "tiny.onnx", "onnxruntime", "cuda")
    with open_engine(tiny_onnx(), "tiny.onnx", "onnxruntime") as engine:
        assert engine.provider == "cpu"


@pytest.mark.parametrize("spin", [False, True])
def test_onnxruntime_is_told_its_threads_and_whether_to_spin(spin: bool) -> None:
    options = session_options(onnxruntime, 2, spin)
    assert options.intra_op_num_threads == 2
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == str(int(spin))


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_gpu_that_does_not_start_is_told_of_even_when_nobody_asked_for_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    listed = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: listed)
    with open_engine(tiny_onnx(), "tiny.onnx") as engine:
        assert engine.provider == "cpu"
    assert "offers cuda and does not start it: it runs on cpu" in caplog.text


def test_auto_tries_tensorrt_first_on_a_board_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engines, "_installed", lambda package: True)
    monkeypatch.setitem(sys.modules, "tensorrt", None)  # it cannot be imported all the same
    for board in (False, True):
        monkeypatch.setattr(engines, "is_board", lambda: board)  # noqa: B023
        with open_engine(brightest_onnx(), "tiny.onnx") as engine:
            assert engine.backend == "onnxruntime"
        assert ("not opened with tensorrt" in caplog.text) == board


def test_available_backends_reports_versions_and_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    found = available_backends()
    assert set(found) == {"tensorrt", "onnxruntime", "opencv"}
    assert found["tensorrt"] == ""
    assert found["opencv"][:1] in {"4", "5"}
