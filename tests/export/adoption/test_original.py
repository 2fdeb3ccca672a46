"""Files of networks: what is read, and what is refused without being run."""

import os

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from catseye.__main__ import main
from catseye.export.adoption.original import read_original
from catseye.export.precision.onnx_graph import at_opset
from catseye.runtime.errors import CatseyeError


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.head = nn.Conv2d(3, 4, 4, 4)

    def forward(self, x):
        return {"out": self.head(x)}["out"]


def torch_script(path):
    torch.jit.trace(Small().eval(), torch.zeros(1, 3, 48, 64)).save(path)


def exported(path):
    torch.export.save(torch.export.export(Small().eval(), (torch.zeros(1, 3, 48, 64),)), path)


@pytest.mark.parametrize("write, ending", [(torch_script, ".ts"), (exported, ".pt2")])
def test_torch_files_answer_as_the_module(tmp_path, write, ending):
    path = str(tmp_path / ("net" + ending))
    write(path)
    original = read_original(path, (64, 48))
    picture = np.random.default_rng(0).normal(size=(1, 3, 48, 64)).astype(np.float32)
    (answer,) = original.infer(picture).values()
    np.testing.assert_allclose(answer, Small()(torch.from_numpy(picture)).detach(), atol=1e-6)
    assert original.outputs[0].shape == (1, 4, 12, 16)
    words = ["adopt", path, "-o", str(tmp_path / "a.onnx"), "--bgr", "--scale", "1"]
    assert main([*words, "--size", "64x48", "--classes", "4"]) == 0


def test_the_original_answers_as_its_graph_says(tmp_path):
    """A fusion takes mean - x for x - mean (findings/onnxruntime-optimizer.sh): such a file is
    not held against itself, and not adopted."""
    node, shape = onnx.helper.make_node, [1, 3, 48, 64]
    nodes = [
        node("ReduceMean", ["x"], ["m"], axes=[-1]),
        node("Sub", ["m", "x"], ["d"]),
        node("Pow", ["d", "two"], ["p"]),
        node("ReduceMean", ["p"], ["v"], axes=[-1]),
        node("Add", ["v", "least"], ["a"]),
        node("Sqrt", ["a"], ["s"]),
        node("Div", ["d", "s"], ["n"]),
        node("Mul", ["n", "gain"], ["o"]),
        node("Add", ["o", "shift"], ["y"]),
    ]
    given, told = (onnx.helper.make_tensor_value_info(name, 1, shape) for name in "xy")
    ramp = np.linspace(0.5, 1.5, 64, dtype=np.float32)
    kept = {"two": 2, "least": 1e-5, "gain": ramp, "shift": ramp}
    weights = [
        onnx.numpy_helper.from_array(np.asarray(value, np.float32), name)
        for name, value in kept.items()
    ]
    graph = onnx.helper.make_graph(nodes, "g", [given], [told], weights)
    opset = [onnx.helper.make_opsetid("", 17)]
    path = str(tmp_path / "net.onnx")
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    deviation = np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
    expected = (x.mean(axis=-1, keepdims=True) - x) / deviation * ramp + ramp
    (answer,) = read_original(path, (64, 48)).infer(x).values()
    np.testing.assert_allclose(answer, expected, atol=1e-4)
    out = str(tmp_path / "a.onnx")
    words = ["adopt", path, "-o", out, "--bgr", "--scale", "1", "--classes", "3"]
    assert main(words) == 1 and not os.path.exists(out)


def test_weights_that_are_no_numbers_are_refused(tmp_path, made):
    model = onnx.load(made())
    for weight in model.graph.initializer:
        values = onnx.numpy_helper.to_array(weight).copy()
        if values.ndim == 4:
            values.flat[0] = np.nan
            weight.CopyFrom(onnx.numpy_helper.from_array(values, weight.name))
    path = str(tmp_path / "lost.onnx")
    onnx.save(model, path)
    with pytest.raises(CatseyeError, match="no numbers"):
        read_original(path, (64, 48))


def test_a_rewriting_that_changes_answers_is_seen(made, tmp_path, monkeypatch):
    def spoilt(model, opset):
        model = at_opset(model, opset)
        for weight in model.graph.initializer:
            values = onnx.numpy_helper.to_array(weight)
            weight.CopyFrom(onnx.numpy_helper.from_array(values[::-1], weight.name))
        return model

    out = str(tmp_path / "a.onnx")
    words = ["adopt", made(opset=9), "-o", out, "--bgr", "--scale", "1", "--classes", "4"]
    monkeypatch.setattr("catseye.export.adoption.original.at_opset", spoilt)
    assert main(words) == 1 and not os.path.exists(out)


def test_a_pickle_is_not_opened(tmp_path):
    path = str(tmp_path / "net.pth")
    torch.save(Small().state_dict(), path)
    with pytest.raises(CatseyeError, match="without running its code"):
        read_original(path, (64, 48))


def test_weights_beside_the_file_come_along(made, tmp_path):
    model = onnx.load(made())
    path = str(tmp_path / "outside.onnx")
    onnx.save(model, path, save_as_external_data=True, location="weights.bin", size_threshold=0)
    assert os.path.exists(tmp_path / "weights.bin")
    words = ["adopt", path, "-o", str(tmp_path / "a.onnx"), "--bgr", "--scale", "1"]
    assert main([*words, "--classes", "4"]) == 0


@pytest.mark.parametrize("content", [b"", b"noise" * 100])
def test_what_is_no_network_is_one_line(tmp_path, capsys, content):
    for ending in (".onnx", ".pt2", ".pt"):
        path = tmp_path / ("bad" + ending)
        path.write_bytes(content)
        assert main(["adopt", str(path), "-o", str(tmp_path / "a.onnx")]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_what_is_ours_already_is_said(small_checkpoint, small_model):
    for path in (small_checkpoint, small_checkpoint / "model.pt"):
        with pytest.raises(CatseyeError, match=f"catseye export {small_checkpoint}$"):
            read_original(str(path), None)
    with pytest.raises(CatseyeError, match="is a model file of ours"):
        read_original(str(small_model), None)
