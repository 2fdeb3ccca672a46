"""A tensor's memory: copied both ways on a card, shared on the way in on a board, given back by its
stack."""

from contextlib import ExitStack

import numpy as np
import pytest
from fake_cuda import FakeCuda

from catseye.runtime.engines.base import TensorSpec
from catseye.runtime.engines.cuda import cudart
from catseye.runtime.engines.cuda.cudart import CudaError, CudaRuntime
from catseye.runtime.engines.cuda.device_buffer import Buffer

SPEC = TensorSpec("frame", (1, 2, 3), np.dtype("float32"))
VALUES = np.arange(6, dtype=np.uint8).reshape(1, 2, 3)


@pytest.fixture
def fake() -> FakeCuda:
    return FakeCuda()


def test_both_sides_are_given_back_by_the_stack(fake: FakeCuda) -> None:
    for mapped in (False, True):
        with ExitStack() as stack:
            buffer = Buffer(CudaRuntime(fake), SPEC, mapped=mapped, stack=stack)
            assert (buffer.array.shape, buffer.array.dtype) == (SPEC.shape, SPEC.dtype)
            assert len(fake.leaks()) == (1 if mapped else 2)
        assert fake.leaks() == fake.violations == []


def test_what_is_written_is_widened_to_the_tensors_type(fake: FakeCuda) -> None:
    with ExitStack() as stack:
        buffer = Buffer(CudaRuntime(fake), SPEC, mapped=True, stack=stack)
        buffer.write(VALUES)
        np.testing.assert_array_equal(buffer.array, VALUES)
        # the device reads these very bytes
        device = fake.device_bytes(buffer.device, buffer.array.nbytes)
        np.testing.assert_array_equal(device.view(np.float32), VALUES.ravel())
        with pytest.raises(TypeError):
            buffer.write(VALUES.astype(np.complex64))


def test_on_a_card_the_bytes_travel_when_the_stream_is_done(fake: FakeCuda) -> None:
    cuda = CudaRuntime(fake)
    stream, event = cuda.create_stream(), cuda.create_event(spin=False)
    with ExitStack() as stack:
        buffer = Buffer(cuda, SPEC, mapped=False, stack=stack)
        buffer.write(VALUES)
        buffer.upload(stream)
        assert fake.copies == []  # queued
        cuda.wait(event, stream)
        device = fake.device_bytes(buffer.device, buffer.array.nbytes).view(np.float32)
        np.testing.assert_array_equal(device, VALUES.ravel())
        device += 1
        buffer.download(stream)
        cuda.wait(event, stream)
        np.testing.assert_array_equal(buffer.array, VALUES + 1.0)
    cuda.destroy_event(event)
    cuda.destroy_stream(stream)


def test_on_a_board_nothing_is_copied_in(fake: FakeCuda) -> None:
    with ExitStack() as stack:
        Buffer(CudaRuntime(fake), SPEC, mapped=True, stack=stack).upload(0)
    assert fake.calls["cudaMemcpyAsync"] == 0


def test_an_allocation_that_fails_leaves_nothing(fake: FakeCuda) -> None:
    fake.fail("cudaMalloc", cudart.OUT_OF_MEMORY)
    with pytest.raises(CudaError), ExitStack() as stack:
        Buffer(CudaRuntime(fake), SPEC, mapped=False, stack=stack)
    assert fake.leaks() == []
