import os

import pytest

from catseye.runtime.errors import SinkError
from catseye.runtime.recording.pieces import FRAME_BYTES, PARTS, Bounds, Pieces, pieces_of

S = 10**9


def made(folder, number, size, name="drive"):
    path = str(folder / ("%s.%04d.mcap" % (name, number)))
    with open(path, "wb") as stream:
        stream.write(bytes(size))
    return path


def test_numbers_go_on_where_the_last_run_stopped(tmp_path):
    path = str(tmp_path / "drive.mcap")
    for name in ("drive.1.mcap", "drive.mcap", "other.0009.mcap", "drive.0009.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert pieces_of(path) == []
    assert Pieces(path, Bounds(split_s=1.0)).next_path(0) == str(tmp_path / "drive.0001.mcap")
    made(tmp_path, 12, 1)
    made(tmp_path, 7, 1)
    assert [number for number, _ in pieces_of(path)] == [7, 12]
    pieces = Pieces(path, Bounds(split_s=1.0))
    assert [os.path.basename(pieces.next_path(0)) for _ in range(2)] == [
        "drive.0013.mcap",
        "drive.0014.mcap",
    ]


def test_a_piece_ends_by_time_and_by_its_share_of_the_limit(tmp_path):
    pieces = Pieces(str(tmp_path / "drive.mcap"), Bounds(split_s=5.0))
    pieces.next_path(100 * S)
    assert not pieces.is_full(104 * S, 10**12, 10**6)
    assert pieces.is_full(105 * S, 0, 0) and pieces.is_full(90 * S, 0, 0)  # a clock that was set
    pieces = Pieces(str(tmp_path / "drive.mcap"), Bounds(limit_bytes=PARTS * 10_000))
    pieces.next_path(0)
    assert not pieces.is_full(10**15, 9_000, 1_000 - FRAME_BYTES)
    assert pieces.is_full(0, 9_000, 1_001 - FRAME_BYTES)


def test_the_oldest_leaves_and_nothing_else(tmp_path):
    others = [made(tmp_path, 1, 50_000, "front"), made(tmp_path, 2, 50_000, "drive.0001")]
    for number in (1, 2, 3):
        made(tmp_path, number, 30_000)
    pieces = Pieces(str(tmp_path / "drive.mcap"), Bounds(limit_bytes=100_000))
    pieces.make_room(5_000, 1_000)
    assert sorted(os.listdir(str(tmp_path))) == sorted(
        [os.path.basename(each) for each in others]
        + ["drive.%04d.mcap" % number for number in (1, 2, 3)]
    )
    os.remove(str(tmp_path / "drive.0001.mcap"))  # somebody else made room
    pieces.make_room(9_000, 60_000)
    assert [number for number, _ in pieces_of(str(tmp_path / "drive.mcap"))] == [3]


def test_a_frame_beyond_the_limit_is_refused_before_anything_leaves(tmp_path):
    made(tmp_path, 1, 500)
    pieces = Pieces(str(tmp_path / "drive.mcap"), Bounds(limit_bytes=1_000))
    with pytest.raises(SinkError, match="one frame takes 1513 bytes"):
        pieces.make_room(0, 1_001)
    assert os.listdir(str(tmp_path)) == ["drive.0001.mcap"]
