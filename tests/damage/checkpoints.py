"""Broken checkpoints: bytes of `model.pt` and of `progress.pt`, and meta data and weights that are
wrong in a file that is whole.

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
from catseye.models.tensor_file import tensor_bytes
from catseye.runtime.model_file.load import ZOO
from catseye.training.training_state import TrainingState
from damage import breaking
from damage.hearing import Judge, Outcome, any_answer, same_answer, told, verb

NAMES = ("digits", "digits", "digits", "road-nano", "autoencoder", "gan", "sparse")


class Files:
    """Whole checkpoints with their answers, and a place for broken ones."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder / "checkpoint", folder / "checkpoint" / "model.pt"
        self.exported = folder / "exported.onnx"
        self.run, self.whole_run = folder / "run", folder / "whole-run"
        self._judge = Judge()

    def bits(self, random: Random) -> Outcome:
        """Bytes of model.pt, as it is written or as it was before it had a digest."""
        name = self._copied(random)
        if random.random() < 0.3:
            content = torch.load(self.file, weights_only=True)
            torch.save({key: content[key] for key in ("weights", "meta")}, self.file)
            name += " without digest"
        data, broken = breaking.broken_bytes(self.file.read_bytes(), random)
        self.file.write_bytes(data)
        command = "load"
        if name == "digits":  # its data are small
            command = random.choice(("load",) * 5 + ("eval",) * 4 + ("export",))
        return self._compared(name, command, "%s model.pt: %s" % (name, broken))

    def content(self, random: Random) -> Outcome:
        """One field of the meta data, or one of the weights, in a file whose digest is right."""
        name = self._copied(random)
        content = torch.load(self.file, weights_only=True)
        if random.random() < 0.7:
            meta, broken = breaking.broken_json(json.loads(content["meta"]), random)
            content["meta"] = meta.decode("utf-8", "replace")
        else:
            broken = _break_weights(content["weights"], random)
        self.file.write_bytes(tensor_bytes(content))
        return self._compared(name, "weights", "%s %s" % (name, broken), meant=True)

    def training_state(self, random: Random) -> Outcome:
        """Bytes of progress.pt."""
        if not self.whole_run.exists():
            self.whole_run.mkdir()
            self.run.mkdir()
            _training(self.whole_run, step=True).save()
        whole = (self.whole_run / "progress.pt").read_bytes()
        data, broken = breaking.broken_bytes(whole, random)
        (self.run / "progress.pt").write_bytes(data)
        return self._judge.judged(
            "progress.pt: " + broken,
            lambda: told(lambda: _resumed(self.run)),
            "progress.pt",
            lambda: told(lambda: _resumed(self.whole_run)),
        )

    def _copied(self, random: Random) -> str:
        name = random.choice(NAMES)
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(Path(ZOO) / name, self.folder)
        return name

    def _compared(self, name: str, command: str, broken: str, meant: bool = False) -> Outcome:
        whole = Path(ZOO) / name.split()[0]
        return self._judge.judged(
            "%s %s" % (command, broken),
            lambda: self._call(command, self.folder),
            (whole, command),
            lambda: self._call(command, whole),
            any_answer if meant else same_answer,
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


def _break_weights(weights: dict[str, Any], random: Random) -> str:
    """Change, add or take one of the weights; in words."""
    name = random.choice([name for name, tensor in weights.items() if tensor.dim()])
    tensor = weights.pop(name)
    ways: dict[str, Any] = {
        "no tensor": random.choice((None, 3, "x", [1.0], {})),
        "another type": tensor.to(random.choice((torch.float16, torch.int64, torch.bool))),
        "another shape": tensor[None],
        "one number that is to be many": torch.zeros(1).expand(tensor.shape),
        "huge": torch.zeros(1).expand(1 << 20, 1 << 20),
        "NaN": torch.full(tensor.shape, float("nan")),
    }
    how = random.choice((*ways, "absent", "renamed"))
    if how in ways:
        weights[name] = ways[how]
    elif how == "renamed":
        weights[name + "_"] = tensor
    return "%s: %s" % (name, how)


def _training(folder: Path, step: bool = False) -> TrainingState:
    """A training of digits, before or after its first step."""
    torch.manual_seed(1)
    network = LeNet(LeNetConfig())
    optimizer = torch.optim.AdamW(network.parameters())
    if step:
        network(torch.rand(2, 1, 32, 32)).sum().backward()
        optimizer.step()
    return TrainingState(folder, {"network": network, "optimizer": optimizer}, {"seed": 1})


def _resumed(folder: Path) -> str:
    """A digest of what a training is resumed with."""
    training = _training(folder)
    training.restore(training.saved())
    return _digest(training.content())


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
