"""The checkpoint: a folder with `model.pt` and `meta.json`, everything a later stage needs.

`model.pt` holds the weights and, as a JSON string, the meta data, so that one rename replaces both
at once;
`meta.json` is the copy for people and for programs without torch. Weights are read with
`weights_only=True`.
Knows which network a task uses, nothing of training.
"""

import json
import os
import pickle
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from catseye.models.networks import network_from_config
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.load import ZOO
from catseye.runtime.system.files import write_bytes, written_beside
from catseye.runtime.version import VERSION

FORMAT = 1


class Checkpoint(NamedTuple):
    """A network in evaluation mode and its meta data: task, config, data, seed, epoch, commit,
    metrics, ..."""

    network: nn.Module
    meta: dict[str, Any]


def save_checkpoint(folder: Path, task: str, network: nn.Module, **facts: Any) -> dict[str, Any]:
    """Write `network` (which has a dataclass `config`) and its facts (data, seed, epoch, commit,
    metrics, ...)."""
    config: Any = network.config
    meta = {
        "format": FORMAT,
        "version": VERSION,
        "task": task,
        "config": asdict(config),
        **facts,
    }
    text = json.dumps(meta, indent=2)
    with written_beside(os.fspath(folder / "model.pt")) as temporary:
        torch.save({"weights": network.state_dict(), "meta": text}, temporary)
    write_bytes(os.fspath(folder / "meta.json"), (text + "\n").encode())
    return meta


def load_checkpoint(folder: Path, task: str | None = None) -> Checkpoint:
    """Read a checkpoint; with `task`, refuse one of another task."""
    content = load_tensors(folder / "model.pt")
    try:
        meta, weights = json.loads(content["meta"]), content["weights"]
        found = meta["task"]
        if meta["format"] != FORMAT:
            raise CatseyeError(
                f"{folder} has checkpoint format {meta['format']}", f"{FORMAT}", "train it again"
            )
        network = network_from_config(found, meta["config"])
        network.load_state_dict(weights)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CatseyeError(
            f"{folder / 'model.pt'} is no checkpoint ({error})", "one that `catseye train` wrote"
        )
    if task is not None and found != task:
        raise CatseyeError(
            f"{folder} is a checkpoint of task {found!r}", f"task {task!r}", "name the right folder"
        )
    return Checkpoint(network.eval(), meta)


def take_weights(network: nn.Module, folder: Path, task: str) -> list[str]:
    """Give `network` the weights of a checkpoint of the same architecture; the names of what stays
    as it is.

    Only layers of another width than in the checkpoint stay, such as the last one where there are
    other classes.
    """
    mine, theirs = network.state_dict(), load_checkpoint(folder, task).network.state_dict()
    if mine.keys() != theirs.keys():
        differing = min(mine.keys() ^ theirs.keys())
        raise CatseyeError(
            f"{folder} is another network ({differing})", "the architecture that is to be trained"
        )
    fitting = {name: value for name, value in theirs.items() if value.shape == mine[name].shape}
    if not fitting:
        raise CatseyeError(
            f"{folder} has no layer of the same width", "the architecture that is to be trained"
        )
    network.load_state_dict({**mine, **fitting})
    return [name for name in mine if name not in fitting]


def load_shipped(name: str, task: str | None = None) -> nn.Module:
    """The network of the zoo's checkpoint `name`, in evaluation mode."""
    return load_checkpoint(Path(ZOO) / name, task).network


def load_tensors(path: Path) -> dict[str, Any]:
    """`torch.load` of tensors and plain containers only, errors as one line."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise CatseyeError(
            f"cannot read {path}: {error.strerror}", "a checkpoint folder with model.pt"
        )
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise CatseyeError(f"{path} is damaged ({reason})", "a file that `catseye train` wrote")
    if not isinstance(content, dict):
        raise CatseyeError(
            f"{path} holds a {type(content).__name__}", "a file that `catseye train` wrote"
        )
    return content


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
