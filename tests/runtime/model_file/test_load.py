"""Reading a model file without the onnx package: whatever is wrong with it is one line."""

import logging

import onnx
import pytest
from cards import with_card

from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.model_file import load
from catseye.runtime.model_file.load import CARD_KEY, checkpoint_at, load_model, model_from_bytes


@pytest.fixture()
def data(small_model):
    return small_model.read_bytes()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_truncated_files(data, share):
    with pytest.raises(ModelFileError) as caught:
        model_from_bytes(data[: int(len(data) * share)], "cut")
    assert "\n" not in str(caught.value)


def test_noise(tmp_path):
    path = tmp_path / "noise.onnx"
    path.write_bytes(bytes(range(256)) * 16)
    with pytest.raises(ModelFileError, match="noise"):
        load_model(str(path))


def test_onnx_without_a_card(data):
    model = onnx.load_from_string(data)
    del model.metadata_props[:]
    with pytest.raises(ModelFileError, match="no Catseye card"):
        model_from_bytes(model.SerializeToString(), "bare")


def test_the_network_of_another_tool_is_adopted(data, tmp_path):
    model = onnx.load_from_string(data)
    del model.metadata_props[:]
    path = tmp_path / "my net.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelFileError, match=f"catseye adopt '{path}' -o mine.onnx"):
        load_model(str(path))
    path = tmp_path / "net.pt2"
    path.write_bytes(b"PK\3\4 and so on")
    with pytest.raises(ModelFileError, match=f"catseye adopt {path} -o mine.onnx"):
        load_model(str(path))


def test_a_checkpoint_is_named_by_its_folder(tmp_path, monkeypatch):
    for name in ("model.pt", "meta.json"):
        (tmp_path / name).touch()
    for name in ("model.pt", "meta.json"):
        with pytest.raises(ModelFileError, match=f"by its folder; name {tmp_path}$"):
            load_model(str(tmp_path / name))
    with pytest.raises(ModelFileError, match=f"catseye export {tmp_path} -o"):
        load_model(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert (checkpoint_at("model.pt"), checkpoint_at("other.pt")) == (".", "")
    (tmp_path / "meta.json").unlink()  # so it may be anybody's
    assert checkpoint_at("model.pt") == ""


def test_golden_frames_of_another_model(data):
    model = onnx.load_from_string(data)
    golden = next(entry for entry in model.metadata_props if entry.key == "catseye.golden")
    golden.value = golden.value[:-8]
    with pytest.raises(ModelFileError, match="golden frames"):
        model_from_bytes(model.SerializeToString(), "swapped")


def test_a_flipped_weight_is_found(data):
    model = onnx.load_from_string(data)
    weights = model.graph.initializer[0]
    raw = bytearray(weights.raw_data)
    raw[len(raw) // 2] ^= 1
    weights.raw_data = bytes(raw)
    with pytest.raises(ModelFileError, match="the graph of small is damaged"):
        model_from_bytes(model.SerializeToString(), "small")


def test_a_file_from_before_the_digest_is_taken_and_told_of_once(data, caplog, monkeypatch):
    monkeypatch.setattr(load, "_told", set())
    old = with_card(data, lambda card: card.pop("graph_sha256"), fix=False)
    with caplog.at_level(logging.INFO, "catseye"):
        model = model_from_bytes(old, "old")
        model_from_bytes(old, "old")
    assert model.card.graph_sha256 == "" and len(model.golden) == 3
    assert [record.message for record in caplog.records if "digest" in record.message] == [
        "old was made before model files had a digest: damage to its graph would not show"
    ]


def test_a_card_may_lack_the_digest_of_itself_and_then_the_graph_is_still_checked(data):
    without = with_card(data, lambda card: card.pop("card_sha256"), fix=False)
    assert model_from_bytes(without, "small").card.graph_sha256
    flipped = without.replace(b"pytorch", b"pytorcx", 1)
    assert flipped != without
    with pytest.raises(ModelFileError, match="graph of small is damaged"):
        model_from_bytes(flipped, "small")


def test_a_card_that_was_changed_is_found(data):
    def rename(card):
        card["classes"][3] = "Sidewalk"

    with pytest.raises(ModelFileError, match="changed since it was written"):
        model_from_bytes(with_card(data, rename, fix=False), "small")
    assert model_from_bytes(with_card(data, rename), "small").card.classes[3] == "Sidewalk"


@pytest.mark.parametrize(
    "side, place, value",
    [
        ("inputs", "shape", [1, 51, 70, 3]),
        ("inputs", "shape", [1, 50, 70, 4]),
        ("inputs", "dtype", "float32"),
        ("inputs", "name", "picture"),
        ("outputs", "shape", [1, 50, 71]),
        ("outputs", "name", "ids"),
        ("outputs", "dtype", "int64"),
    ],
)
def test_a_card_must_fit_its_graph_and_its_task(data, side, place, value):
    def change(card):
        card[side][0][place] = value

    with pytest.raises(ModelFileError, match=r"card\.(in|out)puts"):
        model_from_bytes(with_card(data, change), "small")


def test_a_second_card_is_no_matter_of_who_reads_it(data):
    model = onnx.load_from_string(data)
    twin = model.metadata_props.add()
    twin.CopyFrom(next(entry for entry in model.metadata_props if entry.key == CARD_KEY))
    with pytest.raises(ModelFileError, match="two entries 'catseye'"):
        model_from_bytes(model.SerializeToString(), "small")


def test_what_others_say_in_the_metadata_does_not_matter(data):
    model = onnx.load_from_string(data)
    model.metadata_props.add(key="author", value="somebody")
    assert model_from_bytes(model.SerializeToString(), "small").card.graph_sha256


@pytest.mark.parametrize(
    "more", [b"\x00", b"\xff", b"\x08\x07", b"\x3a\x00", b"\xa2\x06\x01x", b"more of it"]
)
def test_bytes_after_the_message_are_damage(data, more):
    with pytest.raises(ModelFileError, match="small"):
        model_from_bytes(data + more, "small")


def test_a_weight_in_another_file_is_refused_whatever_the_digests_say(data, tmp_path):
    model = onnx.load_from_string(data)
    weight = max(model.graph.initializer, key=lambda tensor: len(tensor.raw_data))
    onnx.external_data_helper.set_external_data(weight, "weights.bin")
    weight.ClearField("raw_data")
    with pytest.raises(ModelFileError, match=f"weight '{weight.name}' lies in another file"):
        model_from_bytes(with_card(model.SerializeToString()), "small")


def test_an_unknown_task(data):
    with pytest.raises(ModelFileError, match="card.task of small is 'sonar'.*update catseye"):
        model_from_bytes(with_card(data, lambda card: card.update(task="sonar")), "small")


def test_an_unknown_name():
    with pytest.raises(CatseyeError, match="no model 'nowhere'"):
        load_model("nowhere")


def test_a_card_of_megabytes_is_not_parsed(data):
    with pytest.raises(ModelFileError, match=r"the card of small cannot be read \(500\d+ bytes"):
        model_from_bytes(with_card(data, lambda card: card.update(more="x" * 5_000_000)), "small")
