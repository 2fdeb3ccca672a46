"""How to train, whatever the task: what the command line says, as a value that every loop reads."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

from torch import nn

from catseye.models.checkpoint import current_commit
from catseye.models.meta import Meta
from catseye.models.networks import config_as_json
from catseye.runtime.system.json_document import Json, JsonObject
from catseye.training.optimizers.entropy_sgd import INNER_STEPS

EVALUATIONS = 20
ENTROPY_SGD = "entropy-sgd"


@dataclass(frozen=True)
class TrainingPlan:
    """out: the folder of the run.  optimizer: one that the recipe has a learning rate for.

    evaluations: how often the validation set is looked at during the run.  accumulate: batches of
    each process to a gradient.  patience: evaluations in a row without a better one that end the
    run; 0: never.  decay_rate: the schedule decays Entropy-SGD's rate too, else held fixed.
    batch: examples to a batch as asked for, 0 for the recipe's number.  rate: the learning rate,
    likewise.  start: the checkpoint whose weights the network has
    (`models.checkpoint.take_weights`), or the published ones, "" for none.  new: the weights that
    it did not have.  commit: of the code that trains.
    """

    out: Path
    epochs: int
    optimizer: str = "adamw"
    device: str = "auto"
    _: KW_ONLY
    seed: int = 0
    resume: bool = False
    evaluations: int = EVALUATIONS
    accumulate: int = 1
    patience: int = 0
    decay_rate: bool = False
    batch: int = 0
    rate: float = 0.0
    start: str = ""
    new: tuple[str, ...] = ()
    # when the plan is made, for the checkout may change while it is carried out
    commit: str = field(default_factory=current_commit)

    @property
    def every(self) -> int:
        """Epochs from one evaluation to the next."""
        return max(1, self.epochs // self.evaluations)

    def meta(
        self,
        task: str,
        network: nn.Module,
        *,
        epoch: int,
        metrics: Mapping[str, Json],
        data: JsonObject,
    ) -> Meta:
        """What a checkpoint of that epoch says of itself."""
        return Meta(
            task=task,
            config=config_as_json(network),
            metrics=dict(metrics),
            data=data,
            seed=self.seed,
            epoch=epoch,
            epochs=self.epochs,
            optimizer=self.optimizer,
            commit=self.commit,
            start=self.start,
            batch=self.batch,
            rate=self.rate,
        )

    def terms(self, task: str, data: JsonObject) -> JsonObject:
        """What a run is resumed under, whatever its loop."""
        asked = {"batch": self.batch, "rate": self.rate}
        return {
            "task": task,
            "epochs": self.epochs,
            "seed": self.seed,
            "data": data,
            **{name: value for name, value in asked.items() if value},
        }

    @property
    def gradients_per_step(self) -> int:
        """How often a step of the optimizer asks for a gradient, with other batches each time."""
        return INNER_STEPS if self.optimizer == ENTROPY_SGD else 1

    @property
    def batches_per_step(self) -> int:
        """Batches of each process to a step."""
        return self.accumulate * self.gradients_per_step
