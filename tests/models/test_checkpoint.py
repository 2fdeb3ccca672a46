"""A checkpoint comes back as it was; a damaged one, and one of another task, is one line."""

import json
import logging
import random
import resource
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from catseye.models.checkpoint import (
    load_checkpoint,
    renew_meta_file,
    save_checkpoint,
    take_weights,
)
from catseye.models.road import RoadNet
from catseye.models.tensor_file import read_tensors, tensor_bytes
from catseye.runtime.errors import CatseyeError, ModelFileError


def test_there_and_back(small_checkpoint):
    network, meta = load_checkpoint(small_checkpoint, task="road")
    assert not network.training and network.config.widths == (4, 8, 8, 8)
    assert meta.as_json() == json.loads((small_checkpoint / "meta.json").read_text())
    weights = torch.load(small_checkpoint / "model.pt", weights_only=True)["weights"]
    assert all(torch.equal(weights[name], value) for name, value in network.state_dict().items())


def test_another_task_is_refused(small_checkpoint):
    with pytest.raises(CatseyeError, match="task 'road'.*expected task 'digits'"):
        load_checkpoint(small_checkpoint, task="digits")


@pytest.mark.parametrize("classes, new", [(11, []), (3, ["classify", "classify_deep"])])
def test_weights_are_taken_but_for_layers_of_other_classes(small_checkpoint, classes, new):
    theirs = load_checkpoint(small_checkpoint).network
    network = RoadNet(replace(theirs.config, classes=classes))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    fresh = take_weights(network, small_checkpoint, "road")
    assert fresh == [f"{layer}.{part}" for layer in new for part in ("weight", "bias")]
    expected = theirs.state_dict() | {name: before[name] for name in fresh}
    assert all(torch.equal(value, expected[name]) for name, value in network.state_dict().items())


def test_weights_of_another_architecture_are_refused(small_checkpoint):
    with pytest.raises(CatseyeError, match=r"another network \(at_eighth.2"):
        take_weights(
            RoadNet(replace(load_checkpoint(small_checkpoint).network.config, at_eighth=(1, 2))),
            small_checkpoint,
            "road",
        )


@pytest.mark.parametrize("keep", [0, 100, 5000])
def test_a_truncated_file_is_one_line(small_checkpoint, tmp_path, keep):
    (tmp_path / "model.pt").write_bytes((small_checkpoint / "model.pt").read_bytes()[:keep])
    with pytest.raises(ModelFileError) as caught:
        load_checkpoint(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_flipped_bit_is_never_another_network(small_checkpoint, tmp_path):
    data = (small_checkpoint / "model.pt").read_bytes()
    for place in random.Random(4).sample(range(8 * len(data)), 300):
        damaged = bytearray(data)
        damaged[place // 8] ^= 1 << place % 8
        (tmp_path / "model.pt").write_bytes(damaged)
        with pytest.raises(ModelFileError) as caught:
            load_checkpoint(tmp_path)
        assert "\n" not in str(caught.value)


def write_format_1(folder, network, meta):
    """As checkpoints were before: no SHA-256, the archive called after a temporary file."""
    content = {"weights": network.state_dict(), "meta": replace(meta, format=1).text()}
    torch.save(content, folder / "model.pt")


def test_a_checkpoint_of_before_is_read_and_told(small_checkpoint, tmp_path, caplog):
    network, meta = load_checkpoint(small_checkpoint)
    write_format_1(tmp_path, network, meta)
    with caplog.at_level(logging.WARNING, "catseye"):
        twin = load_checkpoint(tmp_path)
    assert len(caplog.records) == 1 and "SHA-256" in caplog.text
    assert twin.meta == replace(meta, format=1) and equal(twin.network, network)


def test_a_flipped_bit_of_a_checkpoint_of_before_is_never_another_network(
    small_checkpoint, tmp_path
):
    """A few bits mean nothing, such as the date of a member; then the network is as it was."""
    network, meta = load_checkpoint(small_checkpoint)
    write_format_1(tmp_path, network, meta)
    data = (tmp_path / "model.pt").read_bytes()
    for place in random.Random(5).sample(range(8 * len(data)), 300):
        damaged = bytearray(data)
        damaged[place // 8] ^= 1 << place % 8
        (tmp_path / "model.pt").write_bytes(damaged)
        try:
            assert equal(load_checkpoint(tmp_path).network, network)
        except ModelFileError as error:
            assert "\n" not in str(error)


def test_equal_weights_are_equal_bytes_whatever_their_order_in_memory(small_checkpoint, tmp_path):
    network, meta = load_checkpoint(small_checkpoint)
    network.to(memory_format=torch.channels_last)
    save_checkpoint(tmp_path / "twin", network, meta)
    for name in ("model.pt", "meta.json"):
        assert (tmp_path / "twin" / name).read_bytes() == (small_checkpoint / name).read_bytes()


@pytest.mark.parametrize(
    "change, words",
    [
        ({"format": 3}, "format 3"),
        ({"epoch": "many"}, "meta.epoch"),
        ({"task": "cats"}, "meta.task"),
        ({"task": "digits"}, "meta.config"),
        ({"config": {"classes": 12}}, "by its config"),
        ({"config": {"widths": [65536] * 4}}, "by its config"),
        ({"config": {"at_eighth": [1, 2]}}, "is in the network or the file only"),
    ],
)
def test_meta_data_of_another_network_are_one_line(small_checkpoint, tmp_path, change, words):
    content = read_tensors(small_checkpoint / "model.pt")
    meta = json.loads(content["meta"])
    config = {"config": {**meta["config"], **change.get("config", {})}}
    content["meta"] = json.dumps({**meta, **change, **config})
    (tmp_path / "model.pt").write_bytes(tensor_bytes(content))
    with pytest.raises(ModelFileError, match=words) as caught:
        load_checkpoint(tmp_path)
    assert "\n" not in str(caught.value)


def test_no_folder_at_all(tmp_path):
    with pytest.raises(CatseyeError, match="No such file"):
        load_checkpoint(tmp_path / "nowhere")


def test_a_torch_file_of_something_else(tmp_path):
    torch.save({"weights": {}}, tmp_path / "model.pt")
    with pytest.raises(CatseyeError, match="meta of"):
        load_checkpoint(tmp_path)


def test_code_in_a_checkpoint_is_not_run(tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    torch.save({"weights": Evil(), "meta": "{}"}, tmp_path / "model.pt")
    with pytest.raises(CatseyeError):
        load_checkpoint(tmp_path)
    assert not (tmp_path / "ran").exists()


def test_no_room_keeps_what_was_there(small_checkpoint, tmp_path):
    network, meta = load_checkpoint(small_checkpoint)
    save_checkpoint(tmp_path, network, meta)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(CatseyeError, match="cannot write .*model.pt: File too large"):
            save_checkpoint(tmp_path, network, replace(meta, epoch=2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("left", [None, b"{}", b"\xff"])
def test_a_meta_file_that_is_gone_or_wrong_is_renewed(small_checkpoint, tmp_path, left):
    for name in ("model.pt", "meta.json"):
        (tmp_path / name).write_bytes((small_checkpoint / name).read_bytes())
    (tmp_path / "meta.json").unlink()
    if left is not None:
        (tmp_path / "meta.json").write_bytes(left)
    assert load_checkpoint(tmp_path).meta == load_checkpoint(small_checkpoint).meta
    renew_meta_file(tmp_path)
    assert (tmp_path / "meta.json").read_bytes() == (small_checkpoint / "meta.json").read_bytes()


def test_without_a_checkpoint_there_is_no_meta_file_to_renew(tmp_path):
    renew_meta_file(tmp_path)
    assert not list(tmp_path.iterdir())


KILLED = """
import os, signal, sys, time
from dataclasses import replace
from itertools import count
from pathlib import Path
import torch
from catseye.models.checkpoint import load_checkpoint, save_checkpoint

torch.set_num_threads(1)
out, (network, meta) = Path(sys.argv[1]), load_checkpoint(Path(sys.argv[2]))
for life in range(20):
    done, told = os.pipe()
    child = os.fork()
    if child == 0:
        for epoch in count(1000 * life):
            torch.nn.init.constant_(network.classify.bias, epoch)
            save_checkpoint(out, network, replace(meta, epoch=epoch))
            os.write(told, b"x")
    os.read(done, 1)  # it has saved once at least
    time.sleep(0.0015 * life)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    kept = load_checkpoint(out)
    assert kept.meta.epoch >= 1000 * life
    assert kept.network.classify.bias[0] == kept.meta.epoch, "weights of another epoch"
    copy = out / "meta.json"
    same = not copy.exists() or copy.read_text() == kept.meta.text() + "\\n"
    assert same, "meta.json is of another model.pt"
"""


def test_a_killed_writer_leaves_no_wrong_pair(small_checkpoint, tmp_path):
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(small_checkpoint)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr


def equal(network, other):
    theirs = other.state_dict()
    return all(torch.equal(value, theirs[name]) for name, value in network.state_dict().items())
