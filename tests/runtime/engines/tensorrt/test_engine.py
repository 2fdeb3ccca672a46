"""The TensorRT engine against fakes of five API generations: one engine code, their dialects, no
GPU."""

from typing import Any

import numpy as np
import pytest
from brightest_model import FRAME, HEIGHT, WIDTH, brightest
from fake_cuda import TO_DEVICE, TO_HOST, FakeCuda, FakeDriver
from fake_machine import Machine, tensors
from fake_tensorrt import plan_bytes

from catseye.runtime.engines import available_backends
from catseye.runtime.engines.tensorrt.engine import TensorRTEngine
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.tensors import TensorSpec

PIXELS, MASK = FRAME.size, HEIGHT * WIDTH
OTHER = np.ascontiguousarray(FRAME[:, ::-1])


def one_line(error: Any) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


def test_answers_rightly_and_keeps_its_answers_apart(machine: Machine) -> None:
    with machine.open() as engine:
        answers = [engine.infer({"frame": frame})["mask"] for frame in (FRAME, OTHER, FRAME, OTHER)]
    for frame, answer in zip((FRAME, OTHER, FRAME, OTHER), answers):
        np.testing.assert_array_equal(answer, brightest(frame))


def test_says_what_it_is(machine: Machine) -> None:
    with machine.open() as engine:
        assert (engine.backend, engine.provider, engine.device) == ("tensorrt", "cuda", "Fake GPU")
        assert [(spec.name, spec.shape) for spec in engine.inputs] == [
            ("frame", (1, HEIGHT, WIDTH, 3))
        ]
        assert [(spec.name, spec.shape) for spec in engine.outputs] == [
            ("mask", (1, HEIGHT, WIDTH))
        ]
    assert available_backends()["tensorrt"] == machine.trt.__version__


def test_a_jp4_plan_takes_uint8_and_gives_what_the_card_declares(machine: Machine) -> None:
    plan = plan_bytes(machine.trt.__version__, tensors("FLOAT", "INT32"))
    with TensorRTEngine(plan, "jp4.engine") as engine:
        engine.promise([TensorSpec("mask", (1, HEIGHT, WIDTH), np.dtype("uint8"))])
        mask = engine.infer({"frame": FRAME})["mask"]
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, brightest(FRAME))
    assert machine.cuda.copies == [(TO_DEVICE, 4 * PIXELS), (TO_HOST, 4 * MASK)]


def test_buffers_are_allocated_once_and_freed_at_the_end_of_the_block(machine: Machine) -> None:
    with machine.open() as engine:
        for _ in range(3):
            engine.infer({"frame": FRAME})
        assert machine.cuda.calls["cudaMalloc"] == machine.cuda.calls["cudaHostAlloc"] == 2
        assert (
            machine.cuda.calls["cudaStreamCreateWithFlags"]
            == machine.cuda.calls["cudaEventCreateWithFlags"]
            == 1
        )
        # two on the device, two on the host, stream, event, recorded work
        assert len(machine.cuda.leaks()) == 7
    engine.close()
    assert machine.cuda.leaks() == []
    with pytest.raises(CatseyeError, match="closed"):
        engine.infer({"frame": FRAME})


def test_on_a_board_only_the_answer_is_copied(board: Machine) -> None:
    with board.open() as engine:
        mask = engine.infer({"frame": FRAME})["mask"]
        assert engine.device != "Fake GPU"
    np.testing.assert_array_equal(mask, brightest(FRAME))
    assert [kind for kind, _ in board.cuda.copies] == [TO_HOST]  # the frame is read where it lies
    assert board.cuda.calls["cudaMalloc"] == 1


@pytest.mark.parametrize(
    ("call", "after"),
    [
        ("cudaDeviceGetAttribute", 0),
        ("cudaStreamCreateWithFlags", 0),
        ("cudaEventCreateWithFlags", 0),
        ("cudaHostAlloc", 0),
        ("cudaHostAlloc", 1),
        ("cudaMalloc", 0),
        ("cudaMalloc", 1),
    ],
)
def test_a_cuda_error_while_opening_is_one_line_and_leaks_nothing(
    machine: Machine, call: str, after: int
) -> None:
    machine.cuda.fail(call, 2, after)
    with pytest.raises(CatseyeError) as error:
        machine.open()
    assert f"{call} failed with CUDA error 2 (out of luck); close other programs" in one_line(error)


def test_a_cuda_error_while_mapping_is_one_line_and_leaks_nothing(board: Machine) -> None:
    board.cuda.fail("cudaHostGetDevicePointer", 71)
    with pytest.raises(CatseyeError, match="cudaHostGetDevicePointer failed with CUDA error 71"):
        board.open()


@pytest.mark.parametrize(
    ("call", "after"),
    [
        ("cudaMemcpyAsync", 0),
        ("cudaMemcpyAsync", 1),
        ("cudaEventRecord", 0),
        ("cudaEventSynchronize", 0),
    ],
)
def test_a_cuda_error_while_running_is_one_line_and_the_engine_still_closes(
    machine: Machine, call: str, after: int
) -> None:
    with machine.open() as engine:
        machine.cuda.fail(call, 700, after)
        with pytest.raises(CatseyeError) as error:
            engine.infer({"frame": FRAME})
    assert "CUDA error 700" in one_line(error)


def test_a_refused_inference_is_an_error_and_not_an_old_answer(machine: Machine) -> None:
    with machine.open() as engine:
        engine.infer({"frame": FRAME})
        machine.trt.fake_refusal = True
        with pytest.raises(CatseyeError, match="cannot run tiny.engine"):
            engine.infer({"frame": FRAME})


def test_after_a_crash_on_the_device_the_first_failure_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = Machine("10", monkeypatch)
    with pytest.raises(CatseyeError, match="cudaEventSynchronize failed with CUDA error 700"):
        with machine.open() as engine:
            for call in ("cudaEventSynchronize", "cudaFree", "cudaFreeHost", "cudaStreamDestroy"):
                machine.cuda.fail(call, 700)
            engine.infer({"frame": FRAME})
    assert machine.cuda.calls["cudaFree"] == machine.cuda.calls["cudaFreeHost"] == 2


def test_a_gpu_that_tensorrt_cannot_use_is_one_line(machine: Machine) -> None:
    machine.trt.fake_death = True
    with pytest.raises(CatseyeError, match="CUDA initialization failure with error: 999"):
        machine.open()


def test_no_memory_for_a_context_is_one_line(machine: Machine) -> None:
    machine.trt.fake_shortage = True
    with pytest.raises(CatseyeError, match="execution context"):
        machine.open()


@pytest.mark.parametrize(
    "arrays",
    [
        {"image": FRAME},
        {"frame": FRAME[:, 1:]},
        {"frame": FRAME.astype(np.float64)},
        {},
    ],
    ids=["name", "shape", "dtype", "nothing"],
)
def test_what_does_not_fit_is_refused_before_it_reaches_the_device(
    machine: Machine, arrays: Any
) -> None:
    with machine.open() as engine, pytest.raises(CatseyeError) as error:
        engine.infer(arrays)
    assert "expected frame" in one_line(error)
    assert machine.cuda.copies == []


@pytest.mark.parametrize(
    "plan",
    [b"", b"junk", plan_bytes("8.4.1", tensors("FLOAT", "INT32"))],
    ids=["empty", "junk", "another-release"],
)
def test_a_plan_of_another_machine_says_how_to_fix_it(machine: Machine, plan: bytes) -> None:
    with pytest.raises(CatseyeError) as error:
        TensorRTEngine(plan, "road.engine")
    assert (
        "road.engine does not load here (The engine plan file is not compatible with this"
        in one_line(error)
    )
    assert "build it again" in str(error.value)


@pytest.mark.parametrize(
    "spoil", [{"shape": [-1, HEIGHT, WIDTH, 3]}, {"dtype": "FP8"}], ids=["open-shape", "dtype"]
)
def test_a_plan_with_tensors_that_numpy_cannot_hold_is_refused(
    monkeypatch: pytest.MonkeyPatch, spoil: dict[str, Any]
) -> None:
    machine = Machine("10", monkeypatch)
    frame, mask = tensors("UINT8", "UINT8")
    with pytest.raises(CatseyeError, match="tensor frame is"):
        TensorRTEngine(
            plan_bytes(machine.trt.__version__, [{**frame, **spoil}, mask]), "tiny.engine"
        )


def test_without_a_driver_tensorrt_is_never_touched(machine: Machine) -> None:
    del machine.libraries["libcuda.so.1"]
    with pytest.raises(CatseyeError) as error:
        machine.open()
    assert "no NVIDIA driver" in one_line(error)
    assert machine.trt.fake_runtimes == 0


def test_a_driver_that_does_not_start_is_told_from_none(machine: Machine) -> None:
    machine.libraries["libcuda.so.1"] = FakeDriver(code=100)
    with pytest.raises(CatseyeError, match="does not start .cuInit gives 100"):
        machine.open()


def test_without_a_cuda_runtime_the_releases_looked_for_are_named(machine: Machine) -> None:
    machine.libraries.pop("libcudart.so.12")
    with pytest.raises(CatseyeError, match="libcudart.so.10.2 is installed"):
        machine.open()


def test_a_cuda_runtime_that_the_driver_cannot_serve_is_passed_over(machine: Machine) -> None:
    too_new = FakeCuda()
    too_new.fail("cudaGetDeviceCount", 35)
    machine.libraries["libcudart.so.13"] = too_new
    with machine.open() as engine:
        np.testing.assert_array_equal(engine.infer({"frame": FRAME})["mask"], brightest(FRAME))
    machine.libraries.pop("libcudart.so.12")
    with pytest.raises(
        CatseyeError, match="libcudart.so.13: cudaGetDeviceCount failed with CUDA error 35"
    ):
        machine.open()


def test_from_the_third_inference_on_one_call_launches_all(machine: Machine) -> None:
    with machine.open() as engine:
        for frame in (FRAME, OTHER, FRAME, OTHER):
            np.testing.assert_array_equal(engine.infer({"frame": frame})["mask"], brightest(frame))
        assert machine.cuda.calls["cudaGraphLaunch"] == 3
        assert machine.cuda.calls["cudaMemcpyAsync"] == 4  # two by hand, two while it was recorded


@pytest.mark.parametrize("version", [10020, 11000, 11040, 12000, 13000])
def test_a_graph_is_made_by_the_call_of_its_cuda(
    monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    machine = Machine("10", monkeypatch)
    machine.cuda = machine.libraries["libcudart.so.12"] = machine.trt.fake_cuda = FakeCuda(
        version=version
    )
    with machine.open() as engine:
        for frame in (FRAME, OTHER, FRAME):
            np.testing.assert_array_equal(engine.infer({"frame": frame})["mask"], brightest(frame))
    assert machine.cuda.calls["cudaGraphLaunch"] == 2
    assert machine.cuda.violations == machine.cuda.leaks() == []


def test_cuda_12_without_the_lasting_name_takes_three_arguments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = Machine("10", monkeypatch)
    del machine.cuda.cudaGraphInstantiateWithFlags
    with machine.open() as engine:
        engine.infer({"frame": FRAME})
        np.testing.assert_array_equal(engine.infer({"frame": OTHER})["mask"], brightest(OTHER))
    assert machine.cuda.calls["cudaGraphInstantiate"] == machine.cuda.calls["cudaGraphLaunch"] == 1
    assert machine.cuda.violations == machine.cuda.leaks() == []


@pytest.mark.parametrize(
    "call", ["cudaStreamBeginCapture", "cudaStreamEndCapture", "cudaGraphInstantiateWithFlags"]
)
def test_what_cannot_be_recorded_runs_piece_by_piece(machine: Machine, call: str) -> None:
    machine.cuda.fail(call, 900)
    with machine.open() as engine:
        for frame in (FRAME, OTHER, FRAME):
            np.testing.assert_array_equal(engine.infer({"frame": frame})["mask"], brightest(frame))
    assert machine.cuda.calls["cudaGraphLaunch"] == 0


def test_a_dla_runs_on_its_core_and_without_a_graph(board: Machine) -> None:
    with TensorRTEngine(board.plan(dla=1), "tiny.engine", precision="fp16", dla_core=1) as engine:
        for frame in (FRAME, OTHER, FRAME):
            np.testing.assert_array_equal(engine.infer({"frame": frame})["mask"], brightest(frame))
    assert board.cuda.calls["cudaGraphLaunch"] == 0
    with pytest.raises(CatseyeError, match="DLA core -1 for a plan of core 1.*build it"):
        TensorRTEngine(board.plan(dla=1), "tiny.engine", precision="fp16")


@pytest.mark.parametrize(
    ("spin", "device", "event"), [(False, 4, 3), (True, 1, 2)], ids=["sleeps", "spins"]
)
def test_the_host_waits_as_it_was_told(
    machine: Machine, spin: bool, device: int, event: int
) -> None:
    with machine.open(spin=spin) as engine:
        engine.infer({"frame": FRAME})
    assert machine.cuda.flags == {"device": device, "event": event, "stream": 1}


def test_a_device_in_use_keeps_its_flags_and_the_engine_opens(machine: Machine) -> None:
    machine.cuda.fail("cudaSetDeviceFlags", 708)
    with machine.open() as engine:
        np.testing.assert_array_equal(engine.infer({"frame": FRAME})["mask"], brightest(FRAME))
