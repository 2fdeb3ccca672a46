"""What the shipped LISTA encoders are worth, in iterations of FISTA, on photographs that they have
not seen.

Knows the zoo's checkpoints and the protocol of training/recipes/sparse.py; trains nothing.
"""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, cast

import torch

from catseye.models.checkpoint import load_checkpoint
from catseye.models.lista import SparseCoder
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.load import ZOO
from catseye.training.patches import held_out_patches
from catseye.training.recipes.sparse import CodedPatches, coded, fista_errors, matched_iterations

ENCODERS = ("sparse-100", "sparse-400", "sparse")


class Yardstick(NamedTuple):
    """What encoders of one dictionary are measured by.

    encoder: the shipped one.  truth: held-out patches with their z*.  fista: mean squared code
    error after 1, 2, ...
    """

    encoder: SparseCoder
    truth: CodedPatches
    fista: list[float]

    @torch.no_grad()
    def code_mse(self, network: SparseCoder) -> float:
        """Mean of (code - z*)^2 over patches and atoms."""
        return float((network(self.truth.x) - self.truth.codes).square().mean())


def shipped_encoder(name: str) -> SparseCoder:
    """That of the zoo's checkpoint `name`. Raises ModelFileError where there is none."""
    return cast(SparseCoder, load_checkpoint(Path(ZOO) / name, "sparse").network)


@lru_cache(maxsize=len(ENCODERS))
def yardstick(name: str, data: str, split: str) -> Yardstick:
    """That of the dictionary and the alpha of a shipped encoder; kept, because the codes take a
    minute."""
    encoder = shipped_encoder(name)
    alpha = encoder.config.alpha
    truth = coded(held_out_patches(data, split, encoder.config.patch), encoder.dictionary, alpha)
    return Yardstick(encoder, truth, fista_errors(truth, encoder.dictionary, alpha))


def report_of_zoo(data: str, split: str) -> dict[str, dict[str, float]]:
    """{"100": {"matched_by_1": k, "code_mse_1": ..., "matched_by_3": ...}, "400": {...}}, by number
    of atoms. Raises CatseyeError where no sparse coder is shipped."""
    names = [name for name in ENCODERS if (Path(ZOO) / name).is_dir()]
    if not names:
        raise CatseyeError(
            f"no sparse coder in {ZOO}", " or ".join(ENCODERS), "install the package with its data"
        )
    answer: dict[str, dict[str, float]] = {}
    for name in names:
        measure = yardstick(name, data, split)
        answer.setdefault(str(measure.encoder.config.atoms), {}).update(report(measure))
    return answer


def report(measure: Yardstick) -> dict[str, float]:
    """matched_by_T: the largest number of FISTA iterations whose mean squared code error is not
    below LISTA's.

    T: LISTA's number of iterations.  code_mse_T: LISTA's mean of (code - z*)^2 over patches and
    atoms.  patches: how many; alpha_T: the weight of the codes' 1-norm.
    """
    config, code_mse = measure.encoder.config, measure.code_mse(measure.encoder)
    k, depth = matched_iterations(code_mse, measure.fista), config.iterations
    numbers = {
        f"matched_by_{depth}": k,
        f"code_mse_{depth}": code_mse,
        f"alpha_{depth}": config.alpha,
    }
    return numbers | {"patches": len(measure.truth.x)}
