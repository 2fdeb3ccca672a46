from pathlib import Path

import pytest

from catseye.runtime.sources.coding.mp4 import Mp4Facts, mp4_facts

FILMS = Path(__file__).parents[1] / "films"


@pytest.mark.parametrize(
    "name, facts",
    (
        ("bt709.mp4", Mp4Facts(0.3, 1)),
        ("untagged.mp4", Mp4Facts(0.3)),
        ("cut.mp4", Mp4Facts(2.0)),
        ("two-sizes.ts", Mp4Facts()),
        ("none.mp4", Mp4Facts()),
    ),
)
def test_what_boxes_say(name, facts):
    assert mp4_facts(str(FILMS / name)) == facts


def test_damage_is_borne(tmp_path):
    """Boxes that end early, or say any length."""
    whole, path = (FILMS / "bt709.mp4").read_bytes(), tmp_path / "v.mp4"
    begin = whole.index(b"moov")
    for at in range(begin - 4, len(whole), 41):
        path.write_bytes(whole[:at])
        assert isinstance(mp4_facts(str(path)), Mp4Facts)
        path.write_bytes(whole[:at] + b"\xff\xff\xff\xff" + whole[at + 4 :])
        assert isinstance(mp4_facts(str(path)), Mp4Facts)
    path.write_bytes(b"\0\0\0\x08ftyp" + b"\0\0\0\0moov" * 3)
    assert mp4_facts(str(path)) == Mp4Facts()
