"""Broken checkpoints: bytes of `model.pt` and of `progress.pt`, and fields of the meta data behind
right checksums.

Loading, `eval` and `export` are asked; the answer is every weight and all meta data.
"""

import hashlib
import json
import shutil
from pathlib import Path
from random import Random
from typing import Any

import torch

from catseye.models.checkpoint import load_checkpoint
from catseye.models.lenet import LeNet, LeNetConfig
from catseye.runtime.model_file.load import ZOO
from catseye.training.training_state import load_progress, save_progress
from damage import breaking
from damage.hearing import Judge, Outcome, told, verb

NAMES = ("digits", "digits", "digits", "road-nano", "autoencoder", "gan", "sparse")


class Checkpoints:
    """Whole checkpoints with their answers, and a place for broken ones."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder / "checkpoint", folder / "checkpoint" / "model.pt"
        self.exported, self.progress = folder / "exported.onnx", folder / "progress.pt"
        self.whole_progress = folder / "whole-progress.pt"
        self._judge = Judge()

    def bits(self, random: Random) -> Outcome:
        """Bytes of model.pt, or of the copy of its meta data beside it."""
        name = self._copied(random)
        file = random.choice(("model.pt",) * 5 + ("meta.json",))
        data, broken = breaking.broken_bytes((self.folder / file).read_bytes(), random)
        (self.folder / file).write_bytes(data)
        command = "load"
        if name == "digits" and file == "model.pt":  # its data are small
            command = random.choice(("load",) * 5 + ("eval",) * 4 + ("export",))
        return self._compared(name, command, "%s %s: %s" % (name, file, broken))

    def meta(self, random: Random) -> Outcome:
        """One field of the meta data, saved as a whole file."""
        name = self._copied(random)
        content = torch.load(self.file, weights_only=True)
        meta, broken = breaking.broken_json(json.loads(content["meta"]), random)
        content["meta"] = meta.decode("utf-8", "replace")
        torch.save(content, self.file)
        (self.folder / "meta.json").write_bytes(meta)
        return self._compared(name, "weights", "%s meta%s" % (name, broken))

    def training_state(self, random: Random) -> Outcome:
        """Bytes of progress.pt."""
        if not self.whole_progress.exists():
            save_training_state(self.whole_progress)
        data, broken = breaking.broken_bytes(self.whole_progress.read_bytes(), random)
        self.progress.write_bytes(data)
        return self._judge.judged(
            "progress.pt: " + broken,
            lambda: told(lambda: _digest(load_progress(self.progress))),
            "progress.pt",
            lambda: told(lambda: _digest(load_progress(self.whole_progress))),
        )

    def _copied(self, random: Random) -> str:
        name = random.choice(NAMES)
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(Path(ZOO) / name, self.folder)
        return name

    def _compared(self, name: str, command: str, broken: str) -> Outcome:
        return self._judge.judged(
            "%s %s" % (command, broken),
            lambda: self._call(command, self.folder),
            (name, command),
            lambda: self._call(command, Path(ZOO) / name),
        )

    def _call(self, command: str, folder: Path) -> tuple[int, Any]:
        if command == "eval":
            code, _ = verb("eval", folder, "--data", "demo")
            return code, None if code else digest_of_weights(folder)
        if command == "export":
            code, _ = verb("export", folder, "-o", self.exported)
            return code, None if code else self.exported.read_bytes()
        if command == "weights":
            return told(lambda: digest_of_weights(folder))
        return told(lambda: (digest_of_weights(folder), load_checkpoint(folder).meta))


def save_training_state(path: Path) -> None:
    """A training of digits after one step."""
    torch.manual_seed(1)
    network = LeNet(LeNetConfig())
    optimizer = torch.optim.AdamW(network.parameters())
    network(torch.rand(2, 1, 32, 32)).sum().backward()
    optimizer.step()
    parts = {"network": network, "optimizer": optimizer}
    save_progress(path, parts, {"seed": 1, "epochs": 3}, epoch=1, best=0.5)


def digest_of_weights(folder: Path) -> str:
    """SHA-256 of every tensor that loading gives."""
    return _digest(load_checkpoint(folder).network.state_dict())


def _digest(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        head = "%s %s " % (value.dtype, tuple(value.shape))
        content = value.detach().contiguous().reshape(-1).view(torch.uint8)
        return head + hashlib.sha256(content.numpy().tobytes()).hexdigest()
    if isinstance(value, dict):
        parts = ["%r: %s" % (key, _digest(item)) for key, item in value.items()]
    elif isinstance(value, (list, tuple)):
        parts = [_digest(item) for item in value]
    else:
        return repr(value)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
