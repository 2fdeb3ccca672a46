"""The CUDA calls: against the real library as far as the machine has it, and against a fake that is
strict about types."""

import ctypes
import logging
import sys
from pathlib import Path
from typing import Any

import fake_cuda
import pytest
from fake_cuda import FakeCuda

from catseye.runtime.engines.cuda import cuda_graph, cudart
from catseye.runtime.engines.cuda.cudart import CudaError, CudaRuntime, load_cudart
from catseye.runtime.errors import CatseyeError


def real_cudart() -> ctypes.CDLL:
    for soname in cudart.SONAMES:
        try:
            return ctypes.CDLL(soname)
        except OSError:
            continue
    return pytest.skip("no libcudart here")


def test_the_real_library_has_every_call_and_answers_in_words() -> None:
    library = real_cudart()
    assert [
        name for name in (*cudart.ARGUMENTS, *cuda_graph.ARGUMENTS) if not hasattr(library, name)
    ] == []
    assert hasattr(library, "cudaGraphInstantiateWithFlags") or hasattr(
        library, "cudaGraphInstantiate"
    )
    runtime = CudaRuntime(library)
    try:
        assert runtime.device_count() >= 0
    except CatseyeError as error:
        assert "cudaGetDeviceCount failed with CUDA error" in str(error)
        assert "(unknown)" not in str(error)


def test_the_lists_of_calls_are_those_of_cuda() -> None:
    """The fake's signatures were written from CUDA's headers by themselves: both must agree."""
    for name, types in {**cudart.ARGUMENTS, **cuda_graph.ARGUMENTS}.items():
        assert fake_cuda.SIGNATURES[name] == types
    assert cuda_graph.WITH_FLAGS == fake_cuda.INSTANTIATE_FROM_12
    assert cuda_graph.WITH_LOG == fake_cuda.INSTANTIATE_UP_TO_11


def test_a_library_of_pips_cuda_package_is_found_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "nvidia" / "cuda_runtime" / "lib" / "libcudart.so.12"
    library.parent.mkdir(parents=True)
    library.touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    found = list(cudart.candidates())
    assert (
        found.index("libcudart.so.12")
        < found.index(str(library))
        < found.index("libcudart.so.11.0")
    )


@pytest.fixture
def fake() -> FakeCuda:
    return FakeCuda(integrated=True, version=10020)


def test_numbers_of_the_machine(fake: FakeCuda) -> None:
    cuda = CudaRuntime(fake)
    assert (cuda.device_count(), cuda.version(), cuda.memory_info()) == (
        1,
        10020,
        (3 << 30, 4 << 30),
    )
    capability = [cuda.device_attribute(cudart.MAJOR), cuda.device_attribute(cudart.MINOR)]
    assert capability == [8, 7] and cuda.device_attribute(cudart.INTEGRATED) == 1
    assert fake.violations == []


def test_addresses_above_32_bits_come_and_go_whole(fake: FakeCuda) -> None:
    cuda = CudaRuntime(fake)
    device, host = cuda.malloc(16), cuda.host_alloc(16, cudart.MAPPED)
    stream, event = cuda.create_stream(), cuda.create_event(spin=False)
    assert min(device, stream, event) > 1 << 32
    assert cuda.device_from_host(host) > 1 << 32
    cuda.copy_async(device, host, 16, cudart.HOST_TO_DEVICE, stream)
    cuda.wait(event, stream)
    assert fake.copies == [(cudart.HOST_TO_DEVICE, 16)]
    for give_back, address in (
        (cuda.free, device),
        (cuda.free_host, host),
        (cuda.destroy_stream, stream),
        (cuda.destroy_event, event),
    ):
        give_back(address)
    assert fake.leaks() == fake.violations == []


@pytest.mark.parametrize(("spin", "flags"), [(False, 3), (True, 2)])
def test_how_the_host_waits(fake: FakeCuda, spin: bool, flags: int) -> None:
    cuda = CudaRuntime(fake)
    cuda.destroy_event(cuda.create_event(spin))
    assert fake.flags["event"] == flags  # untimed, and asleep unless it spins


@pytest.mark.parametrize(("code", "fix"), [(2, "a smaller model"), (12345, "run catseye doctor")])
def test_a_failed_call_names_itself_the_reason_and_a_fix(
    fake: FakeCuda, code: int, fix: str
) -> None:
    fake.fail("cudaMalloc", code)
    cuda = CudaRuntime(fake)
    with pytest.raises(CudaError) as caught:
        cuda.malloc(16)
    assert "cudaMalloc failed with CUDA error %d (out of luck)" % code in str(caught.value)
    assert fix in caught.value.fix
    # or TensorRT's next kernel launch would be blamed for it
    assert fake.calls["cudaGetLastError"] == 1


def test_failing_to_give_something_back_is_only_logged(
    fake: FakeCuda, caplog: pytest.LogCaptureFixture
) -> None:
    cuda = CudaRuntime(fake)
    address = cuda.malloc(16)
    fake.fail("cudaFree", 719)
    with caplog.at_level(logging.DEBUG, "catseye"):
        cuda.free(address)
    assert "cudaFree failed with CUDA error 719" in caplog.text


def test_a_call_that_this_cuda_lacks_is_told_when_it_is_declared(fake: FakeCuda) -> None:
    cuda = CudaRuntime(fake)
    assert cuda.declare("cudaMalloc", cudart.ARGUMENTS["cudaMalloc"])
    assert not cuda.declare("cudaOfTheFuture", ())


def libraries(monkeypatch: pytest.MonkeyPatch, **found: Any) -> None:
    """What the loader finds, by release."""

    def load(path: str) -> Any:
        if path not in found:
            raise OSError(path)
        return found[path]

    found = {"libcudart.so.%s" % release.strip("_"): fake for release, fake in found.items()}
    monkeypatch.setattr(cudart, "CDLL", load)


def test_the_newest_release_that_the_driver_serves_is_taken(
    fake: FakeCuda, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest, middle = FakeCuda(version=13000), FakeCuda(version=12060)
    libraries(monkeypatch, _13=newest, _12=middle)
    assert load_cudart().version() == 13000
    newest.fail("cudaGetDeviceCount", cudart.DRIVER_TOO_OLD)
    assert load_cudart().version() == 12060


def test_without_one_the_reason_is_the_last_librarys(monkeypatch: pytest.MonkeyPatch) -> None:
    libraries(monkeypatch)
    with pytest.raises(CatseyeError, match="none of libcudart.so.13, .* is installed"):
        load_cudart()
    broken = FakeCuda(version=12060)
    broken.fail("cudaGetDeviceCount", 100)
    libraries(monkeypatch, _12=broken)
    with pytest.raises(CatseyeError, match=r"libcudart.so.12: cudaGetDeviceCount failed .* 100"):
        load_cudart()
