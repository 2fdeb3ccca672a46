from pathlib import Path

import pytest

from catseye.runtime.sources.coding.size_changes import opened_from, size_changes

FILM = Path(__file__).parents[1] / "films" / "two-sizes.ts"


def test_a_change_is_seen_at_its_frame_and_opened_there():
    changes = size_changes(str(FILM))
    told = [changes.part_that_begins() for _ in range(11)]
    changes.close()
    assert told[:10] == [None] * 10
    part = told[10]
    assert part.size_wh == (64, 96) and 0 < part.begins < FILM.stat().st_size
    assert opened_from(str(FILM), part.begins).read()[1].shape == (96, 64, 3)


def test_raw_h264_is_cut_at_its_start_code(tmp_path):
    """Parameters and a picture, as they stand in the transport stream, are too long for one of its
    packets; a start code in a file that is none begins the part itself."""
    from catseye.runtime.sources.coding.size_changes import _begin_of

    path = tmp_path / "v.h264"
    path.write_bytes(b"\0\0\1\x65" + bytes(range(1, 200)) + b"\0\0\1\x67\x64\0\x1e" + bytes(300))
    assert _begin_of(str(path), b"\x67\x64\0\x1e", 0) == 203
    assert _begin_of(str(path), b"\x67\x42", 0) == -1


@pytest.mark.parametrize("name", ("cut.mp4", "bt709.mp4"))
def test_other_files_have_one_size(name):
    assert size_changes(str(FILM.with_name(name))) is None
