"""Pictures: a file, a folder or a glob of them, in sorted order, each one whole or an error that
names it."""

import glob
import os
from typing import Iterator, List, Sequence

from catseye.runtime.errors import SourceError
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.picture_files.formats import SUFFIXES, is_picture
from catseye.runtime.picture_files.reading import image_from_file
from catseye.runtime.sources.base import Source

PICTURES_PER_SECOND = 10.0  # the pace of a video made of pictures, which have none of their own


class ImagesSource(Source):
    """Picture files in the given order. Frames are named by the stem, or not at all where two files
    share one."""

    fps = PICTURES_PER_SECOND

    def __init__(self, paths: Sequence[str], description: str) -> None:
        self.description = description
        self._paths = list(paths)
        self.count = len(self._paths)
        stems = [os.path.splitext(os.path.basename(path))[0] for path in paths]
        self._names = stems if len(set(stems)) == len(stems) else [""] * len(stems)

    def __iter__(self) -> Iterator[Frame]:
        for index, (path, name) in enumerate(zip(self._paths, self._names)):
            image = image_from_file(path)
            yield Frame(image, index, now_ns(), name)

    def overwritten_by(self, path: str) -> bool:
        inputs = self._paths + [os.path.dirname(path) or "." for path in self._paths]
        return os.path.realpath(path) in {os.path.realpath(name) for name in inputs}


def paths_in_folder(folder: str) -> List[str]:
    """The pictures of a folder, sorted by name; other files are ignored, hidden ones are not
    pictures. Raises SourceError where there is none."""
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise SourceError(
            "cannot read %s: %s" % (folder, error.strerror), "a readable folder", "check the path"
        ) from error
    paths = [
        os.path.join(folder, name)
        for name in names
        if is_picture(name) and not name.startswith(".")
    ]
    if not paths:
        raise SourceError(
            "no pictures in %s" % folder, "files ending in " + ", ".join(SUFFIXES), "check the path"
        )
    return paths


def paths_in_glob(pattern: str) -> List[str]:
    """The files that match, sorted; every one is taken for a picture, since the pattern chose
    it. Raises SourceError where nothing matches."""
    paths = sorted(path for path in glob.glob(pattern, recursive=True) if os.path.isfile(path))
    if not paths:
        raise SourceError(
            "nothing matches %s" % pattern, "a glob such as 'frames/*.png'", "check the path"
        )
    return paths
