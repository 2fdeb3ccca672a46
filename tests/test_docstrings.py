"""Whoever may meet an error of ours is told so where they look: public functions that raise one
name it."""

import ast

from house import FOLDERS, ROOT, sources

SPECIAL = ("__init__", "__iter__", "__next__", "__call__", "__enter__")
TREES = [
    (path.relative_to(ROOT).as_posix(), ast.parse(path.read_text()))
    for folder in (*FOLDERS, "catseye")
    for path in sources(folder)
]


def error_kinds():
    """The names of CatseyeError and of all that derive from it."""
    found, kinds = set(), {"CatseyeError"}
    while kinds - found:
        found = found | kinds
        kinds = {
            node.name
            for _, tree in TREES
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef)
            and any(getattr(base, "id", "") in found for base in node.bases)
        }
    return found


KINDS = error_kinds()


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
        for name, tree in TREES
        for where, function, said in public_functions(name, tree.body)
    ]
    assert sum(bool(kinds) for _, kinds, _ in functions) > 40  # the search finds them
    silent = [
        (where, sorted(kind for kind in kinds if kind not in said or "aise" not in said))
        for where, kinds, said in functions
    ]
    assert [(where, kinds) for where, kinds in silent if kinds] == []
