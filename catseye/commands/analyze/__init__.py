"""`catseye analyze SUBJECT`: measurements of what the project claims.

One module here per subject, each with `main(argv) -> exit code`; this page knows their names only.
"""

import argparse
import importlib
from typing import List

from catseye.commands.parsing.parser import Parser

DESCRIPTION = """Repeat the experiments of a lecture on deep learning, from which this project grew
(Anna Choromanska, Special Topics in Advanced Machine Learning, New York University,
lecture 3), and measure the shipped models. The results: docs/lecture.md."""
SUBJECTS = {
    "activations": "the activation functions and their derivatives",
    "adversarial": "the theorems on adversarial training as experiments; trains small networks",
    "autoencoder": (
        "the lecture's bottleneck against PCA, on photographs and on random input (trains)"
    ),
    "backpropagation": "deltas by hand against autograd, ReLU as a switch, XOR",
    "convolution": "receptive fields, shared weights, flipping, LeNet by sums",
    "cost": (
        "multiplications, parameters and receptive field by layer, and a bound on a board's speed"
    ),
    "dictionary": "the atoms of the shipped dictionaries, and how much they are used",
    "elastic": "SGD, DOWNPOUR, EASGD and EAMSGD with four workers, by communication period; trains",
    "entropy": "local entropy of a wide and a sharp valley, for several scopes gamma",
    "features": "what the hidden units of the shipped networks look for",
    "flatness": "whether a flatter minimum loses less in INT8, FP16 and noise",
    "gan": "a generator's samples beside real digits: distance, nearest neighbours, a walk in z",
    "gradients": (
        "the gradient by layer of deep nets, with and without batch normalisation and skips"
    ),
    "health": "how well camera health finds spoilt frames, and what a monitor adds",
    "hessian": "the spectrum of LeNet's Hessian at a minimum",
    "lista": "how many iterations of FISTA the shipped encoders are worth",
    "optimizers": "SGD, AdamW and Entropy-SGD over the same number of gradient evaluations; trains",
    "regularization": "dropout, pooling under shifts, LeNet with one part changed",
    "temperature": "the temperature that calibrates a road network's confidence",
    "spectra": "the shape of the Hessian over networks, widths and optimizers",
}


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv[:1])
    return importlib.import_module("catseye.commands.analyze." + args.subject).main(argv[1:])


def _parser() -> Parser:
    parser = Parser("analyze", DESCRIPTION)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    width = max(map(len, SUBJECTS)) + 2
    rows = ["  %s%s" % (name.ljust(width), words) for name, words in sorted(SUBJECTS.items())]
    parser.epilog = (
        "subjects:\n%s\n\n`catseye analyze SUBJECT --help` lists the options of one."
        % ("\n".join(rows))
    )
    parser.add_argument(
        "subject", metavar="SUBJECT", choices=sorted(SUBJECTS), help="what to measure"
    )
    return parser
