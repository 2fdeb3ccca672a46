"""Configuration and weights that do not belong together are refused before anything is
allocated."""

import resource

import pytest
import torch

from catseye.models.networks import NETWORKS, config_as_json, network_with_weights
from catseye.models.road import LITE_NANO, LiteRoadNet, RoadConfig, RoadNet
from catseye.runtime.errors import ModelFileError

SMALL = RoadNet(RoadConfig(widths=(4, 8, 8, 8), at_sixteenth=(1,), decoder=4))


@pytest.mark.parametrize(
    "task, architecture", [(task, one) for task, some in NETWORKS.items() for one in some]
)
def test_every_network_comes_back(task, architecture):
    network = architecture.network(architecture.config())
    twin = network_with_weights(task, config_as_json(network), network.state_dict(), "x")
    assert not twin.training and twin.config == network.config
    assert all(
        torch.equal(value, twin.state_dict()[name]) for name, value in network.state_dict().items()
    )


@pytest.mark.parametrize(
    "inhibition",
    [{"inhibition": "masked", "kept": 0.2}, {"inhibition": "low-rank", "rank": 9}]
    + [{"inhibition": form} for form in ("coupled", "analytic")],
)
def test_every_sparse_coder_comes_back(inhibition):
    ((network_type, config_type),) = NETWORKS["sparse"]
    network = network_type(config_type(patch=4, atoms=20, **inhibition))
    weights = network.state_dict()
    assert network_with_weights("sparse", config_as_json(network), weights, "x").config.atoms == 20


@pytest.mark.parametrize(
    "field, value",
    [
        ("widths", [4, 8, 8]),
        ("widths", [4, 8, 8, 9]),
        ("widths", [65536] * 4),
        ("widths", [10**30] * 4),
        ("widths", "4888"),
        ("widths", [4, 8, 8, -8]),
        ("widths", [4, 8, 8, 8.0]),
        ("at_quarter", [1] * 65),
        ("at_eighth", []),
        ("decoder", True),
        ("classes", 65536),
        ("classes", None),
        ("classes", 0),
        ("doubling", "twice"),
        ("doubling", ["nearest"]),
        ("stochastic_depth", float("nan")),
        ("stochastic_depth", float("inf")),
        ("stochastic_depth", 10**30),
        ("linear_decay", 1),
        ("depth", 3),
    ],
)
def test_another_configuration_is_refused_and_named(field, value, recwarn):
    config = {**config_as_json(SMALL), field: value}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ModelFileError):
        network_with_weights("road", config, SMALL.state_dict(), "x")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB
    assert not recwarn.list


@pytest.mark.parametrize(
    "weights",
    [
        {},
        {**SMALL.state_dict(), "more": torch.zeros(1)},
        {**SMALL.state_dict(), "classify.bias": torch.zeros(12)},
        {**SMALL.state_dict(), "classify.bias": torch.zeros(11, dtype=torch.float64)},
        {**SMALL.state_dict(), "classify.bias": [0.0] * 11},
    ],
)
def test_other_weights_are_refused(weights):
    with pytest.raises(ModelFileError, match="disagree"):
        network_with_weights("road", config_as_json(SMALL), weights, "x")


@pytest.mark.parametrize("config", [{}, {"classes": 11}, {"widths": [24, 48, 96, 128]}])
def test_a_road_network_of_before_is_still_one(config):
    network = network_with_weights("road", config, RoadNet().state_dict(), "x")
    assert isinstance(network, RoadNet)


def test_a_field_that_no_network_has_is_named_beside_those_that_one_has():
    network = LiteRoadNet(LITE_NANO)
    config = {**config_as_json(network), "depth": 3}
    with pytest.raises(ModelFileError, match=r"meta\.config\.depth"):
        network_with_weights("road", config, network.state_dict(), "x")


def test_an_unknown_task_is_refused():
    with pytest.raises(ModelFileError, match="meta.task of x is 'cats'"):
        network_with_weights("cats", {}, {}, "x")
