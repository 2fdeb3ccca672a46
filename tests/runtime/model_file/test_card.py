"""The card, field by field: what is wrong is told by its path."""

import json

import pytest

from catseye.runtime.errors import ModelFileError
from catseye.runtime.model_file.card import card_from_json, check_digest_of_card
from catseye.runtime.model_file.load import load_model, zoo_names
from catseye.runtime.tasks import checked_card

NAMES = [
    "version",
    "name",
    "task",
    "classes",
    "colours_rgb",
    "inputs",
    "outputs",
    "precision",
    "target",
    "opset",
    "metrics",
    "provenance",
    "settings",
    "golden_sha256",
    "format",
]


@pytest.fixture()
def document():
    return json.loads(json.dumps(load_model("road-nano").card.as_json()))


def read(document):
    return checked_card(*card_from_json(document, "some.onnx"), "some.onnx")


@pytest.mark.parametrize("name", zoo_names())
def test_there_and_back(name):
    card = load_model(name).card
    document = card.as_json()
    again = read(json.loads(json.dumps(document)))
    assert again.as_json() == document


@pytest.mark.parametrize("field", NAMES)
def test_every_field_must_be_there(document, field):
    del document[field]
    with pytest.raises(ModelFileError, match=f"card of some.onnx has no '{field}'"):
        read(document)


@pytest.mark.parametrize("field", NAMES)
@pytest.mark.parametrize("wrong", [None, 1.5, True, [[[]]]])
def test_a_field_of_a_wrong_type(document, field, wrong):
    document[field] = wrong
    with pytest.raises(ModelFileError, match=rf"^card\.{field}") as caught:
        read(document)
    assert "\n" not in str(caught.value) and caught.value.expected and caught.value.fix


@pytest.mark.parametrize(
    "path, value, found",
    [
        (("outputs", 0, "shape", 2), 0, "card.outputs[0].shape[2] of some.onnx is 0"),
        (("outputs", 0, "shape", 2), "640", 'card.outputs[0].shape[2] of some.onnx is "640"'),
        (("inputs", 0, "shape", 1), 1 << 40, "card.inputs[0].shape[1]"),
        (("inputs", 0, "shape"), [65536, 65536, 1, 1], "card.inputs[0].shape"),
        (("inputs", 0, "shape"), [], "card.inputs[0].shape (its length)"),
        (("inputs", 0, "dtype"), "object", "card.inputs[0].dtype"),
        (("colours_rgb", 3, 1), 256, "card.colours_rgb[3][1]"),
        (("colours_rgb", 3, 1), True, "card.colours_rgb[3][1]"),
        (("colours_rgb",), [[0, 0, 0]], "card.colours_rgb (its length)"),
        (("classes", 0), 7, "card.classes[0]"),
        (("classes",), ["x"] * 300, "card.classes (its length)"),
        (("opset",), -1, "card.opset"),
        (("precision",), "int4", "card.precision"),
        (("target",), "jp9", "card.target"),
        (("golden_sha256",), "00", "card.golden_sha256"),
        (("graph_sha256",), "z" * 64, "card.graph_sha256"),
        (("provenance", "epochs"), -3, "card.provenance.epochs"),
        (("settings", "road"), 4, "card.settings.road"),
        (("float_layers",), {"a": 1}, "card.float_layers"),
        (("calibration",), {"frames": "x", "ranges": "mse"}, "card.calibration"),
        (
            ("calibration",),
            {"frames": "x", "ranges": "mse", "amax": {"a": -1}},
            "card.calibration.amax.a",
        ),
    ],
)
def test_the_path_of_what_is_wrong_is_told(document, path, value, found):
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(ModelFileError) as caught:
        read(document)
    assert caught.value.found.startswith(found), caught.value.found


def test_a_later_format(document):
    document["format"] = 2
    with pytest.raises(ModelFileError, match="update catseye"):
        read(document)


def test_what_was_changed_after_it_was_written_is_found(document):
    assert document["card_sha256"]
    check_digest_of_card(document, "some.onnx")
    document["metrics"]["miou"] = 0.99
    with pytest.raises(ModelFileError, match="changed"):
        check_digest_of_card(document, "some.onnx")


@pytest.mark.parametrize(
    "name, field, wrong",
    [
        ("sparse", "patch", 11),
        ("sparse", "atoms", 99),
        ("sparse", "scale", "none"),
        ("sparse", "dictionary", "AAAA"),
        ("autoencoder", "units", 3),
        ("autoencoder", "known", []),
        ("digits", "slots", 17),
        ("gan", "latent", 63),
    ],
)
def test_settings_must_fit_their_task(name, field, wrong):
    document = json.loads(json.dumps(load_model(name).card.as_json()))
    document["settings"][field] = wrong
    with pytest.raises(ModelFileError, match=r"^card\."):
        read(document)
