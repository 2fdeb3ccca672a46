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
        "Download a data set into DIR/NAME and check it; docs/data.md lists the addresses.",
    )
    parser.add_argument("name", choices=NAMES)
    parser.add_argument(
        "--to", metavar="DIR", help="folder for data sets; default $CATSEYE_DATA, else data"
    )
    parser.add_argument(
        "--mirror", metavar="URL", help="download the same files from this base address"
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
