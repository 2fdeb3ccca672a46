"""Whoever may meet an error of ours is told so where they look: public functions that raise one
name it."""

import ast

from house import FOLDERS, ROOT, sources

SPECIAL = ("__init__", "__iter__", "__next__", "__call__", "__enter__")


def parts(node):
    """What is directly below a node but for the expressions, which are most of a tree and hold no
    statement."""
    return [each for each in ast.iter_child_nodes(node) if not isinstance(each, ast.expr)]


def classes(tree):
    """(name, the names of its bases) of every class."""
    nodes = [tree]
    while nodes:
        node = nodes.pop()
        nodes.extend(parts(node))
        if isinstance(node, ast.ClassDef):
            yield node.name, {getattr(base, "id", "") for base in node.bases}


def error_kinds(classes):
    """The names of CatseyeError and of all that derive from it."""
    found, kinds = set(), {"CatseyeError"}
    while kinds - found:
        found = found | kinds
        kinds = {name for name, bases in classes if bases & found}
    return found


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
    """The names of what it makes and raises itself."""
    found, nodes = set(), list(function.body)
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            found.add(getattr(node.exc.func, "id", ""))
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            nodes.extend(parts(node))
    return found


def test_what_raises_says_so():
    known, functions = [], []
    for folder in (*FOLDERS, "catseye"):
        for path in sources(folder):
            tree = ast.parse(path.read_text())
            known += classes(tree)
            functions += [
                (where, raised(function), said)
                for where, function, said in public_functions(
                    path.relative_to(ROOT).as_posix(), tree.body
                )
            ]
    ours = error_kinds(known)
    functions = [(where, names & ours, said) for where, names, said in functions]
    assert sum(bool(kinds) for _, kinds, _ in functions) > 40  # the search finds them
    silent = [
        (where, sorted(kind for kind in kinds if kind not in said or "aise" not in said))
        for where, kinds, said in functions
    ]
    assert [(where, kinds) for where, kinds in silent if kinds] == []
