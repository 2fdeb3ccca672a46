"""The checkpoint: a folder with `model.pt` and `meta.json`, everything a later stage needs.

`model.pt` holds the weights and, as a JSON string, the meta data: they are the truth. `meta.json`
is the copy for people and for programs without torch. It is gone before `model.pt` is replaced and
back right after it, so that it is missing or right, whenever a training is killed.
Knows which network a task uses, nothing of training.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from catseye.models.meta import FORMAT, Meta, meta_from_text
from catseye.models.networks import network_with_weights
from catseye.models.tensor_file import Content, read_tensors, tensor_bytes
from catseye.runtime.errors import ModelFileError
from catseye.runtime.model_file.load import ZOO
from catseye.runtime.system.files import write_bytes, write_together


class Checkpoint(NamedTuple):
    """A network in evaluation mode and its meta data."""

    network: nn.Module
    meta: Meta


def save_checkpoint(folder: Path, network: nn.Module, meta: Meta) -> None:
    """Replace the checkpoint in `folder`; equal weights and meta data give equal bytes.

    Raises CatseyeError where there is no room; the earlier one is then as it was.
    """
    weights = {
        # whatever its order in memory was
        name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, value in network.state_dict().items()
    }
    text = meta.text()
    write_together(
        (os.fspath(folder / "model.pt"), tensor_bytes({"weights": weights, "meta": text})),
        (os.fspath(folder / "meta.json"), _meta_file(text)),
    )


def load_checkpoint(folder: Path, task: str | None = None) -> Checkpoint:
    """Read a checkpoint; with `task`, refuse one of another task.

    Raises ModelFileError for one that is missing, damaged or of something else.
    """
    path = folder / "model.pt"
    content = read_tensors(path)
    meta = _meta(path, content)
    weights = content.get("weights")
    if not isinstance(weights, dict):
        raise ModelFileError(f"{path} has no weights", "a checkpoint that `catseye train` wrote")
    network = network_with_weights(meta.task, meta.config, weights, os.fspath(path))
    if task is not None and meta.task != task:
        raise ModelFileError(
            f"{folder} is a checkpoint of task {meta.task!r}",
            f"task {task!r}",
            "name the right folder",
        )
    return Checkpoint(network, meta)


def renew_meta_file(folder: Path) -> None:
    """Give the checkpoint in `folder`, if there is one, the `meta.json` that it lacks since its
    training was killed, or that is another's. Raises ModelFileError where its model.pt is
    damaged."""
    model, copy = folder / "model.pt", folder / "meta.json"
    if model.exists():
        right = _meta_file(_meta(model, read_tensors(model)).text())
        if not copy.exists() or copy.read_bytes() != right:
            write_bytes(os.fspath(copy), right)


def take_weights(
    network: nn.Module, folder: Path, task: str, other: Sequence[str] = ()
) -> list[str]:
    """Give `network` the weights of a checkpoint of the same architecture; the names of what stays
    as it is.

    Only layers of another width than in the checkpoint stay, such as the last one where there is
    another number of classes, and those called `other`. Raises ModelFileError for a checkpoint that
    is damaged or of another network.
    """
    mine, theirs = network.state_dict(), load_checkpoint(folder, task).network.state_dict()
    if mine.keys() != theirs.keys():
        differing = min(mine.keys() ^ theirs.keys())
        raise ModelFileError(
            f"{folder} is another network ({differing})",
            "the architecture that is to be trained",
            "give the options that it was trained with, such as --nano",
        )
    fitting = {
        name: value
        for name, value in theirs.items()
        if value.shape == mine[name].shape and name.rpartition(".")[0] not in other
    }
    if not fitting:
        raise ModelFileError(
            f"{folder} has no layer of the same width", "the architecture that is to be trained"
        )
    network.load_state_dict({**mine, **fitting})
    return [name for name in mine if name not in fitting]


def load_shipped(name: str, task: str | None = None) -> nn.Module:
    """The network of the zoo's checkpoint `name`, in evaluation mode. Raises ModelFileError where
    there is none, or one of another task."""
    return load_checkpoint(Path(ZOO) / name, task).network


def _meta(path: Path, content: Content) -> Meta:
    """The meta data in the content of a model.pt; raises ModelFileError where there are none."""
    meta = meta_from_text(content.get("meta"), os.fspath(path))
    if meta.format > FORMAT:
        raise ModelFileError(
            f"{path} has checkpoint format {meta.format}", f"1 or {FORMAT}", "update catseye"
        )
    return meta


def _meta_file(text: str) -> bytes:
    return (text + "\n").encode()


def current_commit() -> str:
    """The commit of the checkout that trains, with "+" if it was changed since; "" outside a
    checkout."""
    folder = Path(__file__).resolve().parent
    try:
        ask = [
            "git",
            "-C",
            os.fspath(folder),
            "describe",
            "--always",
            "--abbrev=12",
            "--dirty=+",
            "--exclude=*",
        ]
        return subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
