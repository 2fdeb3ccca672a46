"""Names for new files that never take another's: NAME, NAME.1, NAME.2, ..., the suffix kept. Knows
names and links; not who writes what."""

import itertools
import os
from contextlib import suppress
from typing import Iterator


def names_of(path: str) -> Iterator[str]:
    """NAME.SUFFIX, NAME.1.SUFFIX, NAME.2.SUFFIX, ... without end."""
    stem, suffix = os.path.splitext(path)
    return itertools.chain([path], ("%s.%d%s" % (stem, n, suffix) for n in itertools.count(1)))


def named(temporary: str, path: str) -> str:
    """Give a file the first free name of `path`'s; returns it. Raises OSError where it cannot be
    named so."""
    for name in names_of(path):
        try:
            os.link(temporary, name)
        except FileExistsError:
            continue
        except OSError:  # a file system without links
            if os.path.lexists(name):
                continue
            os.rename(temporary, name)
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        return name
    raise AssertionError("names without end")


def is_at(path: str, descriptor: int) -> bool:
    """Whether the open file still has this name: somebody may have moved or removed it."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except OSError:
        return False
