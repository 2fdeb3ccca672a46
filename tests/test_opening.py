"""A checkpoint in place of a model file: what is asked of its engine holds, or is refused."""

import pytest
import torch

from catseye.opening import open_model
from catseye.runtime.errors import CatseyeError


def test_a_checkpoint_computes_with_as_many_threads_as_were_asked_for(small_checkpoint):
    before = torch.get_num_threads()
    try:
        with open_model(str(small_checkpoint), threads=before + 1).engine as engine:
            assert engine.threads == torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)
    with open_model(str(small_checkpoint)).engine as engine:
        assert engine.threads == before


@pytest.mark.parametrize(
    "wish, said",
    (
        ({"threads": 10**9}, "from 0 to 1024"),
        ({"backend": "opencv"}, "--backend opencv with a checkpoint"),
        ({"provider": "cuda"}, "--provider cuda with a checkpoint"),
    ),
)
def test_what_torch_cannot_be_asked_is_refused(small_checkpoint, wish, said):
    with pytest.raises(CatseyeError, match=said):
        open_model(str(small_checkpoint), **wish)
