"""Building against fakes of five API generations: precision by flags or by types, DLA, workspace,
progress, timings."""

import logging
from typing import Any

import pytest
from brightest_model import FRAME, brightest_model
from fake_machine import Machine
from onnx import TensorProto

from catseye.runtime.engines.tensorrt.build_progress import BuildProgress
from catseye.runtime.engines.tensorrt.checked_build import built_engine, opened, ordered
from catseye.runtime.engines.tensorrt.recipe import BuildSettings
from catseye.runtime.engines.tensorrt.timing_cache import timings_path
from catseye.runtime.errors import CatseyeError, ModelFileError

FP16 = BuildSettings("fp16")


def build(precision: str = "fp32", settings: BuildSettings = BuildSettings()) -> Any:
    model = brightest_model(precision=precision)
    return built_engine(model, ordered(model, settings))


def one_line(error: Any) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


def test_an_engine_is_built_passes_its_golden_frames_and_runs(machine: Machine) -> None:
    engine = build()
    assert engine.passed
    assert [(each.name, each.agreement) for each in engine.differences] == [("mask", 1.0)]
    with opened(engine) as running:
        assert running.precision == "fp32"
        assert (running.infer({"frame": FRAME})["mask"] == FRAME.argmax(axis=-1)).all()


def test_the_builder_gets_its_workspace_by_the_call_of_its_release(
    machine: Machine, api: str
) -> None:
    build(settings=BuildSettings(workspace_mb=64))
    config = machine.trt.fake_config
    if api == "8.2":
        assert config.max_workspace_size == 64 << 20
    else:
        assert config._pools == {"WORKSPACE": 64 << 20}


def test_fp32_means_fp32(machine: Machine) -> None:
    build()
    assert machine.trt.fake_config._flags == set()  # TF32 is on by default


def test_half_precision_of_a_float_model_is_a_flag_up_to_10_and_refused_on_11(
    machine: Machine, api: str
) -> None:
    if api == "11":
        with pytest.raises(CatseyeError) as error:
            build(settings=FP16)
        assert "takes no precision flags" in one_line(
            error
        ) and "catseye export --precision fp16" in one_line(error)
    else:
        engine = build(settings=FP16)
        assert engine.key.precision == "fp16"
        assert machine.trt.fake_config._flags == {"FP16", "TF32"}


def test_a_half_precision_model_is_typed_from_10_on_and_told_by_flags_before(
    machine: Machine, api: str
) -> None:
    engine = build("fp16")
    typed = api in ("10", "11")
    assert engine.key.precision == "fp16"
    assert ("STRONGLY_TYPED" in engine.key.flags) == typed
    assert machine.trt.fake_config._flags == (
        {"TF32"} if typed else {"FP16", "TF32", "PREFER_PRECISION_CONSTRAINTS"}
    )


@pytest.mark.parametrize("api", ["8.2", "8.6"])
def test_float_layers_of_a_half_precision_model_are_asked_for_in_float(
    api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(api, monkeypatch)
    networks = networks_made(machine, monkeypatch)
    build("fp16")
    asked = {
        layer.name: layer.precision.name
        for layer in networks[0]._layers
        if hasattr(layer, "precision")
    }
    assert asked["float_relu"] == "FLOAT"
    assert not asked.keys() & {"half_mul", "to_half", "from_half", "argmax"}


def test_a_quantised_model_needs_no_calibrator(machine: Machine, api: str) -> None:
    engine = build("int8")
    assert engine.key.precision == "int8"
    assert machine.trt.fake_config._flags == ({"TF32"} if api == "11" else {"INT8", "FP16", "TF32"})


@pytest.mark.parametrize(
    ("precision", "settings", "said"),
    [
        ("fp32", BuildSettings("int8"), "catseye export --precision int8"),
        ("int8", BuildSettings("fp16"), "--precision fp16 for a model file that is int8"),
        ("fp16", BuildSettings("fp32"), "--precision fp32 for a model file that is fp16"),
        ("fp32", BuildSettings("fp8"), "expected fp32 or fp16 or int8"),
        ("fp32", BuildSettings("fp32", dla_core=0), "a DLA has no other; add --precision fp16"),
    ],
)
def test_a_wish_that_cannot_be_fulfilled_says_what_to_do(
    machine: Machine, precision: str, settings: BuildSettings, said: str
) -> None:
    with pytest.raises(CatseyeError) as error:
        build(precision, settings)
    assert said in one_line(error)
    assert machine.trt.fake_builds == 0


@pytest.mark.parametrize("api", ["8.2", "8.5", "8.6", "10"])
def test_a_dla_tells_layer_by_layer_what_fell_back_and_why(board: Machine) -> None:
    board.trt.fake_dla_cores = 2
    engine = build(settings=BuildSettings("fp16", dla_core=1))
    assert [(each.layer, each.kind) for each in engine.fallbacks] == [
        ("to_float", "CAST"),
        ("argmax", "TOPK"),
        ("to_castable", "CAST"),
        ("to_mask", "CAST"),
    ]
    assert engine.fallbacks[1].reason == "argmax: DLA has no layer of type TOPK"
    assert engine.dla_core == 1 and "GPU_FALLBACK" in board.trt.fake_config._flags
    assert board.trt.fake_config._devices == {each.layer: "GPU" for each in engine.fallbacks}


@pytest.mark.parametrize("api", ["8.2", "10"])
def test_a_dla_told_by_flags_takes_int8_as_ranges(
    board: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    board.trt.fake_dla_cores = 1
    networks = networks_made(board, monkeypatch)
    model = brightest_model(
        calibration={"frames": "demo", "ranges": "mse", "amax": {"frame": 255, "values": 254.5}}
    )
    engine = built_engine(model, ordered(model, BuildSettings("int8", dla_core=0)))
    assert engine.passed and engine.card.precision == "int8" and "RANGES" in engine.key.flags
    assert {"INT8", "FP16"} <= board.trt.fake_config._flags
    (frame,) = networks[0]._inputs
    ranged = {
        tensor.name: tensor._range
        for layer in networks[0]._layers
        for tensor in layer._outputs
        if hasattr(tensor, "_range")
    }
    assert frame._range == (-255.0, 255.0) and ranged == {"values": (-254.5, 254.5)}


@pytest.mark.parametrize(
    ("amax", "said"),
    [
        ({"frame": "wide"}, 'card.calibration.amax.frame of tiny is "wide"'),
        ({"frame": -1}, "card.calibration.amax.frame of tiny is -1"),
        ([1], "card.calibration.amax of tiny is [1]"),
        ({"frame": float("nan")}, "the card of tiny cannot be read (NaN"),
        ({"frame": 1e300}, "card.calibration.amax.frame of tiny is 1e+300"),
    ],
)
def test_damaged_ranges_are_one_line_before_anything_is_built(amax: Any, said: str) -> None:
    with pytest.raises(ModelFileError) as error:
        brightest_model(calibration={"frames": "demo", "ranges": "mse", "amax": amax})
    assert said in one_line(error) and "export it again" in str(error.value)


def networks_made(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The networks that builders make from now on."""
    networks: list[Any] = []
    create = machine.trt.Builder.create_network
    monkeypatch.setattr(
        machine.trt.Builder,
        "create_network",
        lambda *arguments: networks.append(create(*arguments)) or networks[-1],
    )
    return networks


@pytest.mark.parametrize("api", ["11"])
def test_a_dla_of_11_takes_typed_models(board: Machine) -> None:
    board.trt.fake_dla_cores = 1
    assert build("fp16", BuildSettings(dla_core=0)).dla_core == 0


@pytest.mark.parametrize(
    ("cores", "core", "said"),
    [
        (0, 0, "sees no DLA here; expected Xavier or Orin"),
        (2, 2, "0 to 1: this board has 2 DLA cores"),
    ],
)
def test_a_dla_that_is_not_there_is_one_line(
    machine: Machine, cores: int, core: int, said: str
) -> None:
    machine.trt.fake_dla_cores = cores
    with pytest.raises(CatseyeError) as error:
        build("fp16", BuildSettings(dla_core=core))
    assert said in one_line(error)


@pytest.mark.parametrize("api", ["8.2", "10"])
def test_a_quantised_model_on_a_dla_told_by_flags_is_refused(board: Machine) -> None:
    board.trt.fake_dla_cores = 2
    with pytest.raises(CatseyeError, match="takes no Q/DQ"):
        build("int8", BuildSettings(dla_core=0))


@pytest.mark.parametrize("api", ["8.2"])
def test_a_model_that_tensorrt_cannot_read_is_one_line(machine: Machine) -> None:
    model = brightest_model(TensorProto.UINT8, TensorProto.UINT8)
    with pytest.raises(CatseyeError) as error:
        built_engine(model, ordered(model, BuildSettings()))
    assert "Unsupported ONNX data type: UINT8; Unsupported ONNX data type: UINT8" in one_line(error)
    assert "--target" in str(error.value)


def test_a_build_that_fails_says_why_and_the_fix_for_it(machine: Machine) -> None:
    machine.trt.fake_shortage = True
    with pytest.raises(CatseyeError) as error:
        build()
    assert "GPU memory could not be allocated" in one_line(error)
    assert "close other programs, or give it less --workspace" in str(error.value)


def test_a_gpu_that_tensorrt_cannot_use_is_one_line(machine: Machine) -> None:
    machine.trt.fake_death = True
    with pytest.raises(CatseyeError, match="CUDA initialization failure with error: 999"):
        build()


def test_an_engine_that_answers_wrongly_does_not_pass(machine: Machine) -> None:
    machine.trt.fake_spoiled = True
    engine = build()
    assert not engine.passed
    assert engine.differences[0].agreement < 0.999


def test_timings_are_kept_for_the_next_build_and_dropped_when_damaged(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    order = ordered(brightest_model(), BuildSettings())
    path = timings_path(order.machine)
    for builds in (1, 2):
        build()
        with open(path, "rb") as stream:
            assert stream.read().count(b"timed;") == builds
    with open(path, "r+b") as stream:
        stream.write(b"x")
    with caplog.at_level(logging.INFO, "catseye"):
        build()
    assert "is damaged and not used" in caplog.text
    with open(path, "rb") as stream:
        assert stream.read().count(b"timed;") == 1


def test_timings_of_another_release_are_refused_by_tensorrt_and_the_build_goes_on(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    from catseye.runtime.engines.tensorrt.builder import build_plan

    model = brightest_model()
    order = ordered(model, BuildSettings())
    for timings in (b"8.0.0|timed;", b"no separator"):
        with caplog.at_level(logging.INFO, "catseye"):
            assert build_plan(model.data, order.recipe, "tiny", timings).plan
    assert caplog.text.count("kernel timings of an earlier build are not used") == 2


@pytest.mark.parametrize("api", ["8.6", "10"])
def test_progress_tells_the_time_and_from_10_on_the_share(machine: Machine, api: str) -> None:
    config = machine.trt.IBuilderConfig(None)
    with BuildProgress("road") as progress:
        progress.attach(machine.trt, config)
        assert progress.line() == "road: building for 0 s"
        if api == "10":
            config.progress_monitor.phase_start("Building Engine", None, 4)
            config.progress_monitor.phase_start("Timing", "Building Engine", 7)
            config.progress_monitor.step_complete("Timing", 6)
            config.progress_monitor.step_complete("Building Engine", 0)
            assert progress.line() == "road: building for 0 s, Building Engine 25 %"
    assert 0 < progress.seconds < 60


def test_a_long_build_shows_that_it_lives(caplog: pytest.LogCaptureFixture) -> None:
    import time

    with caplog.at_level(logging.INFO, "catseye"), BuildProgress("road", every_s=0.01):
        deadline = time.monotonic() + 30
        while "road: building for 0 s" not in caplog.text and time.monotonic() < deadline:
            time.sleep(0.01)
    assert "road: building for 0 s" in caplog.text
