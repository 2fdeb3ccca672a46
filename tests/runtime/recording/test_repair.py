"""A log cut anywhere gets an end with which every reader of the official library gives all of its
whole frames."""

import io
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from camera_loop import frame_of, report_for, result_for

from catseye.runtime.errors import CatseyeError
from catseye.runtime.recording import mcap
from catseye.runtime.recording.log import LogReader, LogWriter
from catseye.runtime.recording.repair import finish_log, is_cut_short
from catseye.runtime.sinks.jsonl import row_of


def write_log(path, count, size_wh=(16, 12)):
    with LogWriter(str(path), {"card": "{}", "model": "tiny"}) as log:
        for index in range(count):
            image = np.random.RandomState(index).randint(0, 256, size_wh[::-1] + (3,))
            frame = frame_of(index=index, size_wh=size_wh)._replace(
                image=image.astype(np.uint8), timestamp_ns=1000 + index
            )
            result = result_for(frame)
            log.append(frame, result, row_of(frame, result, report_for(frame, result)))


def ends_of(data):
    """Where each chunk with its indices ends."""
    stream, ends = io.BytesIO(data), []
    stream.seek(len(mcap.MAGIC))
    for kind, _ in mcap.read_records(stream):
        if kind == mcap.MESSAGE_INDEX:
            if len(ends) and ends[-1][1] < 3:
                ends[-1] = (stream.tell(), ends[-1][1] + 1)
            else:
                ends.append((stream.tell(), 1))
    return [end for end, _ in ends]


def read_by_all(path):
    """Messages by each way in which mcap reads a file."""
    reader = pytest.importorskip("mcap.reader", reason="needs the mcap package")
    from mcap.records import Message
    from mcap.stream_reader import StreamReader

    found = []
    for make in (reader.make_reader, reader.SeekingReader, reader.NonSeekingReader):
        with open(str(path), "rb") as stream:
            messages = make(stream, validate_crcs=True).iter_messages()
            found.append([message.log_time for _, _, message in messages])
    with open(str(path), "rb") as stream:
        records = StreamReader(stream, validate_crcs=True).records
        found.append([each.log_time for each in records if isinstance(each, Message)])
    return found


def test_a_cut_log_is_read_by_two_of_the_librarys_ways_and_then_by_all(tmp_path):
    reader = pytest.importorskip("mcap.reader", reason="needs the mcap package")
    path = tmp_path / "log"
    write_log(path, 5)
    data = path.read_bytes()
    path.write_bytes(data[: ends_of(data)[3] + 100])
    with open(str(path), "rb") as stream, pytest.raises(Exception):  # noqa: B017 (as it likes)
        list(reader.make_reader(stream).iter_messages())
    assert finish_log(str(path)) == 4
    times = [1000 + index for index in range(4) for _ in range(3)]
    assert read_by_all(path) == [times] * 4


def test_a_log_cut_anywhere_is_finished_with_all_its_whole_frames(tmp_path):
    path = tmp_path / "log"
    write_log(path, 3)
    data = path.read_bytes()
    ends = ends_of(data)
    chunk_ends = [end - 3 * len(mcap.message_index(mcap.Message(1, 0, b""), 0)) for end in ends]
    for size in list(range(chunk_ends[0], len(data), 37)) + chunk_ends + ends:
        path.write_bytes(data[:size])
        whole = sum(end <= size for end in chunk_ends)
        assert finish_log(str(path)) == whole, size
        assert not is_cut_short(str(path))
        log = LogReader(str(path))
        assert [entry.frame.index for entry in log] == list(range(whole)) and not log.damaged
        # as if it had never been cut
        if whole == 3:
            assert path.read_bytes() == data
        else:
            assert path.read_bytes().startswith(data[: ends[whole - 1]])


def test_a_whole_log_stays_byte_by_byte(tmp_path):
    path = tmp_path / "log"
    write_log(path, 2)
    os.utime(str(path), (1, 1))
    before = path.read_bytes()
    assert finish_log(str(path)) == 2
    assert path.read_bytes() == before and os.stat(str(path)).st_mtime == 1


def test_a_frame_whose_bytes_never_came_is_taken_away(tmp_path):
    """A power cut may leave the length of a file and zeros in it."""
    path = tmp_path / "log"
    write_log(path, 3)
    data = path.read_bytes()
    ends = ends_of(data)
    path.write_bytes(data[: ends[2] - 400] + bytes(400))
    assert finish_log(str(path)) == 2
    path.write_bytes(data[: ends[1]] + bytes(5_000_000))
    assert finish_log(str(path)) == 2
    assert [entry.frame.index for entry in LogReader(str(path))] == [0, 1]


def test_damage_within_takes_no_frame_behind_it(tmp_path):
    """A length that lies would make all that follows look like a frame that was never whole."""
    path = tmp_path / "log"
    write_log(path, 12, size_wh=(320, 240))
    data = bytearray(path.read_bytes()[:-100])
    data[ends_of(bytes(data))[2] + 5] ^= 0x40
    path.write_bytes(bytes(data))
    with pytest.raises(CatseyeError, match="damaged after frame 3"):
        finish_log(str(path))
    assert path.read_bytes() == bytes(data)


def test_a_log_that_is_being_written_is_let_be(tmp_path):
    path = tmp_path / "log"
    script = (
        "import sys, time; sys.path[:0] = %r; from test_repair import *\n"
        "with LogWriter(%r, {}) as log:\n"
        "    frame = frame_of(); result = result_for(frame)\n"
        "    log.append(frame, result, row_of(frame, result, report_for(frame, result)))\n"
        "    print('ready', flush=True); time.sleep(60)\n"
    ) % (sys.path + [os.path.dirname(__file__)], str(path))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as writer:
        try:
            assert writer.stdout.readline() == b"ready\n"
            assert is_cut_short(str(path))
            with pytest.raises(CatseyeError, match="is being written"):
                finish_log(str(path))
        finally:
            writer.kill()
    time.sleep(0)  # killed: now it may be finished
    assert finish_log(str(path)) == 1 and len(list(LogReader(str(path)))) == 1


@pytest.mark.parametrize("content", (b"", b"nonsense", mcap.MAGIC, mcap.MAGIC + bytes(100)))
def test_what_is_no_log_is_one_line_and_stays(tmp_path, content):
    path = tmp_path / "log"
    path.write_bytes(content)
    with pytest.raises(CatseyeError):
        finish_log(str(path))
    assert path.read_bytes() == content
    assert is_cut_short(str(path)) == content.startswith(mcap.MAGIC)
