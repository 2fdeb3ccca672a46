"""The toy task in trainings of one process and of two; as a script of torchrun's, what each of a
pair does."""

import os
import signal
import sys
from pathlib import Path

import curve
import torch

from catseye.training.loop import fit
from catseye.training.plan import TrainingPlan

EPOCHS = 4


class Recipe(curve.Curve):
    """dies: the second of a pair does, in the midst of its third epoch."""

    learning_rates, averaging, steps = {"sgd": 0.05, "entropy-sgd": 0.02}, 0.9, 20

    def __init__(self, dies=False):
        # other first weights in each process: they must start with those of the first all the same
        super().__init__(first=int(os.environ.get("RANK", 0)))
        self.dies = dies

    def before_batch(self, epoch, step):
        if self.dies and epoch == 2 and step == 5 and os.environ["RANK"] == "1":
            os.kill(os.getpid(), signal.SIGKILL)

    def evaluate(self, network, device):
        assert os.environ.get("RANK", "0") == "0", "the first process alone evaluates"
        x = torch.linspace(0, 1, 33).reshape(11, 3)
        return {"score": -float((network(x) - curve.square(x)).square().mean())}


def train(out, optimizer, accumulate=1, resume=False, dies=False):
    plan = TrainingPlan(out, EPOCHS, optimizer, "cpu", accumulate=accumulate, resume=resume)
    fit(Recipe(dies), plan)


def train_as(rank, port, *argv):
    """One of a pair, told of its place as torchrun tells it."""
    place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in place.items()})
    os.environ.update(MASTER_ADDR="127.0.0.1", TORCHELASTIC_RUN_ID="pair")
    torch.set_num_threads(1)
    train(*argv)


if __name__ == "__main__":
    torch.set_num_threads(1)
    train(Path(sys.argv[1]), "sgd")
    tasks = Path("/proc/self/task")
    threads = [(thread / "comm").read_text() for thread in tasks.iterdir()]
    assert not any("gloo" in name for name in threads), f"gloo outlives its group: {threads}"
