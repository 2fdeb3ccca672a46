"""`catseye data`: labels of other tools become a set that trains, are checked, and go back for
correction by hand."""

import os
from typing import TYPE_CHECKING, Dict, List

from catseye.commands.parsing.parser import Parser, print_json, remark, say, say_table
from catseye.commands.parsing.progress import watched
from catseye.runtime.errors import CatseyeError, nearest

if TYPE_CHECKING:
    from catseye.training.labels.importing import Imported
    from catseye.training.labels.told import Told

ACTIONS = {
    "import": "convert the labels of another tool to a data set in our format",
    "check": "count what is in a data set and find what is wrong with it",
    "export": "write a data set as COCO or CVAT, to be corrected by hand",
}
# named here too, so that --help needs none of what reads them
FORMATS = "coco, labelme, cvat, yolo, voc, cityscapes, camvid, mapillary, roboflow".split(", ")


def main(argv: List[str]) -> int:
    verbs = {"import": _import, "check": _check, "export": _export}
    if argv and argv[0] in verbs:
        return verbs[argv[0]](argv[1:])
    if argv and not argv[0].startswith("-"):
        raise CatseyeError(
            "unknown action %r" % argv[0],
            "one of " + ", ".join(ACTIONS),
            nearest(argv[0], list(ACTIONS)) or "see `catseye data --help`",
        )
    parser = Parser(
        "data", "Labels for pictures. %s." % "; ".join("%s: %s" % item for item in ACTIONS.items())
    )
    parser.add_argument(
        "action", choices=list(ACTIONS), help="`catseye data ACTION --help` lists its options"
    )
    parser.parse_args(argv)
    return 2  # nothing is left that it takes


def _import(argv: List[str]) -> int:
    parser = Parser(
        "data import", "Convert labels to a data set for `train road --data`; see docs/data.md."
    )
    parser.add_argument("source", metavar="DIR|ZIP", help="what the labelling tool exported")
    parser.add_argument(
        "-o", "--output", metavar="DIR", required=True, help="folder to write, new or empty"
    )
    parser.add_argument(
        "--format", default="", choices=FORMATS, help="of the labels (default: recognised)"
    )
    parser.add_argument(
        "--images", default="", metavar="DIR", help="folder of the pictures, if another one"
    )
    parser.add_argument(
        "--road", default="", metavar="NAME", help="the class to drive on; default: by its name"
    )
    parser.add_argument(
        "--order",
        default="",
        choices=("file", "small"),
        help="which of two overlapping shapes wins: the later or the smaller one; default: as in"
        " the labelling tool",
    )
    parser.add_argument(
        "--rest",
        default="",
        metavar="NAME",
        help="class of pixels outside all shapes, or void to ignore them (default background)",
    )
    parser.add_argument("--json", action="store_true", help="as JSON on stdout")
    args = parser.parse_args(argv)
    if args.images and not os.path.isdir(args.images):
        raise CatseyeError("no folder %r" % args.images, "that of the pictures")

    from catseye.training.labels.importing import Wishes, import_labels
    from catseye.training.labels.told import Told

    told = Told()
    wishes = Wishes(**{name: getattr(args, name) for name in Wishes._fields})
    found = import_labels(args.source, args.output, wishes, told, watched)
    _say_all(told)
    if args.json:
        print_json(dict(found._asdict(), table=found.table.as_json(), told=told.as_json()))
    _say_import(args.output, found)
    return 0


def _say_all(told: "Told") -> None:
    for line in told.lines():
        say(line)


def _say_import(output: str, found: "Imported") -> None:
    say_table(("class", "pixels %"), [(name, 100 * part) for name, part in found.pixels.items()])
    _say_never([name for name, part in found.pixels.items() if not part])
    if found.order:
        over = "the later" if found.order == "file" else "the smaller"
        say("where shapes overlap, %s wins" % over)
    if found.rest is not None:
        say(
            "%.1f %% of the pixels are outside all shapes: %s"
            % (100 * found.rest[1], found.rest[0])
        )
    road = found.table.as_json()["road"]
    say("road: %s" % (road or "not found, so no corridor; choose the class with --road NAME"))
    say("%s: %s, read as %s" % (output, _in_splits(found.pictures), found.format))
    if sum(found.pictures.values()) == 1:
        say("a single picture: training needs more")


def _say_never(names: List[str]) -> None:
    never = [name for name in names if name != "void"]
    if never:
        say("no pixel of " + ", ".join(never))


def _in_splits(pictures: Dict[str, int]) -> str:
    total = "%d pictures" % sum(pictures.values())
    parts = ["%s %d" % item for item in sorted(pictures.items()) if item[0]]
    return total + (" (%s)" % ", ".join(parts) if parts else "")


def _check(argv: List[str]) -> int:
    parser = Parser(
        "data check",
        "Count what is in a data set in our format; exit code 1 where something is wrong.",
    )
    parser.add_argument("data", metavar="DIR", help="folder with classes.json, images/ and masks/")
    parser.add_argument(
        "--examples",
        default="",
        metavar="NEW",
        help="write pictures with their masks into this new folder",
    )
    parser.add_argument("--json", action="store_true", help="as JSON on stdout")
    args = parser.parse_args(argv)

    from catseye.training.labels.checking import check_set
    from catseye.training.labels.importing import check_fresh
    from catseye.training.labels.told import Told

    if args.examples:
        check_fresh(args.examples, "--examples")
    wrong = Told()
    found = check_set(args.data, wrong, watched, args.examples)
    if args.json:
        classes = {name: each._asdict() for name, each in found.classes.items()}
        print_json(dict(found._asdict(), classes=classes, wrong=wrong.as_json()))
    total = max(1, sum(each.pixels for each in found.classes.values()))
    rows = [(n, 100 * c.pixels / total, c.pictures) for n, c in found.classes.items()]
    say_table(("class", "pixels %", "pictures"), rows)
    _say_never([name for name, each in found.classes.items() if not each.pixels])
    say("sizes: " + (", ".join("%s (%d)" % each for each in sorted(found.sizes.items())) or "-"))
    say("road: %s" % (found.road or "none"))
    say("%s: %s" % (args.data, _in_splits(found.pictures)))
    _say_all(wrong)
    return 1 if wrong.as_json() or not found.pictures else 0


def _export(argv: List[str]) -> int:
    parser = Parser(
        "data export", "Write a data set in our format as COCO or CVAT, to be corrected by hand."
    )
    parser.add_argument(
        "data",
        metavar="DIR",
        help="data set in our format, such as `run --sink dataset://DIR` writes",
    )
    parser.add_argument(
        "-o", "--output", metavar="DIR", required=True, help="folder to write, new or empty"
    )
    parser.add_argument("--format", required=True, choices=("coco", "cvat"))
    args = parser.parse_args(argv)

    from catseye.training.labels.documents import missing_package
    from catseye.training.labels.exporting import export_set
    from catseye.training.labels.told import Told

    told = Told()
    try:
        count = export_set(args.data, args.output, args.format, told, watched)
    except ImportError as error:
        raise missing_package(args.format, error)
    _say_all(told)
    say("%s: %d pictures" % (args.output, count))
    remark("corrected, they come back by: catseye data import %s -o NEW --rest void" % args.output)
    return 0
