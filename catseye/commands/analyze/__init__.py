"""`catseye analyze SUBJECT`: measurements of what the project claims; trains nothing.

One module here per subject, each with `main(argv) -> exit code`; this page knows their names only.
"""

import importlib
from typing import List

from catseye.commands.parser import Parser

SUBJECTS = {
    "activations": "the activation functions and their derivatives",
    "backpropagation": "deltas by hand against autograd, ReLU as a switch, XOR",
    "convolution": "receptive fields, shared weights, flipping, LeNet by sums",
    "cost": "multiplies, parameters and reach of a model by layer, and what a board could do at best",
    "health": "how well camera health tells good frames from spoilt ones",
    "lista": "how many iterations of FISTA the shipped encoders are worth",
    "regularization": "dropout, pooling under shifts, LeNet with one part changed",
}


def main(argv: List[str]) -> int:
    parser = Parser("analyze", "Measure what the project claims; trains nothing. %s." % "; ".join(
        "%s: %s" % subject for subject in sorted(SUBJECTS.items())))
    parser.add_argument("subject", choices=sorted(SUBJECTS), help="`catseye analyze SUBJECT --help` tells more")
    args = parser.parse_args(argv[:1])
    return importlib.import_module("catseye.commands.analyze." + args.subject).main(argv[1:])
