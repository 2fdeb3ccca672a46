"""Figure 3 of Gregor and LeCun 2010, code prediction error against iterations, and what theory says
of ISTA and FISTA.

One dictionary for each number of atoms, that of the shipped encoder of one iteration; the encoders
of the other depths, tied and untied, and those of one iteration whose S is restricted, lie in
models/zoo/lista.npz, in half precision. Knows depths and curves; teaching stands in
training/recipes/sparse.py.
"""

import io
import os
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar, cast

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from catseye.models.checkpoint import load_checkpoint
from catseye.models.inhibition import form_from_text
from catseye.models.lista import SparseCoder, SparseConfig, Thresholds
from catseye.models.sparse_coding import (
    energy,
    fista_iterates,
    fista_to_gap,
    ista_iterates,
    largest_eigenvalue,
)
from catseye.runtime.model_file.load import ZOO
from catseye.runtime.system.files import read_bytes, write_bytes
from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.figure import figure
from catseye.training.analysis.lista_report import Yardstick, shipped_encoder, yardstick
from catseye.training.loop import fit
from catseye.training.plan import TrainingPlan
from catseye.training.recipes.sparse import SparseRecipe, matched_iterations

DICTIONARIES = {"sparse-100": "tab:red", "sparse-400": "tab:blue"}  # as in the paper
FORM_MARKS = {"dense": "s", "low-rank": "^", "masked": "v"}  # as its kind begins
DEPTHS = (0, 3, 7)  # beside the shipped 1
FORMS = {  # of S, with one iteration
    "sparse-100": ("dense", "low-rank:25", "masked:0.25"),
    "sparse-400": ("dense", "low-rank:50"),
}
UNTIED = {"sparse-100": (3, 7)}  # depths that are also taught with a W_e and an S for each step
ENCODERS = os.path.join(ZOO, "lista.npz")
SHOWN = 100  # iterations of FISTA in the figure
TRAINING_PATCHES = {"sparse-100": 500_000, "sparse-400": 250_000}
OPTIMIZER = "soap"
THEORY_PATCHES, THEORY_ITERATIONS, THEORY_GAP = 500, 100, 1e-8


Key = TypeVar("Key")


class Variant(NamedTuple):
    """An encoder beside the shipped one: its iterations, and how its S is made."""

    depth: int
    form: str = "dense"

    @property
    def key(self) -> str:
        return str(self.depth) if self.form == "dense" else f"{self.depth} {self.form}"


class DepthCurves(NamedTuple):
    """Mean squared code errors with one dictionary. fista: after 1, 2, ... iterations; lista: of
    each depth T, untied: likewise; forms: of one iteration, by how S is made; multiplies: of all
    three for one patch, by depth, "DEPTH untied" and form."""

    fista: list[float]
    lista: dict[int, float]
    untied: dict[int, float]
    forms: dict[str, float]
    multiplies: dict[str, int]

    def matched_by(self) -> dict[int, int]:
        """The iterations of FISTA that are worth an encoder's, by its depth."""
        return self._matched(self.lista)

    def matched_by_untied(self) -> dict[int, int]:
        """The same where each step has matrices of its own."""
        return self._matched(self.untied)

    def matched_by_form(self) -> dict[str, int]:
        """The same by how S is made."""
        return self._matched(self.forms)

    def _matched(self, errors: dict[Key, float]) -> dict[Key, int]:
        return {key: matched_iterations(error, self.fista) for key, error in errors.items()}

    def as_json(self) -> JsonObject:
        lista, matched, untied, matched_untied = (
            {str(depth): value for depth, value in by_depth.items()}
            for by_depth in (
                self.lista,
                self.matched_by(),
                self.untied,
                self.matched_by_untied(),
            )
        )
        return {
            "fista": self.fista,
            "lista": lista,
            "matched_by": matched,
            "untied": untied,
            "matched_by_untied": matched_untied,
            "forms": dict(self.forms),
            "matched_by_form": dict(self.matched_by_form()),
            "multiplies": dict(self.multiplies),
        }


class Theory(NamedTuple):
    """Means over patches of E(z_k) - E(z*) and of 2 L ||z(0) - z*||^2 / (k + 1)^2, k = 1, 2, ...
    (Beck, Teboulle 2009).

    climb: the largest rise of any patch's energy in a step of ISTA.  share: the largest part of its
    bound that any patch has left after any iteration of FISTA.
    """

    ista: np.ndarray
    fista: np.ndarray
    bound: np.ndarray
    climb: float
    share: float

    def as_json(self) -> JsonObject:
        """All but the curves."""
        return {"ista_largest_climb": self.climb, "fista_share_of_bound": self.share}


def curves(name: str, data: str, split: str, path: str = ENCODERS) -> DepthCurves:
    """The encoders of all depths and forms for the dictionary of the shipped encoder `name`, and
    FISTA."""
    measure = yardstick(name, data, split)
    beside = encoders_beside(measure.encoder, path)
    forms = {variant.form: network for variant, network in beside.items() if variant.depth == 1}
    untied, tied = (
        {
            variant.depth: network
            for variant, network in beside.items()
            if variant.depth != 1 and (variant.form == "untied") == apart
        }
        for apart in (True, False)
    )
    tied = {depth: (tied | {1: measure.encoder})[depth] for depth in sorted([1, *tied])}
    counted = {str(depth): network.multiplies() for depth, network in tied.items()}
    counted |= {f"{depth} untied": network.multiplies() for depth, network in untied.items()}
    counted |= {form: network.multiplies() for form, network in forms.items()}
    lista, of_untied = (
        {depth: measure.code_mse(network) for depth, network in some.items()}
        for some in (tied, untied)
    )
    of_forms = {form: measure.code_mse(network) for form, network in forms.items()}
    return DepthCurves(measure.fista, lista, of_untied, of_forms, counted)


def encoders_beside(shipped: SparseCoder, path: str = ENCODERS) -> dict[Variant, SparseCoder]:
    """The encoders in `path`, if there is such a file, that share the dictionary of `shipped`: of
    other depths, and with one iteration and an S that is restricted."""
    if not os.path.exists(path):
        return {}
    arrays, networks = np.load(io.BytesIO(read_bytes(path))), {}
    for variant in _variants():
        head = f"{shipped.config.atoms}/{variant.key}/"
        weights = {
            name[len(head) :]: torch.from_numpy(arrays[name])
            for name in arrays
            if name.startswith(head)
        }
        if weights:
            each: Thresholds = "each" if weights["theta"].ndim == 2 else "shared"
            network = _untaught(shipped, variant, each)
            # the dictionary, a mask, and S at depth 0, stay
            network.load_state_dict(weights, strict=False)
            networks[variant] = network
    return networks


def _variants(name: str = "") -> list[Variant]:
    """Of the shipped encoder `name`; of all."""
    forms = [form for shipped, some in FORMS.items() for form in some if name in ("", shipped)]
    untied = [depth for shipped, some in UNTIED.items() for depth in some if name in ("", shipped)]
    return (
        [Variant(depth) for depth in DEPTHS]
        + [Variant(1, form) for form in dict.fromkeys(forms)]
        + [Variant(depth, "untied") for depth in untied]
    )


def _untaught(shipped: SparseCoder, variant: Variant, thresholds: Thresholds) -> SparseCoder:
    """ISTA's weights, with the dictionary of `shipped`."""
    config = SparseConfig(
        atoms=shipped.config.atoms,
        alpha=shipped.config.alpha,
        iterations=variant.depth,
        thresholds=thresholds,
        **form_from_text(variant.form),
    )
    return SparseCoder(config, shipped.dictionary)


def train_encoders(data: str, epochs: int, runs: Path, path: str = ENCODERS) -> None:
    """Teach the encoders of all depths and forms for both dictionaries, in folders of `runs`, where
    a killed run goes on.

    Each step has thresholds of its own. An encoder that `path` has is taught on; another begins at
    ISTA, an untied one at the tied one of its depth. Raises CatseyeError where there are no
    photographs.
    """
    trained = {}
    for name in DICTIONARIES:
        shipped = shipped_encoder(name)
        recipe = SparseRecipe(
            data,
            alpha=shipped.config.alpha,
            patches=TRAINING_PATCHES[name],
            dictionary=shipped.dictionary,
        )
        taught = encoders_beside(shipped, path)
        for variant in _variants(name):
            recipe.network = _begun(shipped, variant, taught)
            out = runs / f"{shipped.config.atoms}-{variant.key.replace(' ', '-')}"
            fit(recipe, TrainingPlan(out, epochs, OPTIMIZER, device="cpu", resume=True))
            network = cast(SparseCoder, load_checkpoint(out, "sparse").network)
            taught[variant] = trained[f"{shipped.config.atoms}/{variant.key}"] = network
    save_encoders(trained, path)


def _begun(
    shipped: SparseCoder, variant: Variant, taught: dict[Variant, SparseCoder]
) -> SparseCoder:
    """The encoder that training begins with."""
    network = _untaught(shipped, variant, "each")
    if variant in taught:
        before: dict[str, Tensor] = dict(taught[variant].named_parameters())
    elif variant.form == "untied":
        tied = taught[Variant(variant.depth)]
        parts = {"encode": tied.encode_matrices()[0], "inhibit": tied.inhibition_matrices()[0]}
        before = {
            name: parts.get(name.partition(".")[0], tied.thresholds())
            for name, _ in network.named_parameters()
        }
    else:
        return network
    with torch.no_grad():
        for name, weight in network.named_parameters():
            weight.copy_(before[name])  # one threshold for all steps becomes one for each
    return network


def save_encoders(networks: dict[str, SparseCoder], path: str) -> None:
    """Learned matrices and thresholds by "ATOMS/DEPTH/NAME" or "ATOMS/DEPTH FORM/NAME", in half
    precision; no S where no iteration uses it."""
    arrays = {
        f"{key}/{name}": weight.detach().half().numpy()
        for key, network in networks.items()
        for name, weight in network.named_parameters()
        if network.config.iterations or name in ("encode", "theta")
    }
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]  # no key is allow_pickle
    write_bytes(path, stream.getvalue())


def theory(measure: Yardstick) -> Theory:
    """ISTA and FISTA on some of the held-out patches, in double precision, against the energy of
    z*."""
    dictionary, alpha = measure.encoder.dictionary.double(), measure.encoder.config.alpha
    x = measure.truth.x[:THEORY_PATCHES].double()
    best = fista_to_gap(x, dictionary, alpha, THEORY_GAP)
    least = energy(x, dictionary, best, alpha)
    slow, fast = (
        torch.stack(
            [
                energy(x, dictionary, z, alpha)
                for z in islice(method(x, dictionary, alpha), THEORY_ITERATIONS)
            ]
        )
        for method in (ista_iterates, fista_iterates)
    )  # (iterations, P)
    k = torch.arange(1, THEORY_ITERATIONS + 1)[:, None]
    bound = 2 * largest_eigenvalue(dictionary) * best.square().sum(1) / (k + 1) ** 2
    slow_mean, fast_mean, bound_mean = (
        part.mean(1).numpy() for part in (slow - least, fast - least, bound)
    )
    coded = best.any(1)  # a patch whose code is 0 starts at the end, and its bound is 0
    share = ((fast - least) / bound)[:, coded].max()
    return Theory(slow_mean, fast_mean, bound_mean, float(slow.diff(dim=0).max()), float(share))


def draw(path: str, found: dict[str, DepthCurves], theories: dict[str, Theory]) -> None:
    """The paper's figure, what the forms of S cost and are worth, the theory of both
    dictionaries."""
    with figure(path, columns=2, rows=2, height=3.6) as axes:
        _draw_curves(axes[0], found)
        _draw_forms(axes[1], found)
        for axis, (name, of_name) in zip(axes[2:], theories.items()):
            _draw_theory(axis, name, of_name)


def _draw_curves(axis: Axes, found: dict[str, DepthCurves]) -> None:
    for name, of_name in found.items():
        colour, size = DICTIONARIES[name], name.replace("sparse-", "m = ")
        axis.plot(
            range(1, SHOWN + 1),
            of_name.fista[:SHOWN],
            "x",
            color=colour,
            ms=3.5,
            label=f"FISTA, {size}",
        )
        axis.plot(
            list(of_name.lista),
            list(of_name.lista.values()),
            "o",
            color=colour,
            ms=6,
            label=f"LISTA, {size}",
        )
        if of_name.untied:
            axis.plot(
                list(of_name.untied),
                list(of_name.untied.values()),
                "D",
                color=colour,
                ms=5,
                mfc="none",
                label=f"untied, {size}",
            )
    axis.set_xscale("symlog", linthresh=1, linscale=0.4)  # logarithmic from 1 on, and 0 has a place
    axis.set_xlim(-0.15, 1.1 * SHOWN)
    axis.set_xticks([0, 1, 2, 3, 5, 7, 10, 20, 35, 50, 100], "0 1 2 3 5 7 10 20 35 50 100".split())
    axis.set_yscale("log")
    axis.set_xlabel("iterations (0: one layer h(W_e x))")
    axis.set_ylabel("mean squared code error")
    axis.set_title("code prediction error, alpha 0.5")
    axis.legend()


def _draw_forms(axis: Axes, found: dict[str, DepthCurves]) -> None:
    """Multiplies against the iterations of FISTA matched: depths T by numbers, forms of S at T = 1
    by marks."""
    for name, of_name in found.items():
        colour, size = DICTIONARIES[name], name.replace("sparse-", "m = ")
        place = {key: count / 1000 for key, count in of_name.multiplies.items()}
        depths, untied = of_name.matched_by(), of_name.matched_by_untied()
        axis.plot(
            [place[str(depth)] for depth in depths],
            list(depths.values()),
            "-",
            color=colour,
            lw=1,
            label=f"tied, {size}",
        )
        for ending, matched, ink, ground in (
            ("", depths, "white", colour),
            (" untied", untied, colour, "white"),
        ):
            box = {"boxstyle": "circle,pad=0.2", "fc": ground, "ec": colour}
            for depth, worth in matched.items():
                at = place[f"{depth}{ending}"], worth
                axis.annotate(
                    str(depth), at, ha="center", va="center", fontsize=6, color=ink, bbox=box
                )
        for form, worth in of_name.matched_by_form().items():
            mark = FORM_MARKS[form.split(":")[0]]
            axis.plot([place[form]], [worth], mark, color=colour, ms=6, mfc="none", zorder=4)
    axis.plot([], [], "o", color="grey", mfc="none", label="untied")
    for kind, mark in FORM_MARKS.items():
        axis.plot([], [], mark, color="grey", mfc="none", label=f"T = 1, S {kind}")
    axis.set(
        xscale="log",
        xlabel="thousands of multiplies for one patch",
        ylabel="iterations of FISTA matched",
        title="what depth and S cost and are worth",
    )
    axis.legend()


def _draw_theory(axis: Axes, name: str, found: Theory) -> None:
    k = np.arange(1, len(found.ista) + 1)
    axis.loglog(k, found.bound, "--", color="grey", label="2 L |z(0) - z*|² / (k + 1)²")
    axis.loglog(k, found.ista, color="tab:orange", label="ISTA")
    axis.loglog(k, found.fista, color="tab:green", label="FISTA")
    axis.set_xlabel("iterations k")
    axis.set_ylabel("mean E(z(k)) - E(z*)")
    axis.set_title("energy left, " + name.replace("sparse-", "m = "))
    axis.legend()
