"""Two real processes under torchrun: the losses of one with the same global batch, and a killed
pair resumed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from catseye.models.tensor_file import read_tensors
from catseye.runtime.errors import CatseyeError
from catseye.training import processes
from catseye.training.optimizers.entropy_sgd import INNER_STEPS
from catseye.training.torchrun import rank_in_environment

EPOCHS = 4
TESTS = Path(__file__).parents[1]  # curve.py is there
PYTHONPATH = os.pathsep.join(map(os.fspath, (TESTS, TESTS.parent)))

SCRIPT = (
    """
import os, signal, sys
from pathlib import Path
import torch
from curve import Curve, square
from catseye.training.loop import fit
from catseye.training.plan import TrainingPlan

class Recipe(Curve):
    learning_rates, averaging, steps = {"sgd": 0.05, "entropy-sgd": 0.02}, 0.9, 20

    def __init__(self, dies):
        # other first weights in each process: they must start with those of the first all the same
        super().__init__(first=int(os.environ.get("RANK", 0)))
        self.dies = dies

    def before_batch(self, epoch, step):
        if self.dies and epoch == 2 and step == 5 and os.environ["RANK"] == "1":
            os.kill(os.getpid(), signal.SIGKILL)

    def evaluate(self, network, device):
        assert os.environ.get("RANK", "0") == "0", "the first process alone evaluates"
        x = torch.linspace(0, 1, 33).reshape(11, 3)
        return {"score": -float((network(x) - square(x)).square().mean())}

out, accumulate = Path(sys.argv[1]), int(sys.argv[2])
resume, dies = "resume" in sys.argv, "die" in sys.argv
torch.set_num_threads(1)
optimizer = "entropy-sgd" if "entropy-sgd" in sys.argv else "sgd"
fit(Recipe(dies), TrainingPlan(out, %d, optimizer, "cpu", accumulate=accumulate, resume=resume))
tasks = Path("/proc/self/task")
threads = [(thread / "comm").read_text() for thread in tasks.iterdir()]
assert not any("gloo" in name for name in threads), f"gloo outlives its group: {threads}"
"""
    % EPOCHS
)


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    path = tmp_path_factory.mktemp("script") / "train.py"
    path.write_text(SCRIPT)
    return path


def run_script(script, number, out, *argv):
    """By torchrun where `number` is above 1."""
    launcher = (
        ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={number}"]
        if number > 1
        else []
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": PYTHONPATH}
    command = [sys.executable, *launcher, str(script), str(out), *argv]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


def weights_of(out):
    return read_tensors(out / "progress.pt")["network"]


def losses_of(out):
    return [
        event.value for event in EventAccumulator(str(out / "tensorboard")).Reload().Scalars("loss")
    ]


@pytest.fixture(scope="module")
def pair(script, tmp_path_factory):
    """What two processes trained, each with one batch to a step."""
    out = tmp_path_factory.mktemp("runs") / "pair"
    answer = run_script(script, 2, out, "1")
    assert answer.returncode == 0, answer.stderr
    return out


def test_two_processes_train_like_one_with_the_same_global_batch(script, pair, tmp_path):
    answer = run_script(script, 1, tmp_path, "2")
    assert answer.returncode == 0, answer.stderr
    assert_same_training(pair, tmp_path)


def test_two_processes_walk_the_same_inner_loop_of_entropy_sgd(script, tmp_path):
    for number, accumulate in ((2, "1"), (1, "2")):
        answer = run_script(script, number, tmp_path / str(number), accumulate, "entropy-sgd")
        assert answer.returncode == 0, answer.stderr
    assert read_tensors(tmp_path / "2" / "progress.pt")["schedule"]["last_epoch"] == EPOCHS * (
        20 // (2 * INNER_STEPS)
    )
    assert_same_training(tmp_path / "2", tmp_path / "1")


def assert_same_training(pair, alone):
    losses, weights_alone = losses_of(pair), weights_of(alone)
    assert len(losses) == EPOCHS and losses[-1] < losses[0]
    assert losses == pytest.approx(losses_of(alone), rel=1e-5)
    for name, weights in weights_of(pair).items():
        if "running" not in name and "tracked" not in name:  # those of its own batches only
            assert torch.allclose(weights, weights_alone[name], rtol=1e-4, atol=1e-6), name


def test_a_killed_pair_is_resumed_to_the_same_weights(script, pair, tmp_path):
    killed = run_script(script, 2, tmp_path, "1", "die")
    assert killed.returncode != 0 and read_tensors(tmp_path / "progress.pt")["epoch"] == 2
    resumed = run_script(script, 2, tmp_path, "1", "resume")
    assert resumed.returncode == 0, resumed.stderr
    for name, weights in weights_of(pair).items():
        assert torch.equal(weights, weights_of(tmp_path)[name]), name


def test_a_process_alone_goes_on_with_the_same_global_batch(script, pair, tmp_path):
    (tmp_path / "progress.pt").write_bytes((pair / "progress.pt").read_bytes())
    assert run_script(script, 1, tmp_path, "2", "resume").returncode == 0
    refused = run_script(script, 1, tmp_path, "1", "resume")
    assert "batches_per_step" in refused.stderr


def test_more_processes_than_gpus_is_one_clear_line(monkeypatch):
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "run")
    monkeypatch.setenv("LOCAL_RANK", "2")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(CatseyeError, match="2 GPUs for process 3"):
        processes.local_device("auto")
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert processes.local_device("auto") == "cuda:1" and processes.local_device("cpu") == "cpu"


def test_alone_there_is_nobody_to_meet(monkeypatch):
    monkeypatch.setenv("RANK", "3")  # of some other launcher
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert rank_in_environment() == 0 and processes.local_device("auto") == "auto"
    with processes.joined(torch.device("cpu")) as alone:
        assert alone == processes.Processes(0, 1) and alone.first
        assert alone.mean(3.0) == 3.0 and alone.from_first("x") == "x"
