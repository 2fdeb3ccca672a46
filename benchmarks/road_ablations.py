"""What each part of the road recipe is worth: road_ablations.py --data DIR [--epochs N] [--front
FILE.png]

Short runs of the small network on CamVid at half size, one change each, scored by a street that
none of them saw and by the later half of the drive at dusk, of which they saw the first: what
CamVid's test split asks for.
Then every graph that answers in a time of its own is timed turn about in onnxruntime at 640x360. A
run that was broken off goes on where it was (--out). Prints a table; --front draws accuracy against
time.
"""

import argparse
import copy
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from catseye.commands.parsing.parser import say, say_table
from catseye.export.drafting import slim_onnx_from_graph
from catseye.export.graphs.road import RoadFrame
from catseye.models.parts import ConvNormAct
from catseye.models.road import NANO, RoadConfig, RoadNet, doubled
from catseye.runtime.classes import NAMES, VOID
from catseye.runtime.datasets.road_frames import RoadSample
from catseye.training.analysis.figure import figure
from catseye.training.analysis.optimizers.scored_recipes import CROP_WH, FRAME_WH, HalfSizeRoad
from catseye.training.augmentation import Shot
from catseye.training.frames import Frames
from catseye.training.loop import fit
from catseye.training.plan import TrainingPlan
from catseye.training.recipes.road import STOCHASTIC_DEPTH
from catseye.training.road.prediction import scores_of

HELD_OUT, DUSK = "0006R0", "0001TP"
SIZE_WH = (640, 360)
TIMED_ROUNDS = 40


class VariedRoad(HalfSizeRoad):
    """The recipe at half size with a part of it changed."""

    def __init__(self, data: str) -> None:
        super().__init__(data, hold_out=HELD_OUT, nano=True)
        dusk = [sample for sample in self.train.samples if sample.sequence == DUSK]
        self.late = dusk[len(dusk) // 2 :]
        self.train_on([[sample for sample in self.train.samples if sample not in self.late]])

    def evaluate(self, network: nn.Module, device: torch.device) -> dict[str, Any]:
        street, late = (
            scored(network, samples, device) for samples in (self.validation, self.late)
        )
        return {**street, **{"late_" + name: value for name, value in late.items()}}

    def use(self, **changes: Any) -> None:
        """A new network: the small one with these changes."""
        torch.manual_seed(self.seed)
        self.network = RoadNet(replace(NANO, **{"stochastic_depth": STOCHASTIC_DEPTH, **changes}))

    def use_stem(self, *layers: nn.Module) -> None:
        self.network.stem = nn.Sequential(*layers)


def scored(network: nn.Module, samples: list[RoadSample], device: torch.device) -> dict[str, Any]:
    scores = scores_of(network, Frames(samples, box_wh=FRAME_WH), NAMES, device)
    return {"miou": scores.miou(), "road_iou": scores.report(NAMES)["Road"]}


class WithoutSkips(RoadNet):
    """The decoder alone: nothing of the encoder's finer maps reaches it."""

    def logits_of_shrunk(self, x: Tensor) -> tuple[Tensor, Tensor]:
        deep = self.at_sixteenth(self.at_eighth(self.at_quarter(self.stem(x))))
        eighth = self.fuse_eighth(doubled(self.deep_to_eighth(deep)))
        quarter = self.fuse_quarter(doubled(self.eighth_to_quarter(eighth)))
        half = self.fuse_half(doubled(self.quarter_to_half(quarter)))
        return self.classify(half), self.classify_deep(deep)


def without_skips(recipe: VariedRoad) -> None:
    recipe.network = WithoutSkips(recipe.network.config)


def without_norm(recipe: VariedRoad) -> None:
    for module in list(recipe.network.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.BatchNorm2d):
                setattr(module, name, nn.Identity())


def with_dropout(recipe: VariedRoad) -> None:
    recipe.network.classify = nn.Sequential(nn.Dropout2d(0.1), recipe.network.classify)


def first_filters(side: int) -> Callable[[VariedRoad], None]:
    return lambda recipe: recipe.use_stem(*ConvNormAct(3, 16, side, 2))


def without_streets(recipe: VariedRoad) -> None:
    recipe.train_on([recipe.train.samples[: len(recipe.train) - recipe.streets]])
    recipe.streets = 0


def without_augmentation(recipe: VariedRoad) -> None:
    def cropped(key: tuple[int, ...], index: int) -> Shot:
        image, mask = recipe.train[index]
        return Shot(image[: CROP_WH[1], : CROP_WH[0]], mask[: CROP_WH[1], : CROP_WH[0]])

    recipe._shot = cropped


def cameras_as_at(share: float) -> Callable[[VariedRoad], None]:
    """All along the cameras of that share of the training."""

    def vary(recipe: VariedRoad) -> None:
        def anneal(reached: float) -> None:
            VariedRoad.anneal(recipe, reached)
            recipe.share = share

        recipe.anneal = anneal

    return vary


def weights_as_at_first(recipe: VariedRoad) -> None:
    recipe.anneal = lambda share: recipe.__dict__.update(share=share)


def with_pasted_classes(recipe: VariedRoad) -> None:
    """Half of another frame's classes lie over each frame (ClassMix, Olsson et al. 2021, by true
    masks)."""
    cameras_as_at(0.0)(recipe)
    alone = recipe._shot

    def mixed(key: tuple[int, ...], index: int) -> Shot:
        rng = np.random.default_rng((*key, 1))
        below, over = alone(key, index), alone((*key, 2), int(rng.integers(len(recipe.train))))
        classes = np.setdiff1d(over.mask, [VOID])
        chosen = np.isin(over.mask, rng.choice(classes, len(classes) // 2, replace=False))
        return Shot(
            np.where(chosen[..., None], over.image, below.image),
            np.where(chosen, over.mask, below.mask),
        )

    recipe._shot = mixed


def without(**shares: Any) -> Callable[[VariedRoad], None]:
    return lambda recipe: recipe.__dict__.update(shares)


VARIANTS: dict[str, Callable[[VariedRoad], None]] = {
    "small network, whole recipe": lambda recipe: None,
    "half its widths": lambda recipe: recipe.use(widths=(8, 8, 16, 48)),
    "twice its widths": lambda recipe: recipe.use(widths=(32, 32, 64, 192)),
    "the large network": lambda recipe: recipe.use(**vars(RoadConfig())),
    "one block at 1/16 instead of four": lambda recipe: recipe.use(at_sixteenth=(1,)),
    "no dilation": lambda recipe: recipe.use(at_eighth=(1, 1), at_sixteenth=(1, 1, 1, 1)),
    "no skips": without_skips,
    "no batch normalisation": without_norm,
    "no stochastic depth": lambda recipe: recipe.use(stochastic_depth=0.0),
    "stochastic depth 0.2": lambda recipe: recipe.use(stochastic_depth=0.2),
    "dropout 0.1 before the classes": with_dropout,
    "first filters 5x5": first_filters(5),
    "first filters 12x12": first_filters(12),
    "max-pooling 2x2 instead of a stride": lambda recipe: recipe.use_stem(
        *ConvNormAct(3, 16), nn.MaxPool2d(2)
    ),
    "no Jaccard loss": without(jaccard_share=0.0),
    "no auxiliary head": without(auxiliary_share=0.0),
    "no class weights": without(rarity_weights=torch.ones(256)),
    "no averaged weights": without(averaging=0.0),
    "no synthetic streets": without_streets,
    "no augmentation": without_augmentation,
    "cameras all along as at the end": cameras_as_at(1.0),
    "cameras all along as at first": cameras_as_at(0.0),
    "likewise, and classes pasted from another frame": with_pasted_classes,
    "rare classes weigh as much to the end": weights_as_at_first,
    "first filters 15x15": first_filters(15),
    "max-pooling 4x4 instead of a stride": lambda recipe: recipe.use_stem(
        *ConvNormAct(3, 16), nn.MaxPool2d(4), nn.Upsample(scale_factor=2)
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--out", type=Path, default=Path("runs/road-ablations"))
    parser.add_argument(
        "--only", type=int, nargs="*", help="numbers of the variants, from 0; default all"
    )
    parser.add_argument("--front", help="draw accuracy against time there, as a PNG")
    args = parser.parse_args()
    base, names = VariedRoad(args.data), list(VARIANTS)
    rows = [
        trained(base, name, args)
        for name in (names if args.only is None else [names[i] for i in args.only])
    ]
    for row, time_ms in zip(rows, times_ms([row["network"] for row in rows])):
        row["ms"] = time_ms
    say(f"{args.epochs} epochs at half size, held out {HELD_OUT} and the later half of {DUSK}")
    say(
        f"onnxruntime {onnxruntime.__version__}, one thread, "
        f"least of {TIMED_ROUNDS} rounds turn about at {SIZE_WH[0]}x{SIZE_WH[1]}"
    )
    keys = ("variant", "parameters", "miou", "road_iou", "late_miou", "late_road_iou", "ms")
    say_table(keys, [[row[key] for key in keys] for row in rows])
    if args.front:
        draw(rows, args.front)


def trained(base: VariedRoad, name: str, args: argparse.Namespace) -> dict[str, Any]:
    recipe = copy.copy(base)
    recipe.use()
    VARIANTS[name](recipe)
    recipe.network.to(memory_format=torch.channels_last)
    folder = args.out / name.replace(" ", "-").replace("/", "_")
    begun = time.perf_counter()
    meta = fit(recipe, TrainingPlan(folder, args.epochs, resume=True, evaluations=1))
    say(f"{name}: {meta.metrics['miou']:.4f} ({time.perf_counter() - begun:.0f} s)")
    parameters = sum(p.numel() for p in recipe.network.parameters())
    return {
        "variant": name,
        "parameters": parameters,
        "network": recipe.network.eval(),
        **meta.metrics,
    }


def times_ms(networks: list[nn.Module]) -> np.ndarray:
    """(number,) least milliseconds of one frame, the networks taking turns: what a quiet machine
    would need."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    sessions = []
    for network in networks:
        model = slim_onnx_from_graph(RoadFrame(network, SIZE_WH)).SerializeToString()
        sessions.append(
            onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        )
    frame = (
        np.random.default_rng(0).integers(0, 256, (1, SIZE_WH[1], SIZE_WH[0], 3)).astype(np.uint8)
    )
    times = np.empty((TIMED_ROUNDS, len(sessions)))
    for turn in times:
        for index, session in enumerate(sessions):
            begun = time.perf_counter()
            session.run(None, {"frame": frame})
            turn[index] = (time.perf_counter() - begun) * 1e3
    return times.min(axis=0)


def draw(rows: list[dict[str, Any]], path: str) -> None:
    """A numbered point for each; the numbers are told beside."""
    with figure(path, columns=2, height=5) as (axis, key):
        for number, row in enumerate(rows):
            axis.text(
                row["ms"], 100 * row["miou"], str(number), ha="center", va="center", fontsize=8
            )
            key.text(0, 1 - number / len(rows), f"{number}  {row['variant']}", va="top", fontsize=8)
        key.set_axis_off()
        times, scores = [row["ms"] for row in rows], [100 * row["miou"] for row in rows]
        axis.set(
            xlim=(0, 1.05 * max(times)),
            ylim=(min(scores) - 1, max(scores) + 1),
            xlabel="ms a frame of 640x360, onnxruntime, one thread",
            ylabel="mIoU %, unseen street",
        )


if __name__ == "__main__":
    main()
