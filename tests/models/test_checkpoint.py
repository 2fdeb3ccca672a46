"""A checkpoint comes back as it was; a damaged one, and one of another task, is one line."""

import json
from dataclasses import replace

import pytest
import torch

from catseye.models.checkpoint import load_checkpoint, save_checkpoint, take_weights
from catseye.models.road import RoadNet
from catseye.runtime.errors import CatseyeError


def test_there_and_back(small_checkpoint):
    network, meta = load_checkpoint(small_checkpoint, task="road")
    assert not network.training and network.config.widths == (4, 8, 8, 8)
    assert meta == json.loads((small_checkpoint / "meta.json").read_text())
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
    with pytest.raises(CatseyeError) as caught:
        load_checkpoint(tmp_path)
    assert "\n" not in str(caught.value)


def test_no_folder_at_all(tmp_path):
    with pytest.raises(CatseyeError, match="No such file"):
        load_checkpoint(tmp_path / "nowhere")


def test_a_torch_file_of_something_else(tmp_path):
    torch.save({"weights": {}}, tmp_path / "model.pt")
    with pytest.raises(CatseyeError, match="no checkpoint"):
        load_checkpoint(tmp_path)


def test_code_in_a_checkpoint_is_not_run(tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    torch.save({"weights": Evil(), "meta": "{}"}, tmp_path / "model.pt")
    with pytest.raises(CatseyeError):
        load_checkpoint(tmp_path)
    assert not (tmp_path / "ran").exists()


def test_a_failed_write_keeps_what_was_there(small_checkpoint, tmp_path, monkeypatch):
    network, meta = load_checkpoint(small_checkpoint)
    save_checkpoint(tmp_path, "road", network, epoch=1)
    before = (tmp_path / "model.pt").read_bytes()

    def full_disk(content, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(CatseyeError, match="No space left"):
        save_checkpoint(tmp_path, "road", network, epoch=2)
    assert (tmp_path / "model.pt").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["meta.json", "model.pt"]
