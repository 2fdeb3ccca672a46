"""The meta data of a checkpoint that no training made."""

from dataclasses import replace

from catseye.models.meta import Meta
from catseye.models.networks import config_as_json

NOTHING = Meta(
    task="",
    config={},
    metrics={},
    data={"name": "none"},
    seed=1,
    epoch=1,
    epochs=1,
    optimizer="adamw",
    commit="",
)


def meta_of(task, network, **fields):
    return replace(NOTHING, task=task, config=config_as_json(network), **fields)
