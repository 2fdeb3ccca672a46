"""Boxes of fragmented MP4, from a video put together by hand: every sample comes out as it went in,
at its time, and what is damaged is refused."""

import os
import struct

import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks.mp4 import FragmentedFile, piece_from_mp4

SAMPLES = [b"key-frame", b"of", b"three", b"another key"]
KEYS = [1, 4]
SCALE = 25  # units of time in a second
TIMES = [10.0, 10.04, 10.4, 10.44]  # seconds
TRACK = 7


def box(kind, *payloads):
    payload = b"".join(payloads)
    return struct.pack(">I", 8 + len(payload)) + kind + payload


def counted(values, form=">I"):
    return struct.pack(">I", len(values)) + b"".join(struct.pack(form, value) for value in values)


def video_of(samples=SAMPLES, keys=KEYS, chunks=(1, 2, 1), wide=False, one_size=False):
    """A complete MP4 of one track: `chunks` says how many samples lie together, with a gap between
    chunks."""
    media, offsets, left = b"", [], list(samples)
    for count in chunks:
        offsets.append(16 + len(media))  # behind the heads of ftyp and mdat
        media += b"".join(left[:count]) + b"gap"
        left = left[count:]
    runs = b"".join(struct.pack(">III", 1 + at, count, 1) for at, count in enumerate(chunks))
    sizes = (
        struct.pack(">II", len(samples[0]), len(samples))
        if one_size
        else struct.pack(">I", 0) + counted([len(sample) for sample in samples])
    )
    tables = [
        box(b"stsd", b"how it is encoded"),
        box(b"stts", bytes(4), struct.pack(">III", 1, len(samples), 1)),
        box(b"stsc", bytes(4), struct.pack(">I", len(chunks)), runs),
        box(b"stsz", bytes(4), sizes),
        box(b"co64", bytes(4), counted(offsets, ">Q"))
        if wide
        else box(b"stco", bytes(4), counted(offsets)),
    ]
    if keys is not None:
        tables.append(box(b"stss", bytes(4), counted(keys)))
    # version 0: times of 32 bits; the duration of every header is said to be 99
    tkhd = box(b"tkhd", struct.pack(">IIIIII", 0, 0, 0, TRACK, 0, 99), bytes(60))
    mdhd = box(b"mdhd", struct.pack(">IIIIII", 0, 0, 0, SCALE, 99, 0))
    mvhd = box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 1000, 99), bytes(80))
    media_box = box(b"mdia", mdhd, box(b"minf", box(b"stbl", *tables)))
    moov = box(b"moov", mvhd, box(b"trak", tkhd, box(b"edts", b"cut"), media_box))
    return box(b"ftyp") + box(b"mdat", media) + moov


def boxes(data):
    """[(kind, payload)] of the boxes that follow one another."""
    found = []
    while data:
        size, kind = struct.unpack_from(">I4s", data)
        assert 8 <= size <= len(data)
        found.append((kind, data[8:size]))
        data = data[size:]
    return found


def child(data, *path):
    for kind in path:
        data = dict(boxes(data))[kind]
    return data


@pytest.mark.parametrize(
    "layout", ({}, {"wide": True}, {"chunks": (4,)}, {"chunks": (2, 2)}, {"chunks": (1, 1, 1, 1)})
)
def test_samples_come_out_in_order_wherever_they_lie(layout):
    piece = piece_from_mp4(video_of(**layout))
    assert piece.samples == SAMPLES
    assert piece.is_key == [True, False, False, True]
    assert piece.scale == SCALE


def test_samples_of_one_size_and_without_a_table_of_keys():
    piece = piece_from_mp4(video_of([b"abcd", b"efgh"], keys=None, chunks=(2,), one_size=True))
    assert piece.samples == [b"abcd", b"efgh"]
    assert piece.is_key == [True, True]  # each decodes by itself


@pytest.mark.parametrize("damage", ("cut", "no moov", "no samples", "short table", "wild offset"))
def test_what_is_not_whole_is_one_line(damage):
    video = video_of()
    if damage == "cut":
        video = video[:-1]
    elif damage == "no moov":
        video = video.replace(b"moov", b"free")
    elif damage == "no samples":
        video = video.replace(b"stsz", b"free")
    elif damage == "short table":
        at = video.index(b"stco") + 8
        video = video[:at] + struct.pack(">I", 1000) + video[at + 4 :]
    else:
        at = video.index(b"stco") + 12
        video = video[:at] + struct.pack(">I", len(video)) + video[at + 4 :]
    with pytest.raises(CatseyeError, match="not whole") as caught:
        piece_from_mp4(video)
    assert "\n" not in str(caught.value)


def test_a_video_cut_anywhere_is_one_line():
    video = video_of()
    for length in range(len(video)):
        with pytest.raises(CatseyeError, match="not whole"):
            piece_from_mp4(video[:length])


@pytest.fixture
def written(tmp_path):
    """The boxes of a file of two pieces, the second of three samples."""
    file = FragmentedFile(str(tmp_path / "out.mp4"))
    file.append(video_of(), TIMES, 0.08)
    file.append(video_of(SAMPLES[:3], keys=[1], chunks=(3,)), [11.0, 11.2, 11.8], 0.04)
    file.close()
    assert os.listdir(str(tmp_path)) == ["out.mp4"]
    return boxes((tmp_path / "out.mp4").read_bytes())


def test_a_header_then_a_pair_of_boxes_a_piece(written):
    assert [kind for kind, _ in written] == [b"ftyp", b"moov", b"moof", b"mdat", b"moof", b"mdat"]
    assert [payload for kind, payload in written if kind == b"mdat"] == [
        b"".join(SAMPLES),
        b"".join(SAMPLES[:3]),
    ]


def test_the_header_promises_fragments_and_no_duration(written):
    moov = written[1][1]
    assert [kind for kind, _ in boxes(moov)] == [b"mvhd", b"trak", b"mvex"]
    assert struct.unpack_from(">II", child(moov, b"mvex", b"trex"), 4) == (TRACK, 1)
    durations = [
        (child(moov, b"mvhd"), 16),
        (child(moov, b"trak", b"tkhd"), 20),
        (child(moov, b"trak", b"mdia", b"mdhd"), 16),
    ]
    assert [struct.unpack_from(">I", payload, at)[0] for payload, at in durations] == [0, 0, 0]
    table = child(moov, b"trak", b"mdia", b"minf", b"stbl")
    assert child(table, b"stsd") == b"how it is encoded"
    assert all(not any(payload) for kind, payload in boxes(table) if kind != b"stsd")
    # edits tell of times in the piece, which the file does not have
    assert b"edts" not in dict(boxes(child(moov, b"trak")))


def rows_of(moof):
    """The flags, where the samples are, and [(duration, size, flags)] of a fragment."""
    run = child(moof, b"traf", b"trun")
    flags, count, offset = struct.unpack_from(">III", run)
    return flags, offset, [struct.unpack_from(">III", run, 12 + 12 * row) for row in range(count)]


def test_every_sample_is_shown_at_its_time_from_the_first_one_on(written):
    moofs = [payload for kind, payload in written if kind == b"moof"]
    numbers = [struct.unpack_from(">I", child(moof, b"mfhd"), 4)[0] for moof in moofs]
    begins = [struct.unpack_from(">Q", child(moof, b"traf", b"tfdt"), 4)[0] for moof in moofs]
    assert (numbers, begins) == ([1, 2], [0, SCALE])
    durations = [[duration for duration, _, _ in rows_of(moof)[2]] for moof in moofs]
    assert durations == [[1, 9, 1, 2], [5, 15, 1]]
    for moof in moofs:
        assert struct.unpack_from(">II", child(moof, b"traf", b"tfhd")) == (0x20000, TRACK)


def test_a_fragment_says_where_its_samples_are_and_which_are_keys(written):
    moof = written[2][1]
    flags, offset, rows = rows_of(moof)
    assert flags == 0x701 and offset == 8 + len(moof) + 8  # the first byte of mdat's payload
    assert [size for _, size, _ in rows] == [len(sample) for sample in SAMPLES]
    needs_others = 0x10000
    assert [not flag & needs_others for *_, flag in rows] == [True, False, False, True]


def test_a_piece_that_is_no_video_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "out.mp4"
    file = FragmentedFile(str(path))
    with pytest.raises(CatseyeError, match="not whole"):
        file.append(b"no video", [0.0], 0.04)
    assert os.listdir(str(tmp_path)) == []
    file.append(video_of(), TIMES, 0.04)
    before = path.read_bytes()
    with pytest.raises(CatseyeError, match="not whole"):
        file.append(video_of()[:-1], TIMES, 0.04)
    file.close()
    assert path.read_bytes() == before
    file.close()  # a second time does nothing


def test_pictures_that_the_encoder_dropped_are_missed(tmp_path):
    file = FragmentedFile(str(tmp_path / "out.mp4"))
    with pytest.raises(CatseyeError, match="4 of 5 pictures"):
        file.append(video_of(), [*TIMES, 11.0], 0.04)
    file.close()
    assert os.listdir(str(tmp_path)) == []


def test_a_file_that_is_taken_away_is_begun_anew(tmp_path):
    path = tmp_path / "out.mp4"
    file = FragmentedFile(str(path))
    file.append(video_of(), TIMES, 0.04)
    first = path.read_bytes()
    path.rename(tmp_path / "moved.mp4")
    file.append(video_of(), TIMES, 0.04)
    file.close()
    assert (tmp_path / "moved.mp4").read_bytes() == path.read_bytes() == first
