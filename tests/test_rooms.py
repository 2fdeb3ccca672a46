"""The shape of the house: how many modules a room has, which way imports run, and that a test names
every module."""

import ast
import functools
import os
from collections import Counter
from pathlib import Path

from house import ROOT, imports_in, imports_of, modules

MOST_AT_THE_ROOT = 12  # modules of runtime/ itself
MOST_IN_A_ROOM = 16
CROWDED = {"catseye/commands/analyze": "one study a verb: a reader looks for one by its name"}

# what each wing may import beside itself; the command line whatever a verb needs
EVERYTHING = {"runtime", "jetson", "models", "training", "export"}
ALLOWED = {
    "runtime": set(),
    "jetson": {"runtime"},
    "models": {"runtime"},
    "training": {"models", "runtime"},
    "export": {"models", "runtime"},
    "catseye": EVERYTHING,  # the Python interface
    "commands": EVERYTHING | {"catseye", "packed_main"},  # which `pack` puts in front
    "__main__": EVERYTHING | {"catseye", "commands"},
    "packed_code": {"runtime"},
    # which a .pyz starts once its bytes are as they were
    "packed_main": {"__main__", "packed_code"},
}
# a CSI camera is opened by the runtime, and its pipeline's text is what only a board knows
UPWARDS = [("catseye.runtime.sources.csi", "catseye.jetson.cameras")]

# rooms with one door: tests look at what comes out of it
BEHIND_A_DOOR = ("catseye.runtime.street.",)
# what tests reach through another module, and where
REACHED = {
    "catseye.api": "tests/test_python_api.py",
    "catseye.camera": "tests/test_python_api.py",
    "catseye.export.card": "tests/export/test_drafting.py",
    "catseye.export.torch_engine": "tests/export/test_drafting.py",
    "catseye.runtime.system.loopback": "tests/runtime/sinks/http/test_address.py",
}


def files_of_tests() -> list[Path]:
    """All but this one, which names modules without asking them."""
    return sorted(set((ROOT / "tests").rglob("*.py")) - {Path(__file__)})


def test_the_root_of_runtime_is_small() -> None:
    at_root = [path for path in (ROOT / "runtime").glob("*.py") if path.name != "__init__.py"]
    assert len(at_root) <= MOST_AT_THE_ROOT


def test_no_room_is_crowded() -> None:
    counts = Counter(
        str(path.parent.relative_to(ROOT))
        for path in modules().values()
        if path.name != "__init__.py"
    )
    assert {room for room, count in counts.items() if count > MOST_IN_A_ROOM} == set(CROWDED)


@functools.lru_cache(maxsize=None)
def imported_by(module: str) -> frozenset[str]:
    found = {each.module for each in imports_of(modules()[module].read_text())}
    return frozenset(found & set(modules()) - {module})


def test_no_imports_run_in_a_circle() -> None:
    """Neither at the start nor later: two files that need each other are one."""
    left = {name: set(imported_by(name)) for name in modules()}
    while True:
        leaves = {name for name, imported in left.items() if not imported}
        if not leaves:
            break
        left = {name: imported - leaves for name, imported in left.items() if name not in leaves}
    assert left == {}, "these import each other, or one that does: " + ", ".join(sorted(left))


def test_imports_run_one_way() -> None:
    upwards = [
        (name, other)
        for name in modules()
        for other in sorted(imported_by(name))
        if wing(other) not in {wing(name), *ALLOWED[wing(name)]}
    ]
    assert upwards == UPWARDS


def wing(module: str) -> str:
    """The part of the house that a module belongs to: one of ALLOWED."""
    part = module.split(".")[1] if "." in module else "catseye"
    return part if part in ALLOWED else "catseye"


def test_a_test_names_every_module() -> None:
    """By importing it, by a name in a script for another process, by its twin's place, or a verb by
    the word that calls it."""
    named: set[str] = set()
    words: set[str] = set()
    for path in files_of_tests():
        tree = ast.parse(path.read_text())
        named |= {each.module for each in imports_in(tree)}
        words |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
    scripts = "\n".join(words)
    unnamed = {
        name
        for name, path in modules().items()
        if path.name != "__init__.py"
        and name not in named
        and name not in scripts
        and not twin_of(path).exists()
        and not (is_verb(name) and path.stem in words)
        and not name.startswith(BEHIND_A_DOOR)
    }
    assert unnamed == set(REACHED)
    assert all((ROOT / path).is_file() for path in REACHED.values())


def twin_of(path: Path) -> Path:
    """tests/runtime/test_budget.py of runtime/budget.py, tests/commands/test_show.py of
    catseye/commands/show.py."""
    inside = path.relative_to(ROOT)
    if inside.parts[0] == "catseye":
        inside = inside.relative_to("catseye")
    return ROOT / "tests" / inside.parent / ("test_" + path.name)


def is_verb(module: str) -> bool:
    return module.rpartition(".")[0] in ("catseye.commands", "catseye.commands.analyze")


def test_every_finding_can_be_started() -> None:
    scripts = [*(ROOT / "findings").glob("*.sh")]
    assert scripts and [path.name for path in scripts if not os.access(path, os.X_OK)] == []
