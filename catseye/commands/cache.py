"""`catseye cache`: the TensorRT engines that this machine keeps, listed or removed."""

from typing import List

from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.runtime.engines.tensorrt.cache import Entry, clear, entries
from catseye.runtime.engines.tensorrt.cache_folder import cache_folder


def main(argv: List[str]) -> int:
    parser = Parser("cache", "List or remove the TensorRT engines that `run` has built and kept.")
    parser.add_argument("action", choices=("list", "clear"))
    parser.add_argument(
        "name", nargs="?", default="", help="with clear: remove the engines of this model only"
    )
    parser.add_argument("--json", action="store_true", help="as JSON on stdout")
    args = parser.parse_args(argv)
    if args.action == "list" and args.name:
        parser.error("list takes no name")

    if args.action == "clear":
        gone = clear(args.name)
        if args.json:
            print_json({"folder": cache_folder(), "removed": gone})
        say("%s: %d files removed" % (cache_folder(), len(gone)))
        return 0
    kept = entries()
    if args.json:
        print_json({"folder": cache_folder(), "engines": [_as_json(entry) for entry in kept]})
    _say_entries(kept)
    return 0


def _as_json(entry: Entry) -> object:
    return dict(entry._asdict(), key=entry.key.as_json() if entry.key else None)


def _say_entries(kept: List[Entry]) -> None:
    say(
        "%s: %d engines, %.1f MB"
        % (cache_folder(), len(kept), sum(entry.bytes for entry in kept) / 1e6)
    )
    if kept:
        say_table(("model", "precision", "kB", "TensorRT", "CUDA", "board", ""), map(_row, kept))


def _row(entry: Entry) -> List[object]:
    """What is known of an engine; one that is damaged has no key."""
    key = entry.key
    if key is None:
        return [entry.name, None, None, None, None, None, entry.why]
    size = entry.bytes // 1000
    return [entry.name, key.precision, size, key.tensorrt, key.cuda, key.board, entry.why]
