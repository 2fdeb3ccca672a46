"""The TensorRT engine against fakes of four API generations: one engine code, four dialects, no GPU."""
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from fake_cuda import TO_DEVICE, TO_HOST, FakeCuda, FakeDriver
from fake_tensorrt import GENERATIONS, Tensor, brightest, fake_tensorrt, plan_bytes
from onnx import TensorProto
from tiny_model import FRAME, HEIGHT, WIDTH, tiny_onnx

from catseye.runtime.engines import TensorSpec, available_backends, cuda_driver, cudart, open_engine
from catseye.runtime.engines.tensorrt_builder import build_plan
from catseye.runtime.errors import CatseyeError

PIXELS, MASK = FRAME.size, HEIGHT * WIDTH


def tensors(pixels: str, answer: str) -> list[Tensor]:
    return [{"name": "frame", "shape": [1, HEIGHT, WIDTH, 3], "dtype": pixels, "mode": "INPUT"},
            {"name": "mask", "shape": [1, HEIGHT, WIDTH], "dtype": answer, "mode": "OUTPUT"}]


class Machine:
    """A fake TensorRT on a fake CUDA, installed where the engine looks for the real ones."""

    def __init__(self, api: str, monkeypatch: pytest.MonkeyPatch, integrated: bool = False) -> None:
        self.cuda = FakeCuda(integrated)
        self.trt = fake_tensorrt(api, self.cuda)
        self.libraries: dict[str, Any] = {"libcudart.so.12": self.cuda, "libcuda.so.1": FakeDriver()}
        monkeypatch.setitem(sys.modules, "tensorrt", self.trt)
        monkeypatch.setattr(cudart, "CDLL", self._load)
        monkeypatch.setattr(cuda_driver, "CDLL", self._load)

    def _load(self, soname: str) -> Any:
        if soname not in self.libraries:
            raise OSError(f"{soname}: cannot open shared object file")
        return self.libraries[soname]

    def plan(self) -> bytes:
        """Bytes in and out where TensorRT has them, else the jp4 form."""
        has_bytes = hasattr(self.trt.DataType, "UINT8")
        return plan_bytes(self.trt.__version__, tensors(*(("UINT8", "UINT8") if has_bytes else ("FLOAT", "INT32"))))

    def open(self) -> Any:
        return open_engine(self.plan(), "tiny.engine")


@pytest.fixture(params=sorted(GENERATIONS))
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def machine(api: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """A workstation; whatever the test does, nothing may be leaked or misused."""
    machine = Machine(api, monkeypatch)
    yield machine
    assert machine.cuda.violations == []
    assert machine.cuda.leaks() == []


@pytest.fixture
def board(api: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """A Tegra, whose GPU reads the host's memory."""
    machine = Machine(api, monkeypatch, integrated=True)
    yield machine
    assert machine.cuda.violations == []
    assert machine.cuda.leaks() == []


def one_line(error: Any) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


def test_answers_rightly_and_keeps_its_answers_apart(machine: Machine) -> None:
    other = np.ascontiguousarray(FRAME[:, ::-1])
    with machine.open() as engine:
        first = engine.infer({"frame": FRAME})["mask"]
        second = engine.infer({"frame": other})["mask"]
    np.testing.assert_array_equal(first, brightest(FRAME))
    np.testing.assert_array_equal(second, brightest(other))


def test_says_what_it_is(machine: Machine) -> None:
    with machine.open() as engine:
        assert (engine.backend, engine.provider, engine.device) == ("tensorrt", "cuda", "Fake GPU")
        assert [(spec.name, spec.shape) for spec in engine.inputs] == [("frame", (1, HEIGHT, WIDTH, 3))]
        assert [(spec.name, spec.shape) for spec in engine.outputs] == [("mask", (1, HEIGHT, WIDTH))]
    assert available_backends()["tensorrt"] == machine.trt.__version__


def test_a_jp4_plan_takes_uint8_and_gives_what_the_card_declares(machine: Machine) -> None:
    plan = plan_bytes(machine.trt.__version__, tensors("FLOAT", "INT32"))
    declared = TensorSpec("mask", (1, HEIGHT, WIDTH), np.dtype("uint8"))
    with open_engine(plan, "jp4.engine", "tensorrt", outputs_hint=[declared]) as engine:
        mask = engine.infer({"frame": FRAME})["mask"]
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, brightest(FRAME))
    assert machine.cuda.copies == [(TO_DEVICE, 4 * PIXELS), (TO_HOST, 4 * MASK)]


def test_buffers_are_allocated_once_and_freed_at_the_end_of_the_block(machine: Machine) -> None:
    with machine.open() as engine:
        for _ in range(3):
            engine.infer({"frame": FRAME})
        assert machine.cuda.calls["cudaMalloc"] == machine.cuda.calls["cudaHostAlloc"] == 2
        assert machine.cuda.calls["cudaStreamCreate"] == 1
        assert len(machine.cuda.leaks()) == 5
    engine.close()
    assert machine.cuda.leaks() == []
    with pytest.raises(CatseyeError, match="closed"):
        engine.infer({"frame": FRAME})


def test_on_a_board_only_the_answer_is_copied(board: Machine) -> None:
    with board.open() as engine:
        mask = engine.infer({"frame": FRAME})["mask"]
        assert engine.device != "Fake GPU"
    np.testing.assert_array_equal(mask, brightest(FRAME))
    assert [kind for kind, _ in board.cuda.copies] == [TO_HOST]
    assert board.cuda.calls["cudaMalloc"] == 1


@pytest.mark.parametrize(("call", "after"), [
    ("cudaDeviceGetAttribute", 0), ("cudaStreamCreate", 0), ("cudaHostAlloc", 0), ("cudaHostAlloc", 1),
    ("cudaMalloc", 0), ("cudaMalloc", 1),
])
def test_a_cuda_error_while_opening_is_one_line_and_leaks_nothing(machine: Machine, call: str, after: int) -> None:
    machine.cuda.fail(call, 2, after)
    with pytest.raises(CatseyeError) as error:
        machine.open()
    assert f"{call} failed with CUDA error 2 (out of luck); close other programs" in one_line(error)


def test_a_cuda_error_while_mapping_is_one_line_and_leaks_nothing(board: Machine) -> None:
    board.cuda.fail("cudaHostGetDevicePointer", 71)
    with pytest.raises(CatseyeError, match="cudaHostGetDevicePointer failed with CUDA error 71"):
        board.open()


@pytest.mark.parametrize(("call", "after"), [("cudaMemcpyAsync", 0), ("cudaMemcpyAsync", 1),
                                             ("cudaStreamSynchronize", 0)])
def test_a_cuda_error_while_running_is_one_line_and_the_engine_still_closes(
        machine: Machine, call: str, after: int) -> None:
    with machine.open() as engine:
        machine.cuda.fail(call, 700, after)
        with pytest.raises(CatseyeError) as error:
            engine.infer({"frame": FRAME})
    assert "CUDA error 700" in one_line(error)


def test_a_refused_inference_is_an_error_and_not_an_old_answer(machine: Machine) -> None:
    with machine.open() as engine:
        engine.infer({"frame": FRAME})
        machine.trt.fake_refusal = True
        with pytest.raises(CatseyeError, match="cannot run the plan"):
            engine.infer({"frame": FRAME})


def test_after_a_crash_on_the_device_the_first_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine("10", monkeypatch)
    with pytest.raises(CatseyeError, match="cudaStreamSynchronize failed with CUDA error 700"):
        with machine.open() as engine:
            for call in ("cudaStreamSynchronize", "cudaFree", "cudaFreeHost", "cudaStreamDestroy"):
                machine.cuda.fail(call, 700)
            engine.infer({"frame": FRAME})
    assert machine.cuda.calls["cudaFree"] == machine.cuda.calls["cudaFreeHost"] == 2


def test_a_gpu_that_tensorrt_cannot_use_is_one_line(machine: Machine) -> None:
    machine.trt.fake_death = True
    with pytest.raises(CatseyeError, match="CUDA initialization failure with error: 999"):
        machine.open()
    with pytest.raises(CatseyeError, match="CUDA initialization failure with error: 999"):
        build_plan(tiny_onnx(TensorProto.FLOAT, TensorProto.INT32))


def test_no_memory_for_a_context_is_one_line(machine: Machine) -> None:
    machine.trt.fake_shortage = True
    with pytest.raises(CatseyeError, match="execution context"):
        machine.open()


@pytest.mark.parametrize("arrays", [
    {"image": FRAME}, {"frame": FRAME[:, 1:]}, {"frame": FRAME.astype(np.float64)}, {},
], ids=["name", "shape", "dtype", "nothing"])
def test_what_does_not_fit_is_refused_before_it_reaches_the_device(machine: Machine, arrays: Any) -> None:
    with machine.open() as engine, pytest.raises(CatseyeError) as error:
        engine.infer(arrays)
    assert "expected frame" in one_line(error)
    assert machine.cuda.copies == []


@pytest.mark.parametrize("plan", [b"", b"junk", plan_bytes("8.5.2", tensors("FLOAT", "INT32"))],
                         ids=["empty", "junk", "another-release"])
def test_a_plan_of_another_machine_says_how_to_mend_it(machine: Machine, plan: bytes) -> None:
    with pytest.raises(CatseyeError) as error:
        open_engine(plan, "road.engine")
    assert "road.engine does not load here (The engine plan file is not compatible with this" in one_line(error)
    assert "build it again" in str(error.value)


@pytest.mark.parametrize("spoil", [{"shape": [-1, HEIGHT, WIDTH, 3]}, {"dtype": "FP8"}], ids=["open-shape", "dtype"])
def test_a_plan_with_tensors_that_numpy_cannot_hold_is_refused(
        monkeypatch: pytest.MonkeyPatch, spoil: dict[str, Any]) -> None:
    machine = Machine("10", monkeypatch)
    frame, mask = tensors("UINT8", "UINT8")
    with pytest.raises(CatseyeError, match="tensor frame is"):
        open_engine(plan_bytes(machine.trt.__version__, [{**frame, **spoil}, mask]), "tiny.engine")


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
    with pytest.raises(CatseyeError, match="libcudart.so.13: cudaGetDeviceCount failed with CUDA error 35"):
        machine.open()


def test_build_and_run_an_onnx_file(machine: Machine) -> None:
    model = tiny_onnx(TensorProto.FLOAT, TensorProto.INT32)
    with open_engine(model, "tiny.onnx", "tensorrt") as engine:
        np.testing.assert_array_equal(engine.infer({"frame": FRAME})["mask"], brightest(FRAME))
        assert engine.precision == "fp32"


def test_the_builder_gets_its_workspace_by_the_call_of_its_release(machine: Machine, api: str) -> None:
    build_plan(tiny_onnx(TensorProto.FLOAT, TensorProto.INT32), workspace_mb=64)
    config = machine.trt.fake_config
    if api == "8.2":
        assert config.max_workspace_size == 64 << 20
    else:
        assert config.pools == {"WORKSPACE": 64 << 20}


def test_half_precision_is_a_flag_up_to_10_and_refused_on_11(machine: Machine, api: str) -> None:
    model = tiny_onnx(TensorProto.FLOAT, TensorProto.INT32)
    if api == "11":
        with pytest.raises(CatseyeError, match="export it with --precision fp16"):
            build_plan(model, fp16=True)
    else:
        build_plan(model, fp16=True)
        assert machine.trt.fake_config.flags == ["FP16"]


def test_a_model_that_tensorrt_cannot_read_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    Machine("8.2", monkeypatch)
    with pytest.raises(CatseyeError) as error:
        build_plan(tiny_onnx())
    assert "Unsupported ONNX data type: UINT8; Unsupported ONNX data type: UINT8" in one_line(error)


def test_a_build_that_fails_says_why(machine: Machine) -> None:
    machine.trt.fake_shortage = True
    with pytest.raises(CatseyeError) as error:
        build_plan(tiny_onnx(TensorProto.FLOAT, TensorProto.INT32))
    assert "GPU memory could not be allocated" in one_line(error)
