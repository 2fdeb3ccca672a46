"""Which splits of a set a model has learned, by the words of its card."""

import pytest

from catseye.runtime.datasets.learned import learned_splits

SHIPPED = "CamVid train val + bdd train + lums train"


@pytest.mark.parametrize(
    "described, name, splits",
    [
        (SHIPPED, "CamVid", ("train", "val")),
        (SHIPPED, "bdd", ("train",)),
        (SHIPPED, "mine", ()),
        (SHIPPED, "train", ()),
        ("mine train", "mine", ("train",)),
        ("mine train", "in", ()),
        ("a + b train", "a + b", ("train",)),
        ("my val train", "my val", ("train",)),
        ("synthetic street", "synthetic street", ("train",)),
        ("", "", ()),
        ("", "mine", ()),
    ],
)
def test_learned_splits(described, name, splits):
    assert learned_splits(described, name) == splits
