"""Catseye: train a small perception network, export it, carry one file to a Jetson, and see the road masked.

The packages beside this file are links to the folders of the same names at the top of the tree. Where a checkout lost
them (no symlink support), nothing can be imported or built: said here, in one line, before anything else fails.
"""

import os
import sys

__version__ = "0.1.0"

LINKS = ("export", "jetson", "models", "runtime", "training")


def lost_links(folder: str) -> str:
    """What is wrong with the links in `folder`, with the mend, in one line; "" where they are whole or in a .pyz."""
    if not os.path.isdir(folder) or os.path.isfile(os.path.join(folder, "runtime", "__init__.py")):
        return ""
    runtime = os.path.join(folder, "runtime")
    found = "%s is %s" % (runtime, "a text file" if os.path.isfile(runtime) else "missing")
    mend = "ln -sf %s \"%s/\"" % (" ".join("../" + name for name in LINKS), folder)
    return "catseye: %s; expected a link to ../runtime (this checkout lost its symbolic links); run: %s" % (found, mend)


_COMPLAINT = lost_links(os.path.dirname(os.path.abspath(__file__)))
if _COMPLAINT:
    print(_COMPLAINT, file=sys.stderr)
    raise SystemExit(2)
