"""Elastic trainings whole: one worker to the bit, and real processes of which some die and some
come late."""

import json
import multiprocessing
import signal
import threading

import pytest
import torch
from elastic_curve import CPU, STEPS, Curve, die, help_center, hold, step_together

from catseye.models.tensor_file import read_tensors
from catseye.runtime.errors import CatseyeError
from catseye.training.elastic.center import Center, ElasticPlan
from catseye.training.elastic.exchange import Place, connected, served
from catseye.training.elastic.flat import FlatNetwork
from catseye.training.elastic.rules import Worker
from catseye.training.elastic.server import CenterServer
from catseye.training.elastic.train import hold_center
from catseye.training.elastic.worker import schedule, work
from catseye.training.journal import Journal
from catseye.training.plan import TrainingPlan

WAIT_S = 300
SILENT = Journal(None, 0)


@pytest.fixture(scope="module")
def processes():
    """Processes forked from one that has torch already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["elastic_curve"])
    return context


def load_meta(folder):
    return json.loads((folder / "meta.json").read_text())


def started(processes, task, *argv):
    process = processes.Process(target=task, args=argv)
    process.start()
    return process


def exit_codes(*running):
    for process in running:
        process.join(WAIT_S)
    return [process.exitcode for process in running]


def batches_of(worker):
    """Its own passes over the data, none of which another makes."""
    for number in range(5):
        yield from Curve().batches(number * 1000 + worker)


def serve_one_worker(center):
    """The center and a worker on two threads of this process; the worker's end of the line."""
    line = served()
    far = connected(f"127.0.0.1:{line.port}")
    helper = threading.Thread(target=work, args=(Curve(first=7), far, CPU))
    helper.start()
    CenterServer(center, line, SILENT).serve()
    helper.join(WAIT_S)
    return far


@pytest.mark.parametrize("rule", ["easgd", "eamsgd", "downpour"])
def test_one_worker_over_the_wire_is_the_rule(tmp_path, rule):
    """Written down as one loop: batches, rates, weight decay and the center's statistics
    included."""
    elastic, total, tau = ElasticPlan(rule, tau=3, beta=0.6), 4 * STEPS, 3
    center = Center(Curve(), TrainingPlan(tmp_path, 4), elastic, CPU)
    expected, statistics, made = center.x, center.statistics, elastic.made()
    mine = FlatNetwork(Curve(first=7), CPU)
    worker = Worker(expected, torch.zeros_like(expected))
    batches = batches_of(0)

    def talk(message):
        nonlocal expected, statistics
        expected, reply = made.answer(expected, message)
        statistics = statistics + 0.6 * (mine.statistics() - statistics)
        return reply

    for step in range(total + 3):  # the first exchange at or beyond the total ends the run
        told = max(0, step - (step % tau or tau)) / total
        rate = (0.5 if rule == "easgd" else 0.05) * schedule(told)
        worker = made.step(
            worker,
            lambda x: mine.gradient(x, next(batches)),
            rate,
            talk if step % tau == 0 else None,
        )
    far = serve_one_worker(center)
    assert torch.allclose(center.x, expected, rtol=1e-4, atol=1e-6)
    assert torch.allclose(center.statistics, statistics, rtol=1e-4, atol=1e-6)
    assert center.gradients == 42 and center.state.best.elastic["tau"] == 3
    assert (
        center.bytes
        == far.sent + far.received
        == read_tensors(tmp_path / "progress.pt")["center"]["bytes"]
    )
    # hello, then 15 exchanges
    vectors = 4 * (len(expected) + 15 * (2 * len(expected) + len(statistics)))
    assert vectors < center.bytes < vectors + 16 * 2 * 700  # and headers


class Line(Curve):
    def describe_data(self):
        return {"name": "a line"}


def test_other_data_is_refused(tmp_path):
    center = Center(Curve(), TrainingPlan(tmp_path, 1), ElasticPlan(), CPU)
    line = served()
    far = connected(f"127.0.0.1:{line.port}")
    helper = threading.Thread(target=CenterServer(center, line, SILENT)._answer)
    helper.start()
    with pytest.raises(CatseyeError, match="a line.*a curve.*--data"):
        work(Line(), far, CPU)
    helper.join(WAIT_S)


def test_a_worker_with_another_network_is_dropped(tmp_path):
    center = Center(Curve(), TrainingPlan(tmp_path, 1), ElasticPlan(), CPU)
    line, before = served(), center.x.clone()
    far = connected(f"127.0.0.1:{line.port}")
    helper = threading.Thread(target=CenterServer(center, line, SILENT)._answer)
    helper.start()
    with pytest.raises(CatseyeError, match="is gone"):
        far.ask({"losses": [0.5]}, torch.zeros(len(before) + 1))
    helper.join(WAIT_S)
    assert torch.equal(center.x, before) and center.gradients == 0
    line.close()


def test_a_dead_worker_stops_nobody_and_a_late_one_is_taken_in(processes, port, tmp_path):
    """The second worker dies while it makes its 31st batch, then the third comes; so long the first
    one waits."""
    come = processes.Event()
    running = [
        started(processes, hold, tmp_path, port, 60, ElasticPlan("eamsgd", tau=4, workers=2))
    ]
    running.append(started(processes, help_center, port, {100: come.wait}))
    running.append(started(processes, help_center, port, {30: die}))
    running[2].join(WAIT_S)
    running.append(started(processes, help_center, port, {60: come.set}))
    assert exit_codes(*running) == [0, 0, -signal.SIGKILL, 0]
    state = read_tensors(tmp_path / "progress.pt")["center"]
    assert 600 <= state["gradients"] < 604
    assert load_meta(tmp_path)["metrics"]["score"] > -0.01
    n, m = len(state["x"]), len(state["statistics"])
    vectors = 4 * (3 * n + 150 * (2 * n + m))  # three hellos; 600 gradients, four to an exchange
    assert vectors < state["bytes"] < 1.1 * vectors + 2 * 160 * 500


def test_a_killed_center_is_resumed(processes, port, tmp_path):
    plan = ElasticPlan("easgd", tau=2)
    killed = started(processes, hold, tmp_path, port, 20, plan, 5)
    helper = started(processes, help_center, port)
    assert exit_codes(killed, helper) == [-signal.SIGKILL, 1]
    before, first = read_tensors(tmp_path / "progress.pt")["center"], load_meta(tmp_path)
    assert before["gradients"] == 50  # the sixth evaluation was not made
    with pytest.raises(CatseyeError, match="repeat its arguments"):
        hold_center(
            Curve(), TrainingPlan(tmp_path, 20, resume=True), ElasticPlan("easgd", tau=3), Place()
        )
    center = Center(Curve(first=3), TrainingPlan(tmp_path, 20, resume=True), plan, CPU)
    assert torch.equal(center.x, before["x"]) and center.bytes == before["bytes"]
    serve_one_worker(center)
    assert center.gradients == 200
    assert center.state.best.metrics["score"] > first["metrics"]["score"]


def test_synchronous_processes_are_the_equations(processes, port, tmp_path):
    """Two processes of EAMSGD at tau 3 against one loop over both."""
    running = [
        started(processes, step_together, tmp_path, rank, 2, port, 6, 3) for rank in range(2)
    ]
    assert exit_codes(*running) == [0, 0]
    nets = [FlatNetwork(Curve(first=rank), CPU) for rank in range(2)]
    center, statistics = nets[0].weights(), nets[0].statistics()
    workers = [Worker(center, torch.zeros_like(center)) for _ in nets]
    batches = [batches_of(worker) for worker in range(2)]
    rule = ElasticPlan("eamsgd", 3, workers=2).made()
    for step in range(30):
        before = center
        if step % 3 == 0:
            center = center + 0.45 * sum(worker.x - before for worker in workers)
            statistics = statistics + 0.45 * sum(net.statistics() - statistics for net in nets)
        rate = 0.05 * schedule(2 * step / 60)
        pull = (lambda _, before=before: before) if step % 3 == 0 else None
        workers = [
            rule.step(worker, lambda x, k=k: nets[k].gradient(x, next(batches[k])), rate, pull)
            for k, worker in enumerate(workers)
        ]
    state = read_tensors(tmp_path / "progress.pt")["center"]
    assert torch.allclose(state["x"], center, rtol=1e-4, atol=1e-6)
    assert torch.allclose(state["statistics"], statistics, rtol=1e-4, atol=1e-6)
    assert state["gradients"] == 60 and state["bytes"] == 10 * 2 * 2 * 4 * (
        len(center) + len(statistics)
    )
