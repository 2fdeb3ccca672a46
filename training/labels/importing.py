"""Labels of another tool become a set of our own kind: classes.json, images/, masks/.

Pictures keep their bytes, masks become 8-bit PNG of ids. All is written beside the place and takes
its name when it is whole. Knows label sets; not whose files they were.
"""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import numpy as np

from catseye.runtime.classes import VOID, ClassTable
from catseye.runtime.datasets.annotated_folder import FILE, is_annotated_folder
from catseye.runtime.datasets.road_frames import numbers_in_order
from catseye.runtime.errors import CatseyeError, SinkError
from catseye.runtime.picture_files.base import UPRIGHT
from catseye.runtime.picture_files.jpeg import START as JPEG
from catseye.runtime.picture_files.orientation import upright
from catseye.runtime.picture_files.png import SIGNATURE as PNG
from catseye.runtime.picture_files.reading import stored_picture
from catseye.runtime.pictures import png_bytes
from catseye.runtime.sinks.dataset import bytes_from_classes
from catseye.runtime.sinks.output_paths import writing
from catseye.runtime.system.staging import staged_folder
from catseye.training.labels.documents import missing_package
from catseye.training.labels.formats import FORMATS, demand_whole, format_of
from catseye.training.labels.label_set import LabelledPicture, LabelSet
from catseye.training.labels.shapes import REST, painted
from catseye.training.labels.told import NOT_THERE, Told, Watched
from catseye.training.labels.tree import SPLIT_OF, Tree
from catseye.training.labels.unpacking import unpack

BACKGROUND, VOID_NAME = "background", "void"
TURNED = "pictures that EXIF turns are stored upright, as PNG"
TWICE = "pictures come twice, in another split or under another name"
STARTS = {PNG: ".png", JPEG: ".jpg"}  # of a picture within labels
NO_SEQUENCE = {*SPLIT_OF, "images", "labels", "data", "jpegimages", "default"}  # folders


class Wishes(NamedTuple):
    """What the user says of the labels, "" where nothing: the format, a folder of their pictures,
    the road, how shapes are drawn (shapes.py), what lies under no shape (a class or "void")."""

    format: str = ""
    images: str = ""
    road: str = ""
    order: str = ""
    rest: str = ""


class Imported(NamedTuple):
    """What was written. pictures: by split, "" where all lie together; pixels: share by class, and
    "void"; rest: the name of what lies under no shape, and its share."""

    format: str
    table: ClassTable
    pictures: dict[str, int]
    pixels: dict[str, float]
    order: str
    rest: tuple[str, float] | None


def import_labels(
    source: str, output: str, wishes: Wishes, told: Told, watched: Watched
) -> Imported:
    """Read the labels in a folder or zip and write the set `output`. Raises CatseyeError for what
    is no such labels, SinkError where it cannot be written."""
    check_fresh(output)
    with writing(output), ExitStack() as stack:
        root = source
        if os.path.isfile(source):
            root = stack.enter_context(staged_folder(output))
            stack.enter_context(_called(root, source))
            unpack(source, root)
        elif not os.path.isdir(source):
            raise CatseyeError(f"no folder or zip {source!r}", "labels to import")
        return _imported(root, output, wishes, told, watched)


def _imported(root: str, output: str, wishes: Wishes, told: Told, watched: Watched) -> Imported:
    if is_annotated_folder(root):
        raise CatseyeError(
            f"{root} is a set of our own kind", "labels of another tool", "train on it"
        )
    tree = Tree(root, wishes.images)
    name = wishes.format or format_of(tree)
    try:
        labels = _read(tree, name, wishes, told)
        return _written(name, labels, output, wishes, told, watched)
    except ImportError as error:
        raise missing_package(name, error)


@contextmanager
def _called(path: str, name: str) -> Iterator[None]:
    """Errors speak of `name` where they mean files below the temporary `path`."""
    try:
        yield
    except CatseyeError as error:
        said = (error.found, error.expected, error.fix)
        raise type(error)(*(text.replace(path, name) for text in said)) from None


def check_fresh(output: str, option: str = "-o") -> None:
    """Raise SinkError unless `output`, which `option` has named, is new or an empty folder, in a
    folder that is there."""
    parent = os.path.dirname(output.rstrip("/")) or "."
    if not os.path.isdir(parent):
        raise SinkError(f"no folder {parent} for {output}", "a folder that exists", "make it")
    if os.path.lexists(output) and not (os.path.isdir(output) and not os.listdir(output)):
        raise SinkError(
            f"{output} is there already", "a new or empty folder", f"name another {option}"
        )


def _read(tree: Tree, name: str, wishes: Wishes, told: Told) -> LabelSet:
    form = FORMATS[name]
    if wishes.format and not form.is_here(tree):  # else it has just been found
        demand_whole(tree)
        raise CatseyeError(f"no labels of {name} in {tree.root}", "them, or another --format")
    labels = form.read(tree, told)
    if not labels.pictures:
        hint = "name their folder: --images DIR" if told.has(NOT_THERE) else "see docs/data.md"
        found = f"no labelled pictures in {tree.root} ({', '.join([name, *told.lines()])})"
        raise CatseyeError(found, "some", hint)
    if not labels.order and (wishes.order or wishes.rest):
        raise CatseyeError(f"--order or --rest with {name}", "neither: its masks have every pixel")
    return labels


def _written(
    name: str,
    labels: LabelSet,
    output: str,
    wishes: Wishes,
    told: Told,
    watched: Watched,
) -> Imported:
    classes, order = labels.classes, (wishes.order or labels.order) if labels.order else ""
    known = len(classes.names)
    rest = classes.rest(wishes.rest or BACKGROUND) if labels.order else VOID
    pixels, under_none = Counter[int](), 0
    with staged_folder(output) as beside:
        folder = os.path.join(beside, "set")  # with the usual access rights
        places = placed(labels.pictures, told)
        for place, picture in watched(places, "pictures"):
            codes = _codes(picture, _write_picture(folder, place, picture, told), order)
            under_none += int(np.count_nonzero(codes == REST))
            codes[codes == REST] = rest
            _write(
                os.path.join(folder, "masks", place.split, place.name + ".png"), png_bytes(codes)
            )
            pixels.update(dict(enumerate(np.bincount(codes.ravel(), minlength=VOID + 1).tolist())))
        if not wishes.rest and rest == known and not under_none:
            classes.drop_last()  # every pixel has a label
        table = classes.table(wishes.road)
        _write(os.path.join(folder, FILE), bytes_from_classes(table))
        os.rename(folder, output)
    total = sum(pixels.values())
    shares = {name: pixels[code] / total for code, name in enumerate(table.names)}
    return Imported(
        name,
        table,
        dict(Counter(place.split for place, _ in places)),
        dict(shares, **{VOID_NAME: pixels[VOID] / total}),
        order,
        (VOID_NAME if rest == VOID else table.names[rest], under_none / total)
        if under_none
        else None,
    )


class Place(NamedTuple):
    """Where a picture goes. split: its folder, "" without."""

    split: str
    name: str


def placed(pictures: list[LabelledPicture], told: Told) -> list[tuple[Place, LabelledPicture]]:
    """Each picture with its place. Raises CatseyeError where two would have the same."""
    splits = _splits(pictures, told)
    short = [(split, _stem(each)) for split, each in zip(splits, pictures)]
    if len(set(short)) == len(short):
        names = [stem for _, stem in short]
    else:  # as long as they are, with the folders in which they differ
        names = [_long_name(each) for each in pictures]
    found: dict[Place, LabelledPicture] = {}
    for split, name, picture in sorted(zip(splits, names, pictures), key=lambda each: each[:2]):
        if not name.isprintable():
            raise CatseyeError(f"a picture called {name!r}", "a name of printable characters")
        other = found.setdefault(Place(split, name), picture)
        if other is not picture:
            raise CatseyeError(
                f"{name} is labelled twice, {other.labels} and {picture.labels}",
                "each picture once, and pictures of different names",
                "leave one out, or rename",
            )
    paths = [each.picture for each in pictures if each.picture]
    told.count(TWICE, number=len(paths) - len(set(paths)))
    return list(found.items())


def _splits(pictures: list[LabelledPicture], told: Told) -> list[str]:
    """The split of each picture: as the labels say where train and val are there, else none at all;
    the last fifth of train, by name, becomes a val that is missing beside a test."""
    said = [each.split for each in pictures]
    if not {"train", "test"} <= set(said) and not {"train", "val"} <= set(said):
        lost = sorted(set(said) - {"", "train"})
        what = f"pictures lie together: {' and '.join(lost)} is there, train or val is not"
        told.count(what, number=len(said) if lost else 0)
        return [""] * len(said)
    told.count("pictures of no split go to train", number=said.count(""))
    said = [split or "train" for split in said]
    if "val" not in said:
        train = sorted(
            (numbers_in_order(_long_name(p)), i)
            for i, p in enumerate(pictures)
            if said[i] == "train"
        )
        last = train[len(train) - max(1, len(train) // 5) :] if len(train) > 1 else []
        for _, index in last:
            said[index] = "val"
        told.count("pictures of train become val, which was missing", number=len(last))
    return said


def _stem(picture: LabelledPicture) -> str:
    return os.path.splitext(_parts(picture)[-1])[0]


def _long_name(picture: LabelledPicture) -> str:
    """With the folders that say no split, so that the sequence, up to the first "_", is one."""
    folders = [each for each in _parts(picture)[:-1] if each.lower() not in NO_SEQUENCE]
    return "_".join([*folders, _stem(picture)])


def _parts(picture: LabelledPicture) -> list[str]:
    return [p for p in picture.name.replace("\\", "/").split("/") if p not in ("", ".", "..")]


def _write_picture(folder: str, place: Place, picture: LabelledPicture, told: Told) -> "_Size":
    """Copy the picture's bytes, or as PNG upright what EXIF says is turned."""
    path = os.path.join(folder, "images", place.split, place.name)
    if picture.content:
        data = picture.content()
        kind = next((end for start, end in STARTS.items() if data.startswith(start)), "")
        if not kind:
            raise CatseyeError(f"the picture within {picture.labels}", "PNG or JPEG")
        original = path + kind
        _write(original, data)
    else:
        original = picture.picture
    stored = stored_picture(original)
    image = upright(stored.pixels, stored.orientation)
    if stored.orientation != UPRIGHT:  # its mask has no orientation, and both must be alike
        told.count(TURNED, picture.labels)
        _write(path + ".png", png_bytes(image))
        if picture.content and original != path + ".png":
            os.unlink(original)
    elif not picture.content:
        _make_folder(path)
        shutil.copyfile(original, path + os.path.splitext(original)[1])
    height, width = image.shape[:2]
    return _Size(
        (width, height), (stored.pixels.shape[1], stored.pixels.shape[0]), stored.orientation
    )


class _Size(NamedTuple):
    """Of a picture as it is seen, as its file holds it, and EXIF's orientation."""

    seen_wh: tuple[int, int]
    stored_wh: tuple[int, int]
    orientation: int


def _codes(picture: LabelledPicture, size: _Size, order: str) -> np.ndarray:
    """(H, W) uint8 codes of the picture as it is seen. Labels of its size as stored are turned with
    it. Raises CatseyeError for labels of any other."""
    mask = None if picture.mask is None else picture.mask()
    said = picture.size_wh if mask is None else (mask.shape[1], mask.shape[0])
    if said not in (None, size.seen_wh, size.stored_wh):
        raise CatseyeError(
            f"{picture.labels} is of {said[0]} x {said[1]} pixels and its picture of"
            f" {size.seen_wh[0]} x {size.seen_wh[1]}",
            "labels of this picture in this size",
            "export both again together",
        )
    width, height = said or size.seen_wh
    codes = painted(picture.shapes, height, width, order) if mask is None else mask
    turned = (width, height) != size.seen_wh
    return np.ascontiguousarray(upright(codes, size.orientation) if turned else codes).copy()


def _write(path: str, data: bytes) -> None:
    _make_folder(path)
    with open(path, "xb") as stream:
        stream.write(data)


def _make_folder(path: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
