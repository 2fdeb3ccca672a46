"""`catseye adopt` on networks of all forms: what the file answers is what the original answers,
computed here by NumPy alone."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto

from catseye.__main__ import main
from catseye.runtime.engines import open_engine
from catseye.runtime.frame import Frame
from catseye.runtime.model_file.load import load_model
from catseye.runtime.street import Street
from catseye.runtime.tasks import open_task
from catseye.runtime.tasks.classification import Classification
from catseye.runtime.tasks.named_tensors import NamedTensors
from catseye.runtime.tasks.road_mask import RoadMask

IMAGENET = ["--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225"]
UNIT = ["--scale", "0.00392156862745098"]


@pytest.fixture(scope="module")
def street():
    image = Street(5, size_wh=(64, 48)).render(2.0)[0]
    image.setflags(write=False)  # every test has this one
    return image


def adopt(path, tmp_path, *words):
    out = str(tmp_path / "mine.onnx")
    return main(["adopt", path, "-o", out, *words]), out


def answer_of(out, image):
    """What `run` makes of a picture with a model file."""
    model = load_model(out)
    with open_engine(model, "onnxruntime", "cpu") as engine:
        task = open_task(model.card)
        inputs, kept = task.prepare(Frame(image, 0, 0))
        return task.parse(engine.infer(inputs), kept)


def original_scores(path, given):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: given})[0]


def nearest_of(scores, size_wh):
    """Every pixel's best class where the class of the low pixel around it is beyond doubt."""
    best = scores.argmax(0)
    factor = size_wh[0] // best.shape[1]
    sure = np.zeros(best.shape, bool)
    sure[1:-1, 1:-1] = True
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            sure[1:-1, 1:-1] &= (
                best[1:-1, 1:-1]
                == best[1 + dy : best.shape[0] - 1 + dy, 1 + dx : best.shape[1] - 1 + dx]
            )
    return (np.kron(each, np.ones((factor, factor), int)) for each in (best, sure))


def test_scores_of_normalised_rgb(made, tmp_path, street):
    path = made()
    code, out = adopt(path, tmp_path, "--rgb", *IMAGENET, "--classes", "4")
    assert code == 0
    pixels = (street[..., ::-1] / 255 - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
    given = pixels.transpose(2, 0, 1)[None].astype(np.float32)
    best, sure = nearest_of(original_scores(path, given)[0], (64, 48))
    mask = answer_of(out, street).mask
    assert mask.shape == (48, 64) and sure.any()
    assert (mask == best)[sure.astype(bool)].all()


@pytest.mark.parametrize(
    "how, words",
    [
        ({"layout": "NHWC"}, ["--rgb", *UNIT]),
        ({"layout": "NHWC", "dtype": TensorProto.UINT8}, ["--bgr"]),
        ({"layout": "NHWC", "dtype": TensorProto.UINT8}, ["--rgb"]),
        ({"dtype": TensorProto.UINT8}, ["--rgb"]),
        ({"open_axes": True}, ["--rgb", *UNIT, "--size", "64x48"]),
        ({"names": ("frame", "mask")}, ["--bgr", "--scale", "1"]),
        ({"opset": 9}, ["--bgr", "--scale", "1"]),
        ({"opset": 13, "last": ("ArgMax",)}, ["--bgr", "--scale", "1"]),
        ({"last": ("Softmax",)}, ["--bgr", *UNIT]),
        ({"last": ("ArgMax", "Cast"), "opset": 24}, ["--bgr", *UNIT]),
        ({"opset": 7, "batch": "n"}, ["--bgr", *UNIT]),
        ({"opset": 18}, ["--rgb", *UNIT]),
        ({"opset": 21}, ["--bgr", *UNIT, "--answer", "y"]),
    ],
)
def test_every_form_agrees_with_its_original_and_runs(made, tmp_path, street, how, words):
    code, out = adopt(made(**how), tmp_path, *words, "--classes", "4")
    assert code == 0
    result = answer_of(out, street)
    assert isinstance(result, RoadMask) and result.mask.max() < 4
    assert main(["verify", out]) == 0
    sink = str(tmp_path / "rows.jsonl")
    words = ["run", out, "--source", "synthetic://road", "--frames", "2", "--sink"]
    assert main([*words, "jsonl://" + sink]) == 0
    rows = [json.loads(line) for line in open(sink)]
    assert len(rows) == 2 and rows[0]["task"] == "road"


@pytest.mark.parametrize("last, threshold", [(("Sigmoid",), 0.5), ((), 0.0)])
def test_one_class_is_cut_at_its_middle(made, tmp_path, street, last, threshold):
    path = made(classes=1, last=last)
    code, out = adopt(path, tmp_path, "--bgr", *UNIT, "--road", "Track")
    assert code == 0
    card = load_model(out).card
    assert card.classes == ("Background", "Track") and card.settings.as_json() == {"road": "Track"}
    scores = original_scores(path, (street / 255).transpose(2, 0, 1)[None].astype(np.float32))
    low = (scores[0, 0] > threshold).astype(int)
    best, sure = nearest_of(np.stack([1 - low, low]), (64, 48))
    mask = answer_of(out, street).mask
    assert (mask == best)[sure.astype(bool)].all()


def test_a_classifier_gives_probabilities(tmp_path, street, made):
    model = onnx.load(made())
    graph = model.graph
    graph.node[-1].CopyFrom(onnx.helper.make_node("GlobalAveragePool", ["scores"], ["pooled"]))
    graph.node.append(onnx.helper.make_node("Flatten", ["pooled"], ["y"]))
    path = str(tmp_path / "cls.onnx")
    onnx.save(model, path)
    code, out = adopt(path, tmp_path, "--bgr", "--scale", "0.01", "--classes", "4")
    assert code == 0
    result = answer_of(out, street)
    assert isinstance(result, Classification)
    logits = original_scores(path, (street * 0.01).transpose(2, 0, 1)[None].astype(np.float32))[0]
    expected = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    np.testing.assert_allclose(result.probabilities, expected, atol=1e-5)
    assert result.as_json()["top"][0]["label"] == f"class {expected.argmax()}"
    assert result.drawn_on(street).shape == street.shape


def test_a_probability_is_one_whatever_operator_it_comes_from(made, tmp_path, street):
    """A class cut out of a softmax, and a softmax that is written out."""
    model = onnx.load(made(classes=2, last=("Softmax",)))
    model.graph.node[-1].CopyFrom(
        onnx.helper.make_node("Gather", [model.graph.node[-1].input[0], "one"], ["y"], axis=1)
    )
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array([1]), "one"))
    path = str(tmp_path / "cut.onnx")
    onnx.save(model, path)
    code, out = adopt(path, tmp_path, "--bgr", *UNIT, "--road", "Track")
    assert code == 0
    assert "one class's probability" in load_model(out).card.provenance.config["adopted"]["answer"]
    model = onnx.load(made())
    steps = (
        ("GlobalAveragePool", ["scores"], {}),
        ("Exp", ["p"], {}),
        ("ReduceSum", ["e", "axis"], {}),
        ("Div", ["e", "s"], {}),
    )
    model.graph.node.pop()
    for (operator, given, more), out in zip(steps, "pesy"):
        model.graph.node.append(onnx.helper.make_node(operator, given, [out], **more))
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array([1]), "axis"))
    onnx.save(model, path)
    code, out = adopt(path, tmp_path, "--bgr", *UNIT, "--classes", "4")
    assert code == 0
    scores = original_scores(path, (street / 255).transpose(2, 0, 1)[None].astype(np.float32))
    np.testing.assert_allclose(answer_of(out, street).probabilities, scores.ravel(), atol=1e-4)


def test_an_imagenet_classifier_has_a_thousand_classes(tmp_path, made):
    model = onnx.load(made(classes=1000))
    graph = model.graph
    graph.node[-1].CopyFrom(onnx.helper.make_node("GlobalMaxPool", ["scores"], ["y"]))
    path = str(tmp_path / "imagenet.onnx")
    onnx.save(model, path)
    words = ["--bgr", "--scale", "0.01", "--task", "classification", "--classes"]
    assert adopt(path, tmp_path, *words, "5000")[0] == 2
    code, out = adopt(path, tmp_path, *words, "1000")
    assert code == 0 and load_model(out).card.classes[999] == "class 999"


def test_ids_in_bytes_are_read_before_they_are_bytes(made, tmp_path):
    """Which a board has at its border alone."""
    code, out = adopt(made(last=("ArgMax", "Cast")), tmp_path, "--bgr", *UNIT, "--classes", "4")
    assert code == 0
    for target in ("jp4", "jp5", "jp7"):
        board = str(tmp_path / f"{target}.onnx")
        assert main(["export", out, "--target", target, "-o", board]) == 0


def test_a_form_is_verified_without_data_of_its_classes(made, tmp_path, capsys):
    _, out = adopt(made(), tmp_path, "--bgr", *UNIT, "--classes", "4")
    half = str(tmp_path / "half.onnx")
    assert main(["export", out, "--precision", "fp16", "-o", half]) == 0
    assert main(["verify", half, "--against", out]) == 0
    assert "golden frames alone" in capsys.readouterr().err


def choosing(shape=(1, 3, 48, 64)):
    """A network whose branches read the picture themselves."""
    make, weight = onnx.helper.make_node, np.ones((4, 3, 4, 4), np.float32)
    value = onnx.helper.make_tensor_value_info
    branches = {}
    for name, sign in (("then_branch", "Identity"), ("else_branch", "Neg")):
        nodes = [make("Conv", ["x", "w"], ["a"], strides=[4, 4]), make(sign, ["a"], [name])]
        branches[name] = onnx.helper.make_graph(nodes, name, [], [value(name, 1, None)])
    nodes = [
        make("ReduceMax", ["x"], ["largest"], keepdims=0),
        make("Greater", ["largest", "limit"], ["bright"]),
        make("If", ["bright"], ["y"], name="choice", **branches),
    ]
    weights = [
        onnx.numpy_helper.from_array(weight, "w"),
        onnx.numpy_helper.from_array(np.float32(0.1), "limit"),
    ]
    ends = [value("x", 1, shape)], [value("y", 1, (1, 4, 12, 16))]
    graph = onnx.helper.make_graph(nodes, "g", *ends, weights)
    return onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8
    )


def test_branches_that_read_the_picture(tmp_path, capsys):
    path = str(tmp_path / "choosing.onnx")
    onnx.save(choosing(), path)
    code, out = adopt(path, tmp_path, "--bgr", *UNIT, "--classes", "4")
    assert code == 0
    half = str(tmp_path / "half.onnx")
    assert main(["export", out, "--precision", "fp16", "-o", half]) == 2
    assert "If choice for fp16" in capsys.readouterr().err


def test_a_list_is_no_answer(made, tmp_path, capsys):
    model = onnx.load(made())
    make = onnx.helper.make_node
    model.graph.node[-1].CopyFrom(make("SequenceConstruct", ["scores"], ["y"]))
    listed = onnx.helper.make_tensor_sequence_value_info("y", TensorProto.FLOAT, None)
    model.graph.output[0].CopyFrom(listed)
    path = str(tmp_path / "list.onnx")
    onnx.save(model, path)
    code, _ = adopt(path, tmp_path, "--bgr", *UNIT, "--classes", "4")
    assert code == 2 and "answers y as a list" in capsys.readouterr().err


def test_tensors_come_back_as_the_network_gave_them(made, tmp_path, street):
    path = made()
    code, out = adopt(path, tmp_path, "--bgr", "--scale", "1", "--task", "tensors")
    assert code == 0
    result = answer_of(out, street)
    assert isinstance(result, NamedTensors)
    given = street.transpose(2, 0, 1)[None].astype(np.float32)
    np.testing.assert_allclose(result.tensors["y"], original_scores(path, given), rtol=1e-4)
    described = result.as_json()["tensors"]["y"]
    assert described["shape"] == [1, 4, 12, 16] and described["max"] > described["min"]


@pytest.mark.parametrize(
    ("words", "metadata", "classes", "road"),
    (
        (["--classes", "1", "--road", "Track"], {}, ("Background", "Track"), "Track"),
        ([], {"names": "{0: 'road'}"}, ("Background", "road"), "road"),
        (["--classes", "1"], {"names": "['lane']"}, ("Background", "lane"), None),
    ),
)
def test_one_class_is_named_by_the_person_or_the_file(
    made, tmp_path, words, metadata, classes, road
):
    path = made(classes=1, last=("Sigmoid",), metadata=metadata)
    code, out = adopt(path, tmp_path, "--bgr", *UNIT, *words)
    assert code == 0
    card = load_model(out).card
    assert card.classes == classes and getattr(card.settings, "road", None) == road


@pytest.mark.parametrize("task", ("segmentation", "tensors"))
def test_nan_is_told_as_the_originals(made, tmp_path, capfd, task):
    words = ["--bgr", *UNIT, *(["--classes", "4"] if task == "segmentation" else [])]
    path = made(last=("Log",))
    assert adopt(path, tmp_path, "--task", task, *words)[0] == 2
    assert "net answers NaN in y to a golden frame; expected numbers" in capfd.readouterr().err
    assert not list(tmp_path.glob("mine*"))


@pytest.mark.parametrize(
    ("classes", "words", "told"),
    (
        (1, [], "does not name its one class; expected --road NAME"),
        (1, ["--classes", "1"], "--classes 1; expected --road NAME"),
        (
            4,
            ["--classes", "1", "--road", "Track"],
            "1 classes for an answer of 4; expected as many",
        ),
    ),
)
def test_what_one_class_lacks_is_told(made, tmp_path, capfd, classes, words, told):
    path = made(classes=classes, last=("Sigmoid",) if classes == 1 else ())
    assert adopt(path, tmp_path, "--bgr", *UNIT, *words)[0] == 2
    assert told in capfd.readouterr().err


def test_names_beside_the_graph_are_its_classes(made, tmp_path):
    names = "{0: 'grass', 1: 'road', 2: 'sky', 3: 'cow'}"
    metadata = {"names": names, "author": "Ultralytics", "task": "semantic", "license": "AGPL-3.0"}
    code, out = adopt(made(metadata=metadata), tmp_path)  # order and scale are published
    assert code == 0
    card = load_model(out).card
    assert card.classes == ("grass", "road", "sky", "cow")
    assert card.settings.as_json() == {"road": "road"}
    adopted = card.provenance.config["adopted"]
    assert adopted["license"] == "AGPL-3.0" and "0.0039" in adopted["frames"]


def test_golden_frames_of_a_folder(made, tmp_path, street):
    import cv2

    folder = tmp_path / "frames"
    folder.mkdir()
    cv2.imwrite(str(folder / "a.png"), street)
    words = ["--bgr", "--scale", "1", "--classes", "4", "--frames", str(folder)]
    code, out = adopt(made(), tmp_path, *words)
    assert code == 0 and len(load_model(out).golden) == 1


@pytest.mark.parametrize(
    "how, words, expected",
    [
        ({}, UNIT, "--rgb or --bgr"),
        ({}, ["--rgb"], "--scale"),
        ({}, ["--rgb", *UNIT], "--classes"),
        ({}, ["--rgb", *UNIT, "--classes", "5"], "5 classes for an answer of 4"),
        ({}, ["--rgb", *UNIT, "--classes", "4", "--road", "Moon"], "--road 'Moon'"),
        ({}, ["--rgb", *UNIT, "--classes", "nothing"], "--classes 'nothing'"),
        ({}, ["--rgb", *UNIT, "--classes", "4", "--answer", "z"], "no output 'z'"),
        ({}, ["--rgb", *UNIT, "--classes", "4", "--size", "32x32"], "takes 64x48"),
        ({}, ["--rgb", "--std", "0", "--classes", "4"], "no --std of 0"),
        ({"open_axes": True}, ["--rgb", *UNIT, "--classes", "4"], "--size"),
        ({}, ["--rgb", "--mean", "123.675", "--std", "58.4", "--classes", "4"], "--scale 1 where"),
        ({}, ["--rgb", *UNIT, "--task", "classification"], "expected (1, C) floats"),
        ({"dtype": TensorProto.DOUBLE}, ["--rgb", *UNIT], "export it in float32"),
        ({"batch": 2}, ["--rgb", *UNIT, "--classes", "4"], "2 pictures a time"),
        ({"dtype": TensorProto.UINT8}, ["--rgb", *UNIT, "--classes", "4"], "takes bytes"),
    ],
)
def test_what_nobody_says_is_asked_for(made, tmp_path, capsys, how, words, expected):
    code, out = adopt(made(**how), tmp_path, *words)
    said = capsys.readouterr().err
    assert code == 2 and expected in said and said.count("\n") == 1
    assert not (tmp_path / "mine.onnx").exists()


def test_a_factor_by_column_is_no_factor_by_channel(made, tmp_path):
    """onnxslim alone takes it for one where there are as many of both: 16."""
    model = onnx.load(made(classes=16))
    last = model.graph.node[-1]
    last.op_type = "Mul"
    last.input.append("factor")
    factor = np.linspace(-1, 2, 16, dtype=np.float32)
    model.graph.initializer.append(onnx.numpy_helper.from_array(factor, "factor"))
    path = str(tmp_path / "columns.onnx")
    onnx.save(model, path)
    assert adopt(path, tmp_path, "--bgr", "--scale", "1", "--classes", "16")[0] == 0


def test_a_network_that_answers_otherwise_is_not_published(made, tmp_path, monkeypatch):
    from catseye.export.adoption import adopting

    def spoiled(model, *rest):
        for tensor in model.graph.initializer:
            values = onnx.numpy_helper.to_array(tensor)
            tensor.CopyFrom(onnx.numpy_helper.from_array(-values, tensor.name))
        return bordered(model, *rest)

    bordered = adopting.bordered_mask
    monkeypatch.setattr(adopting, "bordered_mask", spoiled)
    code, _ = adopt(made(), tmp_path, "--bgr", *UNIT, "--classes", "4")
    assert code == 1
    assert not (tmp_path / "mine.onnx").exists() and (tmp_path / "mine.rejected.onnx").exists()
