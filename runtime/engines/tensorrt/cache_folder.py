"""The folder for what can be made again: `$CATSEYE_CACHE`, else `$XDG_CACHE_HOME/catseye`, else
`~/.cache/catseye`.

Knows where it is and that it may be missing, full or not ours to write. Does not know what is kept
in it.
"""

import os

PRIVATE = 0o700  # an engine is code: nobody else should be able to put one here


def cache_folder() -> str:
    """Its path; it need not exist."""
    named = os.environ.get("CATSEYE_CACHE")
    if named:
        return named
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(home, "catseye")


def made_cache_folder() -> str:
    """The same, made where it was missing; OSError where that cannot be."""
    folder = cache_folder()
    os.makedirs(folder, mode=PRIVATE, exist_ok=True)
    return folder
