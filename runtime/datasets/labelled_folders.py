"""Pictures in a folder for each class, the layout of image classification: DIR/SPLIT/CLASS/*.jpg.

Knows files and names; not networks.
"""

import os
from typing import List, NamedTuple, Sequence

from catseye.runtime.datasets import subfolder
from catseye.runtime.errors import CatseyeError
from catseye.runtime.picture_files.formats import is_picture


class LabelledPicture(NamedTuple):
    """path: of the picture.  label: the id of its class."""

    path: str
    label: int


def labelled_pictures(data: str, split: str, classes: Sequence[str]) -> List[LabelledPicture]:
    """The pictures of a split, by class and name. Raises CatseyeError where there are none, and for
    a folder that is no class."""
    folder = subfolder(data, split)
    names = sorted(name for name in os.listdir(folder) if os.path.isdir(os.path.join(folder, name)))
    found = []
    for name in names:
        if name not in classes:
            known = ", ".join(classes[:20]) + (", ..." if len(classes) > 20 else "")
            raise CatseyeError(
                "a folder %r in %s" % (name, folder), "folders named for classes: " + known
            )
        inside = os.path.join(folder, name)
        for file_name in sorted(filter(is_picture, os.listdir(inside))):
            picture = os.path.join(inside, file_name)
            found.append(LabelledPicture(picture, classes.index(name)))
    if not found:
        raise CatseyeError("no pictures in %s" % folder, "CLASS/*.jpg, a folder for each class")
    return found
