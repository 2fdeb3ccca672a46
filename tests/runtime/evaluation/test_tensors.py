"""An answer that only its owner can read has no metric."""

from types import SimpleNamespace

import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.tensors import TENSORS


def test_it_is_said_what_to_do_instead():
    card = SimpleNamespace(name="mine")
    with pytest.raises(CatseyeError, match="mine answers .* `verify`"):
        TENSORS.measure(None, card, "demo", "val", None)
