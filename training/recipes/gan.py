"""Algorithm 1 of Goodfellow et al. (NIPS 2014): k steps of the discriminator, then one of the
generator, and so on.

Two losses and two optimizers do not fit the loop that the other recipes share, so this is a loop of
its own with the same manners: all randomness of an epoch follows from (seed, epoch), a killed run
resumes to the same weights, the best checkpoint is kept. Best is the least Frechet LeNet distance
to `val`: the losses of a game do not tell who is good.
"""

import math
import os
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, distributed

from catseye.models.gan import Gan, GanConfig, noise
from catseye.models.meta import Meta
from catseye.runtime.datasets import DEMO
from catseye.runtime.datasets.mnist import name_of_digits
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.gan import sheet_of
from catseye.training.devices import device_from_name
from catseye.training.journal import Journal
from catseye.training.plan import TrainingPlan
from catseye.training.processes import seed_epoch
from catseye.training.progress import WholeRun
from catseye.training.recipes.digits import digit_tensors
from catseye.training.recipes.gan_game import RATES, Game, Step
from catseye.training.recipes.lenet_space import LenetSpace, collapse, likeness
from catseye.training.recipes.recipe import batch_size
from catseye.training.training_state import TrainingState

BATCH, DEMO_BATCH = 64, 32
LAST_RATE = 0.1  # of the first one; it falls linearly, epoch by epoch
SAMPLES = 5000  # samples that are compared with `val`
SHOWN = 64  # of them on a sheet


class GanRecipe:
    """A pair on the `train` split of MNIST, or of the demo digits; validated on `val`."""

    def __init__(
        self,
        data: str,
        seed: int = 0,
        *,
        discriminator_steps: int = 1,
        saturating: bool = False,
        maxout: int = 0,
        batch: int = 0,
    ) -> None:
        """discriminator_steps: k.  saturating: G descends log(1 - D(G(z))).  maxout: pieces of D's
        units; 0: none.  batch: examples to a batch; 0 for the recipe's number."""
        torch.manual_seed(seed)
        self.data, self.steps, self.saturating = data, discriminator_steps, saturating
        self.gan = Gan(GanConfig(pieces=maxout))
        self.images = pictures_of(data, "train")
        self.batch = batch_size(batch, DEMO_BATCH if data == DEMO else BATCH, len(self.images))
        self.space = LenetSpace()
        self.truth = self.space.seen(pictures_of(data, "val"))

    def iterations_per_epoch(self) -> int:
        """So many that G takes as many steps as there are batches of data, whatever k is."""
        return len(self.images) // self.batch

    def measure(self, samples: Tensor) -> tuple[dict[str, float], str]:
        """The metrics of (N, 32, 32) samples, and the words for their collapse."""
        seen = self.space.seen(samples)
        metrics: dict[str, float] = likeness(seen, self.truth)._asdict()
        return metrics, collapse(seen, self.truth)

    def describe_data(self) -> JsonObject:
        """Where examples come from and by which rules the game goes; a run is resumed only under
        the same."""
        description: JsonObject = {"name": name_of_digits(self.data) + " train"}
        description |= {
            "digits": len(self.images),
            "validated_on": "val",
            "discriminator_steps": self.steps,
        }
        return description | {"saturating": self.saturating, "pieces": self.gan.config.pieces}


def fit_gan(recipe: GanRecipe, plan: TrainingPlan) -> Meta:
    """Play `plan.epochs` epochs, keep the best checkpoint in `plan.out`, return its meta data.

    Raises CatseyeError for a plan that this loop cannot follow and for a game that diverges.
    """
    _check(plan)
    run = _Run(recipe, plan)
    state = run.state
    state.save()
    with Journal(plan.out / "tensorboard", state.epoch) as journal:
        while state.epoch < plan.epochs:
            mean = run.play_epoch()
            journal.numbers(state.epoch - 1, mean._asdict())
            if state.epoch % plan.every == 0 or state.epoch == plan.epochs:
                run.evaluate(journal, mean)
            state.save()
    run.whole.close()
    return state.outcome()


class _Run:
    """One run of the game; what `--resume` has to bring back is its `state`."""

    def __init__(self, recipe: GanRecipe, plan: TrainingPlan) -> None:
        self.recipe, self.plan, self.device = recipe, plan, device_from_name(plan.device)
        self.gan = recipe.gan.to(self.device)
        self.game = Game(
            self.gan.generator,
            self.gan.discriminator,
            self.gan.config.latent,
            plan.optimizer,
            steps=recipe.steps,
            saturating=recipe.saturating,
        )
        terms = plan.terms("gan", recipe.describe_data()) | {"optimizer": plan.optimizer}
        self.state = TrainingState(plan.out, {"gan": self.gan, **self.game.optimizers}, terms)
        if plan.resume and (content := self.state.saved()):
            self.state.restore(content)
        steps = recipe.iterations_per_epoch()
        self.whole = WholeRun(plan.epochs, steps, self.state.epoch)

    def play_epoch(self) -> Step:
        """As many iterations as there are batches of data; their mean."""
        seed_epoch(self.plan.seed, self.state.epoch)
        self.gan.train()
        self.game.scale_rates(1 - (1 - LAST_RATE) * self.state.epoch / self.plan.epochs)
        examples = (
            batch.to(self.device) for batch in minibatches(self.recipe.images, self.recipe.batch)
        )
        played = []
        for step in range(1, self.recipe.iterations_per_epoch() + 1):
            played.append(self.game.iterate(examples))
            self.whole.stepped(self.state.epoch, step, played[-1].value)
        mean = Step(*np.mean(played, axis=0).tolist())
        if not all(map(math.isfinite, mean)):
            found = f"the game diverged in epoch {self.state.epoch + 1}"
            raise CatseyeError(found, "finite numbers", "try another --optimizer")
        self.state.epoch += 1
        return mean

    @torch.no_grad()
    def evaluate(self, journal: Journal, mean: Step) -> None:
        """Measure samples, say what is wrong with them, keep the checkpoint if they are the best so
        far."""
        self.gan.eval()
        z = noise(SAMPLES, self.gan.config.latent, torch.Generator().manual_seed(self.plan.seed))
        samples = self.gan(z.to(self.device)).cpu()
        metrics, collapsed = self.recipe.measure(samples)
        found = f"frechet_lenet {metrics['frechet_lenet']:.2f}, {metrics['classes']:.1f} classes"
        journal.line(
            f"epoch {self.state.epoch}: {found}, V {mean.value:.3f}, D right on {mean.right:.1%}, "
            f"gradient of G {mean.gradient:.3g}"
        )
        for words in filter(None, (collapsed, mean.saturated)):
            journal.line(f"epoch {self.state.epoch}: {words}")
        journal.numbers(self.state.epoch - 1, metrics)
        journal.pictures(self.state.epoch - 1, {"samples": sheet(samples[:SHOWN])})
        meta = self.plan.meta(
            "gan",
            self.gan,
            epoch=self.state.epoch,
            metrics={**metrics, "value": mean.value, "right": mean.right},
            data=self.recipe.describe_data(),
        )
        self.state.keep_if_best(self.gan, meta, lambda each: -each.number("frechet_lenet"))


def pictures_of(data: str, split: str) -> Tensor:
    """(N, 32, 32) float32 in 0..1, light on dark."""
    return digit_tensors(data, split)[0].float() / 255


def minibatches(images: Tensor, size: int) -> Iterator[Tensor]:
    """(size, ...) of (N, ...) examples without end, drawn with replacement by torch's own random
    numbers."""
    while True:
        yield images[torch.randint(len(images), (size,))]


def sheet(pictures: Tensor, columns: int = 8) -> np.ndarray:
    """(N, 32, 32) in 0..1 -> one (H, W, 3) uint8 picture, row by row."""
    grey = sheet_of((pictures * 255).round().byte().numpy(), columns)
    return np.repeat(grey[..., None], 3, axis=2)


def _check(plan: TrainingPlan) -> None:
    """Refuse what this loop does not do."""
    if plan.optimizer not in RATES:
        raise CatseyeError(
            f"--optimizer {plan.optimizer} with gan",
            " or ".join(RATES),
            "two players have no one loss",
        )
    if plan.accumulate > 1 or plan.patience:
        raise CatseyeError("--accumulate or --patience with gan", "neither", "leave them out")
    if distributed.is_torchelastic_launched() and os.environ["WORLD_SIZE"] != "1":
        raise CatseyeError("several processes with gan", "one", "start it without torchrun")
