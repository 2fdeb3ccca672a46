"""A task is a row in one table of each wing; a row or a part of one that is missing is told here by
its name. And no file tells tasks apart by their names."""

import ast
import inspect
from pathlib import Path

import pytest

import catseye
from catseye.export.graphs import GRAPHS
from catseye.models.networks import NETWORKS
from catseye.runtime.evaluation import EVALUATIONS
from catseye.runtime.evaluation.base import Evaluation
from catseye.runtime.model_file.golden import BOUNDS
from catseye.runtime.tasks import TASKS
from catseye.training.recipes import RECIPES

ROOT = Path(catseye.__file__).resolve().parents[1]
WINGS = ("runtime", "jetson", "models", "training", "export", "catseye/commands")
TABLES = {
    "runtime/tasks": TASKS,
    "runtime/evaluation": EVALUATIONS,
    "models/networks": NETWORKS,
    "export/graphs": GRAPHS,
    "training/recipes": RECIPES,
}
NAMES = set(TASKS)
LEARNED = set(NETWORKS)  # the tasks of checkpoints; the others come with somebody else's network
MOST_BRANCHES = 2


@pytest.mark.parametrize("table", TABLES)
def test_every_wing_has_a_row_for_every_task(table: str) -> None:
    assert set(TABLES[table]) == (NAMES if table.startswith("runtime") else LEARNED)


@pytest.mark.parametrize("task", sorted(NAMES))
def test_no_part_of_a_row_is_missing(task: str) -> None:
    kind, evaluation, graph = TASKS[task], EVALUATIONS[task], GRAPHS.get(task)
    for part in filter(None, (kind, graph, kind.result)):
        missing = getattr(part, "__abstractmethods__", frozenset())
        assert not missing, f"{part.__name__} lacks {sorted(missing)}"
        assert not inspect.isabstract(part)
    assert kind.result.task == task
    assert kind.result.main_array or "compared" in vars(kind.result)
    assert isinstance(evaluation, Evaluation) and evaluation.headline
    assert 0 < evaluation.allowed_loss <= evaluation.int8_loss
    assert all(kind.bounds(precision).agreement > 0.9 for precision in BOUNDS)
    assert graph is None or (graph.input_names and graph.output_names)


def tables_by_task(tree: ast.AST) -> list[int]:
    """Lines of the dictionaries whose keys are names of tasks, three at least."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        and len(NAMES & {key.value for key in node.keys if isinstance(key, ast.Constant)}) > 2
    ]


def branches_by_task(tree: ast.AST) -> list[int]:
    """Lines of the comparisons of something called a task with the name of one."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            values = {
                each.value
                for side in sides
                for each in ast.walk(side)
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            }
            if values & NAMES and "task" in ast.unparse(node):
                lines.append(node.lineno)
    return lines


def test_five_tables_and_two_branches_at_most() -> None:
    tables, branches = [], []
    for path in (path for wing in WINGS for path in sorted((ROOT / wing).rglob("*.py"))):
        tree, name = ast.parse(path.read_text()), path.relative_to(ROOT)
        tables += [f"{name}:{line}" for line in tables_by_task(tree)]
        branches += [f"{name}:{line}" for line in branches_by_task(tree)]
    assert len(tables) <= len(TABLES), tables
    assert len(branches) <= MOST_BRANCHES, branches
