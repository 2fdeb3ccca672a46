import pytest

from catseye.runtime.errors import ModelFileError
from catseye.runtime.recording.metadata import opened_metadata, recorded_by, sealed_metadata

WRITTEN = {"task": "road", "model": "mödel", "sha256": "ab", "threads": "4", "fps": "12.5"}


def test_entries_come_back_with_their_format():
    assert opened_metadata(sealed_metadata(WRITTEN), "LOG") == dict(WRITTEN, format="2")


def test_another_entry_is_damage_and_an_old_log_has_no_digest():
    sealed = sealed_metadata(WRITTEN)
    for name in WRITTEN:
        with pytest.raises(ModelFileError, match="the metadata of LOG is damaged"):
            opened_metadata(dict(sealed, **{name: "other"}), "LOG")
    with pytest.raises(ModelFileError, match="damaged"):
        opened_metadata(dict(sealed, more=""), "LOG")
    old = dict(WRITTEN, format="2")
    assert opened_metadata(old, "LOG") == old
    with pytest.raises(ModelFileError, match="format '3'; expected 1 or 2"):
        opened_metadata(dict(old, format="3"), "LOG")


def test_names_of_cameras_make_another_format():
    sealed = sealed_metadata(dict(WRITTEN, cameras='["front", "left"]'))
    assert sealed["format"] == "2" and opened_metadata(sealed, "LOG")["format"] == "2"
    assert recorded_by(sealed, "LOG").cameras == ("front", "left")
    assert recorded_by(WRITTEN, "LOG").cameras == ("",)


@pytest.mark.parametrize(
    "cameras",
    ("", "[]", "{}", '"front"', "[1]", '["a", "a"]', '[""]', '["../a"]', "[" * 9000, "null"),
)
def test_cameras_without_names_are_damage(cameras):
    with pytest.raises(ModelFileError, match="cameras="):
        recorded_by({"cameras": cameras}, "LOG")


def test_numbers_have_their_types():
    found = recorded_by(WRITTEN, "LOG")
    assert (found.task, found.model, found.backend) == ("road", "mödel", "")
    assert found.threads == 4 and isinstance(found.threads, int) and found.fps == 12.5
    assert recorded_by({}, "LOG")[-2:] == (None, None)


@pytest.mark.parametrize("name", ("threads", "fps"))
@pytest.mark.parametrize("value", ("", "x", "nan", "1e999", "[" * 100_000))
def test_a_number_that_is_none_is_one_line(name, value):
    with pytest.raises(ModelFileError) as error:
        recorded_by({name: value}, "LOG")
    assert "the metadata of LOG has %s=" % name in str(error.value) and len(str(error.value)) < 200


@pytest.mark.parametrize("value", ("-1", "2.5", "1e18"))
def test_threads_are_counted(value):
    with pytest.raises(ModelFileError, match="threads="):
        recorded_by({"threads": value}, "LOG")
