import pytest

from catseye.runtime.cameras.names import MOST_CAMERAS, addresses_by_name, name_and_address
from catseye.runtime.errors import CatseyeError


@pytest.mark.parametrize(
    "text, name, address",
    (
        ("csi://0", "", "csi://0"),
        ("front=csi://0", "front", "csi://0"),
        ("front-2_b=/dev/video0", "front-2_b", "/dev/video0"),
        ("a=http://x/y?b=c#d=e", "a", "http://x/y?b=c#d=e"),
        ("rtsp://user:a=b@host/c?d=e", "", "rtsp://user:a=b@host/c?d=e"),
        ("synthetic://road?live=1", "", "synthetic://road?live=1"),
        ("./a=b.mp4", "", "./a=b.mp4"),
        ("*=1.png", "", "*=1.png"),
        ("front=env://FRONT", "front", "env://FRONT"),
        ("front=a=b.mp4", "front", "a=b.mp4"),
    ),
)
def test_a_name_stands_before_the_first_equals_sign(text, name, address):
    assert name_and_address(text) == (name, address)


def test_a_file_that_is_called_so_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "take=3.mp4").write_bytes(b"")
    assert name_and_address("take=3.mp4") == ("", "take=3.mp4")
    assert name_and_address("take=4.mp4") == ("take", "4.mp4")


def test_several_without_names_get_them_by_their_place():
    assert addresses_by_name(["a.mp4"]) == {"": "a.mp4"}
    assert addresses_by_name(["only=a.mp4"]) == {"only": "a.mp4"}
    assert addresses_by_name(["a", "b"]) == {"camera1": "a", "camera2": "b"}
    assert list(addresses_by_name(["front=a", "b", "c"])) == ["front", "camera2", "camera3"]
    assert addresses_by_name(["b", "camera1=a"]) == {"camera2": "b", "camera1": "a"}
    assert addresses_by_name(["a", "b", "camera2=c"]) == {
        "camera1": "a",
        "camera3": "b",
        "camera2": "c",
    }


@pytest.mark.parametrize(
    "texts, words",
    (
        (["a=csi://0", "a=csi://1"], "two cameras named a; expected a name for each"),
        (["=csi://0"], "a camera named ''; expected a letter, then letters"),
        (["my cam=csi://0"], "a camera named 'my cam'"),
        (["9=csi://0"], "a camera named '9'"),
        (["b" * 33 + "=csi://0"], "32 at most"),
        (["front="], "--source front=; expected an address behind it"),
        (["a"] * (MOST_CAMERAS + 1), "17 cameras; expected 16 at most"),
    ),
)
def test_what_is_no_name_is_one_line(texts, words):
    with pytest.raises(CatseyeError) as found:
        addresses_by_name(texts)
    assert words in str(found.value) and "\n" not in str(found.value)
