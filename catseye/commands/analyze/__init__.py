"""`catseye analyze SUBJECT`: measurements of what the project claims; trains nothing.

One module here per subject, each with `main(argv) -> exit code`; this page knows their names only.
"""

import importlib
from typing import List

from catseye.commands.parser import Parser

SUBJECTS = {
    "cost": "multiplies, parameters and reach of a model by layer, and what a board could do at best",
    "dictionary": "the atoms of the shipped dictionaries, and how much they are used",
    "health": "how well camera health tells good frames from spoilt ones",
    "lista": "how many iterations of FISTA the shipped encoders are worth",
}


def main(argv: List[str]) -> int:
    parser = Parser("analyze", "Measure what the project claims; trains nothing. %s." % "; ".join(
        "%s: %s" % subject for subject in sorted(SUBJECTS.items())))
    parser.add_argument("subject", choices=sorted(SUBJECTS), help="`catseye analyze SUBJECT --help` tells more")
    args = parser.parse_args(argv[:1])
    return importlib.import_module("catseye.commands.analyze." + args.subject).main(argv[1:])
