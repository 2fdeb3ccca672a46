"""Reading a model file without the onnx package: whatever is wrong with it is one line."""

import json

import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.load import CARD_TYPES, card_from_text, load_model, model_from_bytes


@pytest.fixture()
def data(small_model):
    return small_model.read_bytes()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_truncated_files(data, share):
    with pytest.raises(CatseyeError) as caught:
        model_from_bytes(data[: int(len(data) * share)], "cut")
    assert "\n" not in str(caught.value)


def test_noise(tmp_path):
    path = tmp_path / "noise.onnx"
    path.write_bytes(bytes(range(256)) * 16)
    with pytest.raises(CatseyeError, match="noise"):
        load_model(str(path))


def test_onnx_without_a_card(data, small_model):
    import onnx

    model = onnx.load_from_string(data)
    del model.metadata_props[:]
    with pytest.raises(CatseyeError, match="no Catseye card"):
        model_from_bytes(model.SerializeToString(), "bare")


def test_golden_frames_of_another_model(data):
    import onnx

    model = onnx.load_from_string(data)
    golden = next(entry for entry in model.metadata_props if entry.key == "catseye.golden")
    golden.value = golden.value[:-8]
    with pytest.raises(CatseyeError, match="golden frames"):
        model_from_bytes(model.SerializeToString(), "swapped")


@pytest.mark.parametrize("field", sorted(CARD_TYPES))
@pytest.mark.parametrize("wrong", [None, 1.5, True])
def test_a_field_of_a_wrong_type(data, field, wrong):
    card = dict(model_from_bytes(data, "small").card)
    card[field] = wrong
    with pytest.raises(CatseyeError, match=field):
        card_from_text(json.dumps(card), "small")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}'])
def test_no_card_at_all(text):
    with pytest.raises(CatseyeError):
        card_from_text(text, "small")


def test_a_later_format(data):
    card = dict(model_from_bytes(data, "small").card, format=2)
    with pytest.raises(CatseyeError, match="update catseye"):
        card_from_text(json.dumps(card), "small")


def test_an_unknown_name():
    with pytest.raises(CatseyeError, match="no model 'nowhere'"):
        load_model("nowhere")
