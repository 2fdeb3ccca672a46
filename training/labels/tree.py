"""The files of a folder by their relative names: found by end, by name, or as the picture that a
label file speaks of. Knows names; reads nothing.

Hidden files and macOS's shadows in zips are left out.
"""

import os
import re
from collections import defaultdict
from collections.abc import Container, Iterator

from catseye.runtime.errors import CatseyeError
from catseye.runtime.picture_files.formats import SUFFIXES as PICTURES

MOST_FILES = 2_000_000
SPLITS = ("train", "val", "test")
SPLIT_OF = {
    **{word: word for word in SPLITS},
    "training": "train",
    "valid": "val",
    "validation": "val",
    "testing": "test",
}
SHADOWS = "__MACOSX"
_ANY = "|".join(SPLIT_OF)
# train, train2017, train_images, images-train
_SPLIT_FOLDER = re.compile(
    rf"(?:images?[ _-])?({_ANY})\d*(?:[ _-](?:set|images?|img|labels?|masks?))?"
)
_SPLIT_WORD = re.compile(rf"(?<![a-z])({_ANY})(?![a-z])")


class Tree:
    """files: of the folder, and the pictures of `images`, as relative names with "/", sorted."""

    def __init__(self, root: str, images: str = "") -> None:
        """Raises CatseyeError where a folder cannot be read or holds too many files."""
        self.root = root
        self._paths: dict[str, str] = {}
        self._paths.update(_files(root))
        for name, path in _files(images) if images else ():
            if name.lower().endswith(PICTURES):
                self._paths.setdefault(name, path)
        self.files = tuple(sorted(self._paths))
        self._called: dict[str, list[str]] = defaultdict(list)  # pictures by name, by stem too
        for name in self.pictures():
            base = os.path.basename(name)
            for key in {base, os.path.splitext(base)[0]}:
                self._called[key].append(name)

    def path(self, name: str) -> str:
        """Where a file lies."""
        return self._paths[name]

    def has(self, name: str) -> bool:
        return name in self._paths

    def ending(self, *ends: str) -> list[str]:
        """The files whose names end so, small or capital."""
        return [name for name in self.files if name.lower().endswith(ends)]

    def called(self, *names: str) -> list[str]:
        """The files of these base names, in any folder."""
        return [name for name in self.files if os.path.basename(name).lower() in names]

    def pictures(self) -> list[str]:
        """All pictures, masks too."""
        return self.ending(*PICTURES)

    def picture(self, named: str, near: str, split: str = "", besides: Container[str] = ()) -> str:
        """The picture that the label file `near` calls `named`, with or without its end, "" where
        there is none but `besides`: the one that has most folders of that name, then the split,
        then most folders of the label file. Raises CatseyeError where two fit alike."""
        wanted = [part for part in named.replace("\\", "/").split("/") if part not in ("", ".")]
        found = self._called.get(wanted[-1], []) if wanted else []
        fits = [(_fit(name, wanted, near, split), name) for name in found if name not in besides]
        if not fits:
            return ""
        best, name = max(fits)
        others = [each for fit, each in fits if fit == best]
        if len(others) > 1:
            raise CatseyeError(
                f"{near} speaks of {named}, and there are {' and '.join(others[:2])}",
                "one picture of that name",
                "import them one by one, or rename",
            )
        return name


def _fit(name: str, wanted: list[str], near: str, split: str) -> tuple[int, int, int]:
    folders, beside = name.split("/")[:-1], near.split("/")[:-1]
    return (
        _common(folders[::-1], wanted[-2::-1]),
        int(bool(split) and split_of_folders(name) == split),
        _common(folders, beside),
    )


def split_of_folders(name: str) -> str:
    """The split that a folder of this file is called for, the innermost first; "" for none."""
    for folder in reversed(name.split("/")[:-1]):
        found = _SPLIT_FOLDER.fullmatch(folder.lower())
        if found:
            return SPLIT_OF[found[1]]
    return ""


def split_of_file(name: str) -> str:
    """The split that a label file is called for (instances_val2017.json), or one of its folders."""
    words = _SPLIT_WORD.findall(os.path.basename(name).lower())
    return SPLIT_OF[words[-1]] if words else split_of_folders(name)


def _common(some: list[str], others: list[str]) -> int:
    """How many are equal at the beginning."""
    count = 0
    for one, other in zip(some, others):
        if one != other:
            break
        count += 1
    return count


def _files(root: str) -> Iterator[tuple[str, str]]:
    """Relative names and paths, links followed once."""
    seen: set[str] = set()
    count = 0
    for folder, inside, names in os.walk(root, followlinks=True, onerror=_refuse):
        real = os.path.realpath(folder)
        if real in seen:
            inside.clear()
            continue
        seen.add(real)
        inside[:] = sorted(d for d in inside if not d.startswith(".") and d != SHADOWS)
        for name in names:
            path = os.path.join(folder, name)
            if name.startswith(".") or not os.path.isfile(path):
                continue
            count += 1
            if count > MOST_FILES:
                raise CatseyeError(f"more than {MOST_FILES} files in {root}", "a data set's folder")
            yield os.path.relpath(path, root).replace(os.sep, "/"), path


def _refuse(error: OSError) -> None:
    raise CatseyeError(
        f"cannot read {error.filename}: {error.strerror}", "a readable folder", "check the path"
    )
