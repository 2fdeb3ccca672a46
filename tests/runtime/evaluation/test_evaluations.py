"""The table of evaluations: a row for every task, and what a later model of each may lose."""

import pytest
from cards import card_of

from catseye.runtime.evaluation import EVALUATIONS, allowed_loss
from catseye.runtime.evaluation.base import Evaluation
from catseye.runtime.tasks import TASKS


def test_every_task_is_measured() -> None:
    assert set(EVALUATIONS) == set(TASKS)
    assert all(isinstance(row, Evaluation) and row.headline for row in EVALUATIONS.values())


@pytest.mark.parametrize("task", sorted(EVALUATIONS))
def test_int8_may_lose_more(task: str) -> None:
    row = EVALUATIONS[task]
    float_loss, int8_loss = (
        allowed_loss(card_of(task, (), (), precision=precision)) for precision in ("fp16", "int8")
    )
    assert (float_loss, int8_loss) == (row.allowed_loss, row.int8_loss)
    assert 0 < float_loss <= int8_loss
