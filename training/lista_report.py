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

ENCODERS = ("lista-100", "lista-400", "sparse", "sparse-400")


def report_of_zoo(data: str, split: str) -> dict[str, dict[str, Any]]:
    """{"100": {"matched_by_1": k, "code_mse_1": ..., "matched_by_3": ...}, "400": {...}}, by number of atoms."""
    folders = [Path(ZOO) / name for name in ENCODERS if (Path(ZOO) / name).is_dir()]
    if not folders:
        raise CatseyeError(f"no sparse coder in {ZOO}", " or ".join(ENCODERS), "install the package with its data")
    answer: dict[str, dict[str, Any]] = {}
    for folder in folders:
        network = cast(SparseCoder, load_checkpoint(folder, "sparse").network)
        answer.setdefault(str(network.config.atoms), {}).update(report(network, data, split))
    return answer


def report(network: SparseCoder, data: str, split: str) -> dict[str, Any]:
    """matched_by_T: the largest number of FISTA iterations whose mean squared code error is not below LISTA's.

    T: LISTA's number of iterations.  code_mse_T: LISTA's mean of (code - z*)^2 over patches and atoms.  patches: how
    many; alpha: the weight of the codes' 1-norm.
    """
    config = network.config
    x = held_out_patches(data, split, config.patch)
    truth = coded(x, network.dictionary, config.alpha)
    with torch.no_grad():
        code_mse = float((network(truth.x) - truth.codes).square().mean())
    k = matched_iterations(code_mse, fista_errors(truth, network.dictionary, config.alpha))
    depth = config.iterations
    return {f"matched_by_{depth}": k, f"code_mse_{depth}": code_mse, "alpha": config.alpha, "patches": len(x)}
