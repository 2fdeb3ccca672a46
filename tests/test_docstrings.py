"""Whoever may meet an error of ours is told so where they look: public functions that raise one
name it."""

import ast

from house import FOLDERS, ROOT, sources

from catseye.runtime import errors
from catseye.runtime.sources.faults import CameraFault

# rooms whose docstrings do not say it yet
UNDONE = (
    "export/",
    "runtime/model_file/",
    "runtime/tasks/",
    "runtime/engines/",
    "runtime/evaluation/",
)
KINDS = {CameraFault.__name__} | {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.CatseyeError)
}
SPECIAL = ("__init__", "__iter__", "__next__", "__call__", "__enter__")


def trees():
    for folder in (*FOLDERS, "catseye"):
        for path in sources(folder):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(UNDONE):
                yield name, ast.parse(path.read_text())


def public_functions(name, body, owner=""):
    """(its name for people, the function, the docstrings that speak of it)"""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(name, node.body, ast.get_docstring(node) or "-")
        elif isinstance(node, ast.FunctionDef):
            # what every verb's `main` raises is said once, in catseye/commands/__init__.py
            is_verb = node.name == "main" and name.startswith("catseye/commands/")
            if not is_verb and (node.name in SPECIAL or not node.name.startswith("_")):
                said = (ast.get_docstring(node) or "") + (owner if node.name == "__init__" else "")
                yield "%s: %s" % (name, node.name), node, said


def raised(function):
    """The kinds of our errors that it makes and raises itself."""
    found, nodes = set(), list(function.body)
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            found |= {getattr(node.exc.func, "id", "")} & KINDS
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda)):
            nodes.extend(ast.iter_child_nodes(node))
    return found


def test_what_raises_says_so():
    functions = [
        (where, raised(function), said)
        for name, tree in trees()
        for where, function, said in public_functions(name, tree.body)
    ]
    assert sum(bool(kinds) for _, kinds, _ in functions) > 40  # the search finds them
    silent = [
        (where, sorted(kind for kind in kinds if kind not in said or "aise" not in said))
        for where, kinds, said in functions
    ]
    assert [(where, kinds) for where, kinds in silent if kinds] == []
