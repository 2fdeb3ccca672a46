"""The search for layers that must stay float, on checks whose right answer is known."""

import pytest

from catseye.export.bisection.search import ranked, smallest_float_set

LAYERS = [f"layer{number}" for number in range(40)]


class Check:
    """Passes when every culprit is float; counts how often it is asked."""

    def __init__(self, *culprits: str) -> None:
        self.culprits, self.asked = set(culprits), 0

    def __call__(self, layers) -> bool:
        self.asked += 1
        return self.culprits <= set(layers)


@pytest.mark.parametrize(
    "culprits", [("layer0",), ("layer17",), ("layer39",), ("layer3", "layer30"), LAYERS[::9]]
)
def test_it_finds_exactly_the_culprits(culprits):
    check = Check(*culprits)
    assert smallest_float_set(LAYERS, check, budget=1000) == list(culprits)


def test_a_good_ranking_needs_few_checks():
    check = Check("layer0", "layer1")
    assert smallest_float_set(LAYERS, check) == ["layer0", "layer1"]
    assert check.asked <= 8


def test_nothing_to_restore_and_nothing_that_helps():
    assert smallest_float_set(LAYERS, Check()) == []
    assert smallest_float_set(LAYERS, Check("some other layer")) is None


def test_a_spent_budget_leaves_a_set_that_passes():
    check = Check("layer20", "layer33")
    found = smallest_float_set(LAYERS, check, budget=9)
    assert check.asked <= 9 and set(found) >= {"layer20", "layer33"}


def test_layers_that_make_up_for_each_other_still_end_in_a_passing_set():
    """Not monotone: one of the two must be float, but not both."""

    def check(layers) -> bool:
        return len({"layer5", "layer9"} & set(layers)) == 1 or len(layers) == len(LAYERS)

    found = smallest_float_set(LAYERS, check, budget=1000)
    assert found is not None and check(found)
    # 1-minimal
    assert not any(check([other for other in found if other != layer]) for layer in found)


def test_ranking_puts_the_layer_that_does_most_harm_alone_first():
    harm = {"a": 1.0, "b": 9.0, "c": 3.0}
    ranking = ranked(
        list(harm), lambda kept: sum(harm[layer] for layer in harm if layer not in kept)
    )
    assert list(ranking) == ["b", "c", "a"] and ranking["b"] == 9.0
