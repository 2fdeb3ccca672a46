"""The encoder: widths and depths by the paper's rounding, and what a block is."""

import pytest
import torch

from catseye.models.road.efficientnet import InvertedBlock, Row, encoder_stages, rows_of


def shape_of(name):
    return [(row.blocks, row.channels) for row in rows_of(name)]


def test_rows_are_those_of_the_published_encoders():
    lite0 = [(1, 16), (2, 24), (2, 40), (3, 80), (3, 112)]
    assert shape_of("efficientnet-lite0") == lite0
    assert shape_of("efficientnet-lite2") == [(1, 16), (3, 24), (3, 48), (4, 88), (4, 120)]


@pytest.mark.parametrize("name, deep", [("efficientnet-lite0", 112), ("efficientnet-lite2", 120)])
def test_every_stage_halves(name, deep):
    stages = encoder_stages(name)
    x, sides = torch.zeros(2, 3, 64, 96), []
    for stage in stages[:5]:
        x = stage(x)
        sides.append(tuple(x.shape[2:]))
    assert sides == [(32, 48), (32, 48), (16, 24), (8, 12), (4, 6)]
    assert x.shape[1] == deep == stages.widths[-1]


def test_a_block_adds_what_came_in_where_it_can():
    row = Row(1, 5, 1, 6, 8)
    block = InvertedBlock(8, 8, row, 1).eval()
    torch.nn.init.zeros_(block.branch[-1].weight)
    x = torch.randn(1, 8, 6, 6)
    assert torch.equal(block(x), x)
    for other in (InvertedBlock(8, 8, row, 2), InvertedBlock(8, 16, row, 1)):
        assert not other.has_skip
