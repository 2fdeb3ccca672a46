"""Two real processes: the losses of one with the same global batch, and a killed pair resumed."""

import multiprocessing
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from paired_curve import EPOCHS, Recipe, train, train_as
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from catseye.models.tensor_file import read_tensors
from catseye.runtime.errors import CatseyeError
from catseye.training import processes
from catseye.training.optimizers.entropy_sgd import INNER_STEPS
from catseye.training.torchrun import rank_in_environment

WAIT_S = 300
TESTS = Path(__file__).parents[1]  # curve.py is there
PYTHONPATH = os.pathsep.join(map(os.fspath, (TESTS, TESTS.parent)))


@pytest.fixture(scope="module")
def context():
    """Processes forked from one that has torch already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["paired_curve", "torch._dynamo"])
    return context


def exit_codes(context, *argv):
    """Of two processes that train together, each with one batch to a step."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    both = [context.Process(target=train_as, args=(rank, port, *argv)) for rank in (0, 1)]
    for process in both:
        process.start()
    for process in both:
        process.join(WAIT_S)
    return [process.exitcode for process in both]


def weights_of(out):
    return read_tensors(out / "progress.pt")["network"]


def losses_of(out):
    return [
        event.value for event in EventAccumulator(str(out / "tensorboard")).Reload().Scalars("loss")
    ]


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """What two processes trained under torchrun."""
    out = tmp_path_factory.mktemp("runs") / "pair"
    script = os.fspath(Path(__file__).with_name("paired_curve.py"))
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": PYTHONPATH}
    command = [sys.executable, *launcher, script, str(out)]
    answer = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=WAIT_S
    )
    assert answer.returncode == 0, answer.stderr
    return out


def test_two_processes_train_like_one_with_the_same_global_batch(pair, tmp_path):
    train(tmp_path, "sgd", accumulate=2)
    assert_same_training(pair, tmp_path)


def test_two_processes_walk_the_same_inner_loop_of_entropy_sgd(context, tmp_path):
    together, alone = tmp_path / "2", tmp_path / "1"
    assert exit_codes(context, together, "entropy-sgd") == [0, 0]
    train(alone, "entropy-sgd", accumulate=2)
    steps = EPOCHS * (Recipe.steps // (2 * INNER_STEPS))
    assert read_tensors(together / "progress.pt")["schedule"]["last_epoch"] == steps
    assert_same_training(together, alone)


def assert_same_training(pair, alone):
    losses, weights_alone = losses_of(pair), weights_of(alone)
    assert len(losses) == EPOCHS and losses[-1] < losses[0]
    assert losses == pytest.approx(losses_of(alone), rel=1e-5)
    for name, weights in weights_of(pair).items():
        if "running" not in name and "tracked" not in name:  # those of its own batches only
            assert torch.allclose(weights, weights_alone[name], rtol=1e-4, atol=1e-6), name


def test_a_killed_pair_is_resumed_to_the_same_weights(context, pair, tmp_path):
    killed = exit_codes(context, tmp_path, "sgd", 1, False, True)
    assert 0 not in killed and read_tensors(tmp_path / "progress.pt")["epoch"] == 2
    assert exit_codes(context, tmp_path, "sgd", 1, True) == [0, 0]
    for name, weights in weights_of(pair).items():
        assert torch.equal(weights, weights_of(tmp_path)[name]), name


def test_a_process_alone_goes_on_with_the_same_global_batch(pair, tmp_path):
    (tmp_path / "progress.pt").write_bytes((pair / "progress.pt").read_bytes())
    train(tmp_path, "sgd", accumulate=2, resume=True)
    with pytest.raises(CatseyeError, match="batches_per_step"):
        train(tmp_path, "sgd", accumulate=1, resume=True)


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
