"""`catseye fetch`: a data set from its public address, resumed where it stopped, checked before it
is used."""

import os
from pathlib import Path
from typing import List

from catseye.commands.parsing.parser import Parser, say
from catseye.runtime.errors import CatseyeError

NAMES = ("mnist", "camvid", "bsds")


def main(argv: List[str]) -> int:
    parser = Parser(
        "fetch",
        "Bring a data set from its public address into DIR/NAME; docs/data.md says from where.",
    )
    parser.add_argument("name", choices=NAMES)
    parser.add_argument(
        "--to", metavar="DIR", help="folder of the data sets; default $CATSEYE_DATA, else data"
    )
    parser.add_argument(
        "--mirror", metavar="URL", help="base address to use instead, which holds the same files"
    )
    args = parser.parse_args(argv)

    from catseye.training.fetch.data_set import fetch

    if args.mirror is not None and not args.mirror.startswith(("http://", "https://")):
        raise CatseyeError(
            "--mirror %s" % args.mirror, "an address that begins with http:// or https://"
        )
    to = args.to or os.environ.get("CATSEYE_DATA") or "data"
    say(fetch(args.name, Path(to), args.mirror))
    return 0
