"""open_engine and the two engines for ONNX files: right answers, honest types, one-line
refusals."""

import importlib
import logging
import sys
from collections.abc import Callable
from typing import Any, Optional

import cv2
import numpy as np
import onnx
import onnxruntime
import pytest
from brightest_model import brightest_model
from cards import bare_model, tensor
from fake_machine import Machine
from onnx import TensorProto, helper, numpy_helper
from tiny_model import FRAME, HEIGHT, WIDTH, crops_onnx, tiny_mask, tiny_onnx, tiny_scores

from catseye.runtime import engines
from catseye.runtime.engines import available_backends, open_engine, opencv
from catseye.runtime.engines.onnxruntime import refusal, session_options
from catseye.runtime.errors import BackendError, CatseyeError, ModelFileError
from catseye.runtime.model_file import load, onnx_file, protobuf
from catseye.runtime.model_file.load import ModelFile
from catseye.runtime.model_file.tensors import TensorSpec

ONNX_BACKENDS = ["onnxruntime", "opencv"]


def one_line(error: Any) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


def tiny(*types: int, outputs: Optional[tuple[TensorSpec, ...]] = None) -> ModelFile:
    """The tiny model. types: of its pixels and of its mask.  outputs: what its card promises."""
    return bare_model(tiny_onnx(*types), "tiny", outputs)


def edited(edit: Callable[[onnx.ModelProto], None]) -> ModelFile:
    """The tiny model with a change that its border does not show."""
    model = onnx.load_from_string(tiny_onnx())
    edit(model)
    return bare_model(model.SerializeToString(), "edited")


def with_a_newer_opset(model: onnx.ModelProto) -> None:
    model.opset_import[0].version = 99


def with_a_newer_ir(model: onnx.ModelProto) -> None:
    model.ir_version = 99


def with_an_operator_that_onnxruntime_lacks(model: onnx.ModelProto) -> None:
    """ELU is the same for positive numbers, and onnxruntime has none for doubles."""
    model.graph.node[-2].input[0] = "doubles_too"
    model.graph.node.insert(
        4, helper.make_node("Cast", ["classes"], ["doubles"], "to_double", to=TensorProto.DOUBLE)
    )
    model.graph.node.insert(5, helper.make_node("Elu", ["doubles"], ["doubles_too"], "elu"))


def with_a_quantised_pair(model: onnx.ModelProto) -> None:
    """As INT8 files have them, between the planes and the convolution."""
    model.graph.initializer.extend(
        [
            numpy_helper.from_array(np.array(1.0, np.float32), "step"),
            numpy_helper.from_array(np.array(0, np.uint8), "zero"),
        ]
    )
    pair = (("QuantizeLinear", "planes", "few"), ("DequantizeLinear", "few", "back"))
    for place, (kind, read, written) in enumerate(pair, 2):
        node = helper.make_node(kind, [read, "step", "zero"], [written], kind)
        model.graph.node.insert(place, node)
    model.graph.node[4].input[0] = "back"


def with_a_type_that_contradicts(model: onnx.ModelProto) -> None:
    """The last node gives uint8; cv2.dnn does not mind."""
    model.graph.output[0].type.tensor_type.elem_type = TensorProto.INT32


@pytest.fixture(params=ONNX_BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_answers_as_numpy_does(backend: str) -> None:
    with open_engine(tiny(), backend) as engine:
        answers = engine.infer({"frame": FRAME})
    assert set(answers) == {"mask", "scores"}
    np.testing.assert_array_equal(answers["mask"], tiny_mask(FRAME))
    np.testing.assert_allclose(answers["scores"], tiny_scores(FRAME), rtol=1e-4, atol=1e-3)
    assert answers["mask"].dtype == np.uint8


def test_says_what_it_is_and_what_it_takes(backend: str) -> None:
    with open_engine(tiny(), backend, threads=1) as engine:
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
    with open_engine(tiny(), backend) as engine:
        first = engine.infer({"frame": FRAME})
        engine.infer({"frame": np.ascontiguousarray(255 - FRAME)})
    np.testing.assert_array_equal(first["mask"], tiny_mask(FRAME))
    np.testing.assert_allclose(first["scores"], tiny_scores(FRAME), rtol=1e-4, atol=1e-3)


def test_a_frame_with_strides_is_read_as_it_looks(backend: str) -> None:
    with open_engine(tiny(), backend) as engine:
        mask = engine.infer({"frame": FRAME[:, :, ::-1]})["mask"]
    np.testing.assert_array_equal(mask, tiny_mask(np.ascontiguousarray(FRAME[:, :, ::-1])))


def test_a_batch_of_grey_pictures_keeps_its_three_axes(backend: str) -> None:
    crops = np.random.RandomState(9).randint(0, 256, (5, 8, 6)).astype(np.uint8)
    with open_engine(bare_model(crops_onnx()), backend) as engine:
        sums = engine.infer({"crops": crops})["sums"]  # (5, 1, 1, 1)
    np.testing.assert_allclose(sums.ravel(), crops.sum(axis=(1, 2)), rtol=1e-5)


def test_a_jp4_model_takes_uint8_and_gives_what_the_card_declares(backend: str) -> None:
    jp4 = (TensorProto.FLOAT, TensorProto.INT32)
    with open_engine(tiny(*jp4), backend) as engine:
        assert engine.infer({"frame": FRAME})["mask"].dtype == np.int32
    declared = (tensor("mask", 1, HEIGHT, WIDTH),)
    with open_engine(tiny(*jp4, outputs=declared), backend) as engine:
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
    with open_engine(tiny(), backend) as engine:
        with pytest.raises(CatseyeError) as error:
            engine.infer(arrays)
    assert "expected frame" in one_line(error)


@pytest.mark.parametrize(
    ("backend", "kind"),
    [("onnxruntime", ModelFileError), ("opencv", BackendError), ("auto", ModelFileError)],
)
@pytest.mark.parametrize(
    "data",
    [b"", b"not a model at all", tiny_onnx()[:-40]],
    ids=["empty", "text", "cut"],
)
def test_a_spoiled_model_is_refused_in_one_line(
    backend: str, kind: type[CatseyeError], data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(kind) as error:
        open_engine(tiny()._replace(name="bad.onnx", data=data), backend)
    assert "bad.onnx" in one_line(error)
    assert "not opened with" not in caplog.text


def test_a_graph_that_leaves_a_shape_open_comes_to_no_backend() -> None:
    with pytest.raises(ModelFileError, match="bad.onnx: .*frame has an open shape"):
        bare_model(tiny_onnx(height="rows"), "bad.onnx")


@pytest.mark.parametrize("chosen", [*ONNX_BACKENDS, "tensorrt"])
def test_a_model_file_that_is_read_is_not_parsed_again(
    chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if chosen == "tensorrt":
        Machine("10", monkeypatch)
    model = brightest_model()

    def refuse(data: Any) -> None:
        pytest.fail("parsed again")

    monkeypatch.setattr(protobuf, "fields_with_bytes", refuse)
    monkeypatch.setattr(onnx_file, "fields_with_bytes", refuse)
    monkeypatch.setattr(load, "card_from_json", refuse)
    for _ in range(2):  # TensorRT's second engine comes from the cache
        with open_engine(model, chosen) as engine:
            assert engine.backend == chosen and engine.outputs == model.card.outputs


@pytest.mark.parametrize("backend", [*ONNX_BACKENDS, "auto"])
def test_a_graph_the_backend_refuses_is_one_line(
    backend: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    data = tiny_onnx().replace(b"ArgMax", b"ArgMox")
    with pytest.raises(BackendError) as error:
        open_engine(bare_model(data, "bad.onnx"), backend)
    said = one_line(error)
    assert "bad.onnx" in said and "ArgMox" in said
    # whoever left the choice to "auto" hears of both
    assert [name in said for name in ("onnxruntime cannot", "OpenCV")] == [
        backend in ("onnxruntime", "auto"),
        backend in ("opencv", "auto"),
    ]
    assert capfd.readouterr().err == "" and "not opened with" not in caplog.text


def test_int8_is_not_for_opencv() -> None:
    """Several releases answer rows of a batch wrongly and raise nothing."""
    model = edited(with_a_quantised_pair)
    assert model.border.precision == "int8"
    with open_engine(model, "onnxruntime") as engine:
        np.testing.assert_array_equal(engine.infer({"frame": FRAME})["mask"], tiny_mask(FRAME))
    with pytest.raises(BackendError, match="edited is int8.*--backend onnxruntime") as error:
        open_engine(model, "opencv")
    one_line(error)


@pytest.mark.parametrize("chosen", [*ONNX_BACKENDS, "auto"])
def test_a_declared_shape_that_is_not_the_graphs_is_refused(
    chosen: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ModelFileError, match="declared"):
        open_engine(tiny(outputs=(tensor("mask", 1, 5, 5),)), chosen)
    assert "not opened with" not in caplog.text


def test_a_closed_engine_says_so(backend: str) -> None:
    engine = open_engine(tiny(), backend)
    engine.close()
    engine.close()
    with pytest.raises(CatseyeError, match="closed"):
        engine.infer({"frame": FRAME})


def test_auto_takes_onnxruntime_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engines, "_told", set())
    with caplog.at_level(logging.INFO, "catseye"):
        for _ in range(2):
            with open_engine(tiny()) as engine:
                assert engine.backend == "onnxruntime"
    assert caplog.text.count("tiny: onnxruntime on cpu") == 1


@pytest.mark.parametrize("threads", (-1, 1025, 10**9, True, 1.0))
def test_what_is_no_number_of_threads_is_refused(threads: Any) -> None:
    with pytest.raises(CatseyeError, match="expected a whole number from 0 to 1024"):
        open_engine(tiny(), "onnxruntime", threads=threads)


def test_auto_without_onnxruntime_takes_opencv_and_says_why(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with open_engine(tiny()) as engine:
        assert engine.backend == "opencv"
        np.testing.assert_array_equal(engine.infer({"frame": FRAME})["mask"], tiny_mask(FRAME))
    assert "onnxruntime cannot be imported" in caplog.text


@pytest.mark.parametrize(
    "edit",
    [with_a_newer_opset, with_a_newer_ir, with_an_operator_that_onnxruntime_lacks],
    ids=["opset", "ir", "operator"],
)
def test_auto_takes_opencv_for_what_this_onnxruntime_lacks_and_says_so(
    edit: Any, caplog: pytest.LogCaptureFixture
) -> None:
    model = edited(edit)
    with open_engine(model) as engine:
        assert engine.backend == "opencv"
        np.testing.assert_array_equal(engine.infer({"frame": FRAME})["mask"], tiny_mask(FRAME))
    assert "edited: not opened with onnxruntime: onnxruntime cannot open edited" in caplog.text
    with pytest.raises(BackendError) as error:  # asked for by name, it is not replaced
        open_engine(model, "onnxruntime")
    assert "use another --backend" in one_line(error)


def test_auto_gives_opencv_no_file_that_onnxruntime_calls_invalid(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = edited(with_a_type_that_contradicts)
    open_engine(model, "opencv").close()  # it would take it
    monkeypatch.setattr(
        "catseye.runtime.engines.opencv.read_net", lambda *_: pytest.fail("OpenCV was tried")
    )
    with pytest.raises(ModelFileError) as error:
        open_engine(model)
    assert "onnxruntime cannot open edited" in one_line(error)
    assert "copy the model again, or export it again" in str(error.value)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (
            "9 : NOT_IMPLEMENTED : Could not find an implementation for Elu(6)",
            BackendError,
        ),
        ("Unsupported model IR version: 99, max supported IR version: 11", BackendError),
        ("com.nobody:ArgMax(-1) is not a registered function/op", BackendError),
        ("7 : INVALID_PROTOBUF : Protobuf parsing failed.", ModelFileError),
        ("10 : INVALID_GRAPH : This is an invalid model.", ModelFileError),
    ],
)
def test_what_a_refusal_of_onnxruntime_comes_to(said: str, kind: type[CatseyeError]) -> None:
    error = refusal(RuntimeError(said), "road")
    assert type(error) is kind and said in str(error)


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
    with pytest.raises(BackendError) as error:
        open_engine(brightest_model(), **choice)  # type: ignore[arg-type]
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
        open_engine(tiny(), backend, provider)
    assert "expected" in one_line(error)


def test_a_provider_this_onnxruntime_lacks_is_refused() -> None:
    with pytest.raises(BackendError, match="expected CUDAExecutionProvider for --provider cuda"):
        open_engine(tiny(), provider="cuda")


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_provider_that_onnxruntime_drops_in_silence_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # as an onnxruntime-gpu without its CUDA libraries says
    listed = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: listed)
    with pytest.raises(
        BackendError,
        match="onnxruntime offers CPUExecutionProvider; expected CUDAExecutionProvider",
    ):
        open_engine(tiny(), "onnxruntime", "cuda")
    with open_engine(tiny(), "onnxruntime") as engine:
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
    with open_engine(tiny()) as engine:
        assert engine.provider == "cpu"
    assert "offers cuda and does not start it: it runs on cpu" in caplog.text


def test_auto_tries_tensorrt_first_on_a_board_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engines, "_installed", lambda package: True)
    monkeypatch.setitem(sys.modules, "tensorrt", None)  # it cannot be imported all the same
    for board in (False, True):
        monkeypatch.setattr(engines, "is_board", lambda: board)  # noqa: B023
        with open_engine(brightest_model()) as engine:
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


def test_an_opencv_without_the_python_beside_it_answers_alike(monkeypatch):
    """Debian's and Ubuntu's has no cv2.Mat."""
    real = cv2.Mat
    monkeypatch.delattr(cv2, "Mat")
    try:
        bare = importlib.reload(opencv)
        with bare.OpenCVEngine(tiny()) as engine:
            answers = engine.infer({"frame": FRAME})
    finally:
        cv2._registerMatType(real)
        monkeypatch.undo()
        importlib.reload(opencv)
    np.testing.assert_array_equal(answers["mask"], tiny_mask(FRAME))
