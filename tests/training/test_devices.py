"""The device of a training by its name."""

import pytest
import torch

from catseye.runtime.errors import CatseyeError
from catseye.training.devices import device_from_name, has_bfloat16


def test_auto_is_a_gpu_where_there_is_one(monkeypatch):
    for there, kind in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=there: there)
        assert device_from_name("auto").type == kind


def test_a_name_is_that_device():
    assert device_from_name("cpu") == torch.device("cpu")


def test_an_unknown_device_is_one_line():
    with pytest.raises(CatseyeError, match="--device cpu"):
        device_from_name("warp")


@pytest.mark.parametrize("hardware", [True, False])
def test_bfloat16_counts_where_the_processor_multiplies_it(monkeypatch, hardware):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": hardware})
    assert has_bfloat16(torch.device("cpu")) is hardware
