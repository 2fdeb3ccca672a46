"""The modules of this house and what they import, read from the sources without running any."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import catseye

ROOT = Path(catseye.__file__).resolve().parents[1]
FOLDERS = ("export", "jetson", "models", "runtime", "training")


class Import(NamedTuple):
    """One imported module; at_start: it runs when the importing file is imported."""

    module: str
    at_start: bool
    level: int


@functools.lru_cache(maxsize=None)
def imports_of(source: str) -> tuple[Import, ...]:
    return tuple(imports_in(ast.parse(source)))


def imports_in(node: ast.AST, at_start: bool = True) -> Iterator[Import]:
    """Of the statements below a node: an expression holds no import, and most nodes are
    expressions."""
    if isinstance(node, ast.Import):
        yield from (Import(alias.name, at_start, 0) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ""
        # `from catseye.runtime import errors` takes errors, and of runtime nothing
        taken = [f"{module}.{alias.name}" for alias in node.names]
        yield from (
            Import(name if name in modules() else module, at_start, node.level) for name in taken
        )
    else:
        at_start = at_start and not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for block in ("body", "handlers", "orelse", "finalbody", "cases"):
            inside = getattr(node, block, ())
            if isinstance(inside, list):  # of a lambda or of `a if b else c` it is an expression
                for statement in inside:
                    yield from imports_in(statement, at_start)


def sources(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*.py"))


@functools.lru_cache(maxsize=None)
def modules() -> dict[str, Path]:
    """Every module by its dotted name, a package by its own; ROS 2's package is another house."""
    found = {}
    for folder in (*FOLDERS, "catseye"):
        for path in sources(folder):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "ros2" not in parts:
                name = ".".join(parts if folder == "catseye" else ("catseye", *parts))
                found[name.removesuffix(".__init__")] = path
    return found
