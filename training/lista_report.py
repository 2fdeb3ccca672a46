"""What the shipped LISTA encoders are worth, in iterations of FISTA, on photographs that they have not seen.

Knows the zoo's checkpoints and the protocol of training/sparse.py; trains nothing.
"""

from pathlib import Path
from typing import Any, cast

import torch

from catseye.models.checkpoint import load_checkpoint
from catseye.models.lista import SparseCoder
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file import ZOO
from catseye.training.sparse import coded, fista_errors, held_out_patches, matched_iterations

ENCODERS = ("sparse", "sparse-400")


def report_of_zoo(data: str, split: str) -> dict[str, dict[str, Any]]:
    """{"100": {"matched_by_<T>": k, ...}, "400": {...}}: one entry per shipped encoder, T its number of iterations."""
    folders = [Path(ZOO) / name for name in ENCODERS if (Path(ZOO) / name).is_dir()]
    if not folders:
        raise CatseyeError(f"no sparse coder in {ZOO}", " or ".join(ENCODERS), "install the package with its data")
    networks = [cast(SparseCoder, load_checkpoint(folder, "sparse").network) for folder in folders]
    return {str(network.config.atoms): report(network, data, split) for network in networks}


def report(network: SparseCoder, data: str, split: str) -> dict[str, Any]:
    """matched_by_T: the largest number of FISTA iterations whose mean squared code error is not below LISTA's.

    code_mse: LISTA's mean of (code - z*)^2 over patches and atoms; patches: how many.
    """
    config = network.config
    x = held_out_patches(data, split, config.patch)
    truth = coded(x, network.dictionary, config.alpha)
    with torch.no_grad():
        code_mse = float((network(truth.x) - truth.codes).square().mean())
    k = matched_iterations(code_mse, fista_errors(truth, network.dictionary, config.alpha))
    return {f"matched_by_{config.iterations}": k, "code_mse": code_mse, "alpha": config.alpha, "patches": len(x)}
