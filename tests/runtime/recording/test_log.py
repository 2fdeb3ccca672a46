import io
import json
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from camera_loop import frame_of, report_for, result_for

from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.model_file.arrays import bytes_from_arrays
from catseye.runtime.recording import mcap
from catseye.runtime.recording.entry import LogForm, digest_of
from catseye.runtime.recording.log import LogReader, LogWriter
from catseye.runtime.recording.metadata import sealed_metadata
from catseye.runtime.recording.picture import PictureFormat
from catseye.runtime.recording.repair import finish_log
from catseye.runtime.sinks.jsonl import row_of
from catseye.runtime.tasks import result_type
from catseye.runtime.tasks.digits import Digits
from catseye.runtime.tasks.gan import Samples
from catseye.runtime.tasks.road_mask import RoadMask
from catseye.runtime.tasks.sparse import SparseCode


def noisy_frame(index, name=""):
    image = np.random.RandomState(index).randint(0, 256, (48, 64, 3)).astype(np.uint8)
    return frame_of(index=index, name=name)._replace(
        image=image, timestamp_ns=1767225600123456789 + index, since_ns=None
    )


def write_log(path, frames):
    with LogWriter(str(path), {"card": "{}", "model": "tiny"}) as log:
        for frame in frames:
            result = result_for(frame)
            log.append(frame, result, row_of(frame, result, report_for(frame, result)))


def test_everything_comes_back_bit_by_bit(tmp_path):
    frames = [noisy_frame(0), noisy_frame(5, "häuser"), noisy_frame(6)]
    write_log(tmp_path / "log", frames)
    reader = LogReader(str(tmp_path / "log"))
    assert reader.metadata == {"card": "{}", "model": "tiny", "codec": "png", "format": "2"}
    entries = list(reader)
    assert [entry.frame[1:] for entry in entries] == [frame[1:] for frame in frames]
    for frame, entry in zip(frames, entries):
        assert np.array_equal(entry.frame.image, frame.image)
        assert np.array_equal(entry.arrays["mask"], result_for(frame).mask)
        assert (
            entry.row["result_sha256"]
            == digest_of(entry.arrays)
            == digest_of(result_for(frame).arrays())
        )
        assert entry.row["index"] == frame.index and entry.row["task"] == "brightness"


def test_the_fields_viewers_see_picture_and_row(tmp_path):
    reader = pytest.importorskip("mcap.reader", reason="needs the mcap package")
    write_log(tmp_path / "log", [noisy_frame(3)])
    with open(str(tmp_path / "log"), "rb") as stream:
        found = {
            channel.topic: (schema, message)
            for schema, channel, message in reader.make_reader(
                stream, validate_crcs=True
            ).iter_messages()
        }
    schema, message = found["/camera"]
    assert (schema.name, schema.encoding, message.log_time) == (
        "sensor_msgs/CompressedImage",
        "ros1msg",
        1767225600123456792,
    )
    picture = message.data[message.data.index(b"\x89PNG") :]
    assert np.array_equal(cv2.imdecode(np.frombuffer(picture, np.uint8), 1), noisy_frame(3).image)
    assert json.loads(found["/result"][1].data)["index"] == 3


def test_a_log_cut_anywhere_gives_its_whole_frames(tmp_path, caplog):
    write_log(tmp_path / "log", [noisy_frame(index) for index in range(4)])
    data, found = (tmp_path / "log").read_bytes(), []
    for size in range(0, len(data), 331):
        (tmp_path / "cut").write_bytes(data[:size])
        try:
            found.append(len(list(LogReader(str(tmp_path / "cut")))))
        except CatseyeError as error:
            assert "\n" not in str(error)
            found.append(0)
    assert found == sorted(found) and set(found) == {0, 1, 2, 3, 4}
    assert "cut short" in caplog.text


def test_a_damaged_frame_is_left_out_and_said(tmp_path, caplog):
    write_log(tmp_path / "log", [noisy_frame(index) for index in range(3)])
    data = bytearray((tmp_path / "log").read_bytes())
    pictures = [place for place in range(len(data)) if data[place : place + 4] == b"\x89PNG"]
    data[pictures[1] + 500] ^= 1
    (tmp_path / "log").write_bytes(bytes(data))
    reader = LogReader(str(tmp_path / "log"))
    assert [entry.frame.index for entry in reader] == [0, 2] and reader.damaged == 1
    assert "a damaged frame is left out (a chunk with another CRC)" in caplog.text
    assert "damaged frames left out: 1, whole ones: 2" in caplog.text


def test_a_log_appears_with_its_first_frame_and_without_one_none_is_left(tmp_path):
    with LogWriter(str(tmp_path / "log"), {}) as log:
        assert not (tmp_path / "log").exists() and log.is_there
        frame = noisy_frame(0)
        result = result_for(frame)
        log.append(frame, result, row_of(frame, result, report_for(frame, result)))
        assert len(list(LogReader(log.path))) == 1
    LogWriter(str(tmp_path / "other"), {}).close()
    assert os.listdir(str(tmp_path)) == ["log"]


def test_a_killed_program_leaves_all_whole_frames(tmp_path):
    code = (
        "import os, sys; sys.path[:0] = sys.argv[2:]\n"
        "from test_log import noisy_frame, result_for, report_for, row_of, LogWriter\n"
        "log = LogWriter(sys.argv[1], {})\n"
        "for index in range(7):\n"
        "    frame = noisy_frame(index); result = result_for(frame)\n"
        "    log.append(frame, result, row_of(frame, result, report_for(frame, result)))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    here = os.path.dirname(__file__)
    answer = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "log"), here, os.path.dirname(here)]
    )
    assert answer.returncode == -9
    entries = list(LogReader(str(tmp_path / "log")))
    assert [entry.frame.index for entry in entries] == list(range(7))
    assert all(
        np.array_equal(entry.frame.image, noisy_frame(entry.frame.index).image) for entry in entries
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_loses_nothing_that_was_there(tmp_path, monkeypatch):
    with LogWriter(str(tmp_path / "log"), {}) as log:
        frame, written = noisy_frame(0), os.pwrite
        result = result_for(frame)
        row = row_of(frame, result, report_for(frame, result))
        log.append(frame, result, row)
        full = os.open("/dev/full", os.O_WRONLY)
        monkeypatch.setattr(
            os,
            "pwrite",
            lambda descriptor, data, at: (
                written(descriptor, data[:50], at) if len(data) > 5000 else written(full, data, at)
            ),
        )
        with pytest.raises(OSError):
            log.append(noisy_frame(1), result, row)
        monkeypatch.undo()
        log.append(noisy_frame(2), result, row)
    # rows are the caller's
    assert [entry.frame.index for entry in LogReader(str(tmp_path / "log"))] == [0, 0]
    assert np.array_equal(
        list(LogReader(str(tmp_path / "log")))[1].frame.image, noisy_frame(2).image
    )


@pytest.mark.parametrize(
    "content", (b"", b"video", b"\x89MCAP0\r\n", b"\x89MCAP0\r\n" + b"\x01" * 90)
)
def test_what_is_no_log_is_one_line(content, tmp_path):
    (tmp_path / "log").write_bytes(content)
    with pytest.raises(CatseyeError, match="no Catseye log"):
        LogReader(str(tmp_path / "log"))
    with pytest.raises(CatseyeError, match="cannot read"):
        LogReader(str(tmp_path / "none"))


@pytest.mark.parametrize(
    "result",
    (
        RoadMask(np.eye(3, 4, dtype=np.uint8)),
        Digits((), (), ()),
        Digits(((1, 2, 3, 4), (9, 8, 7, 6)), (3, 5), (0.25, 0.9)),
        SparseCode(np.float32([[[0.5, 0], [1, -2]]]), np.full((4, 6), 7, np.uint8)),
        Samples(np.full((3, 32, 32), 9, np.uint8)),
    ),
)
def test_every_task_comes_back_from_its_arrays(result):
    again = result_type(result.task, "log").from_arrays(result.arrays())
    assert (
        digest_of(again.arrays()) == digest_of(result.arrays())
        and again.as_json() == result.as_json()
    )


def test_results_that_differ_in_one_bit_have_another_digest():
    one = {"mask": np.zeros((3, 4), np.uint8)}
    others = [
        {"mask": np.eye(3, 4, dtype=np.uint8)},
        {"mask": np.zeros((4, 3), np.uint8)},
        {"mask": np.zeros((3, 4), np.int8)},
        {"musk": np.zeros((3, 4), np.uint8)},
    ]
    assert len({digest_of(arrays) for arrays in [one] + others}) == 5


def rewritten(path, change):
    """The log with `change(kind, payload)` in place of each record."""
    data, records = path.read_bytes(), []
    stream = io.BytesIO(data)
    stream.seek(len(mcap.MAGIC))
    for kind, payload in mcap.read_records(stream):
        records.append(mcap.record(*change(kind, payload)))
    path.write_bytes(mcap.MAGIC + b"".join(records) + mcap.MAGIC)


def with_messages(change):
    """What `rewritten` wants, to change the messages of every chunk; checksums are right again."""

    def changed(kind, payload):
        if kind != mcap.CHUNK:
            return kind, payload
        messages = [change(message) for message in mcap.messages_of_chunk(payload)]
        return kind, mcap.chunk_with_indices(messages, 0)[0][9:]

    return changed


@pytest.mark.parametrize(
    ("row", "reason"),
    (
        (b"[" * 100_000, "within each other"),
        (b'{"index": NaN}', "NaN"),
        (b"[1]", "no object"),
        (b"{}", "has no 'index'"),
        (b'{"index": true, "name": "", "result_sha256": ""}', "row.index of a frame is true"),
        (b'{"index": -1, "name": "", "result_sha256": ""}', "row.index of a frame is -1"),
        (b'{"index": 1e3, "name": "", "result_sha256": ""}', "row.index of a frame is 1000.0"),
        (b'{"index": 1, "name": 2, "result_sha256": ""}', "row.name of a frame is 2"),
        (
            b'{"index": 1, "name": "../../x", "result_sha256": ""}',
            'row.name of a frame is "../../x"',
        ),
        (b'{"index": 1, "name": "a\\u0000b", "result_sha256": ""}', "row.name"),
        (b'{"index": 1, "name": "\\ud800", "result_sha256": ""}', "half a character"),
        (b'{"index": 1, "name": "", "result_sha256": "00"}', "a result that does not match"),
        (b"\xff", "decode"),
    ),
)
def test_a_row_that_is_none_damages_its_frame(row, reason, tmp_path, caplog):
    write_log(tmp_path / "log", [noisy_frame(0)])
    rewritten(
        tmp_path / "log",
        with_messages(
            lambda message: message._replace(data=row) if message.channel == 2 else message
        ),
    )
    reader = LogReader(str(tmp_path / "log"))
    with pytest.raises(ModelFileError, match="no whole frame"):
        list(reader)
    assert reader.damaged == 1 and reason in caplog.text and len(caplog.text) < 500


def test_a_frame_whose_record_has_lost_its_kind_is_missed(tmp_path, caplog):
    write_log(tmp_path / "log", [noisy_frame(index) for index in range(3)])
    chunks = []

    def change(kind, payload):
        chunks.append(kind == mcap.CHUNK)
        return (0x70 if kind == mcap.CHUNK and sum(chunks) == 2 else kind), payload

    rewritten(tmp_path / "log", change)
    reader = LogReader(str(tmp_path / "log"))
    assert [entry.frame.index for entry in reader] == [0, 2] and reader.damaged == 1
    assert "damaged frames left out: 1, whole ones: 2" in caplog.text


def test_metadata_that_were_changed_are_refused(tmp_path):
    write_log(tmp_path / "log", [noisy_frame(0)])
    data = (tmp_path / "log").read_bytes()
    (tmp_path / "log").write_bytes(data.replace(b"tiny", b"tony"))
    with pytest.raises(ModelFileError, match="metadata of .* is damaged"):
        LogReader(str(tmp_path / "log"))


def write_cameras(path, frames, cameras=("front", "left")):
    with LogWriter(str(path), {"model": "tiny"}, LogForm(tuple(cameras))) as log:
        for frame in frames:
            result = result_for(frame)
            log.append(frame, result, row_of(frame, result, report_for(frame, result)))


def test_several_cameras_stand_in_one_log_each_with_topics_of_its_own(tmp_path):
    frames = [
        noisy_frame(index)._replace(camera=camera)
        for index, camera in ((0, "left"), (0, "front"), (1, "left"), (7, "left"))
    ]
    write_cameras(tmp_path / "log", frames)
    reader = LogReader(str(tmp_path / "log"))
    assert reader.recorded_by.cameras == ("front", "left") and reader.metadata["format"] == "2"
    assert [entry.frame[1:] for entry in reader] == [frame[1:] for frame in frames]
    assert [entry.frame.index for entry in reader.frames_of(("left",))] == [0, 1, 7]
    assert [entry.row["camera"] for entry in reader.frames_of(("front",))] == ["front"]
    assert reader.damaged == 0
    mcap_reader = pytest.importorskip("mcap.reader", reason="needs the mcap package")
    with open(str(tmp_path / "log"), "rb") as stream:
        counts = {}
        for _, channel, _ in mcap_reader.make_reader(stream).iter_messages():
            counts[channel.topic] = counts.get(channel.topic, 0) + 1
    assert counts == {
        "/%s/%s" % (camera, part): count
        for camera, count in (("front", 1), ("left", 3))
        for part in ("camera", "result", "arrays")
    }


def test_a_named_log_that_was_cut_short_is_finished(tmp_path):
    frames = [noisy_frame(at)._replace(camera=("front", "left")[at % 2]) for at in range(4)]
    write_cameras(tmp_path / "log", frames)
    whole = (tmp_path / "log").read_bytes()
    (tmp_path / "cut").write_bytes(whole[: len(whole) * 9 // 10])
    count = finish_log(str(tmp_path / "cut"))
    entries = list(LogReader(str(tmp_path / "cut")))
    assert len(entries) == count == 3
    assert [entry.frame.camera for entry in entries] == ["front", "left", "front"]


def test_a_frame_of_a_camera_that_the_log_has_not_is_damage(tmp_path):
    write_cameras(tmp_path / "log", [noisy_frame(0)._replace(camera="b")], ("a", "b"))
    with open(str(tmp_path / "log"), "rb") as stream:
        stream.seek(len(mcap.MAGIC))
        chunk = dict(mcap.read_records(stream))[mcap.CHUNK]
    entries = sealed_metadata({"cameras": '["a"]'})
    start = mcap.file_start(
        "catseye", "catseye", entries, LogForm().schemas(), LogForm(("a",)).channels()
    )
    (tmp_path / "mixed").write_bytes(start + mcap.record(mcap.CHUNK, chunk))
    with pytest.raises(ModelFileError, match="no whole frame"):
        list(LogReader(str(tmp_path / "mixed")))


def road_frame(index, size_wh=(80, 60)):
    """A frame, and a mask of half its size."""
    image = cv2.resize(noisy_frame(index).image, size_wh)
    mask = np.full((size_wh[1] // 2, size_wh[0] // 2), 3, np.uint8)
    mask[: index + 5] = 5
    return noisy_frame(index)._replace(image=image), RoadMask(mask, frame_wh=size_wh)


@pytest.mark.parametrize("codec", ("png", "jpeg", "h264"))
def test_a_mask_is_kept_small_and_comes_back_at_the_frames_size(tmp_path, codec):
    if codec == "h264":
        pytest.importorskip("av", reason="PyAV is not installed")
    frames = [road_frame(index) for index in range(3)]
    form = LogForm(pictures=PictureFormat(codec))
    with LogWriter(str(tmp_path / "log"), {"task": "road"}, form) as log:
        for frame, result in frames:
            log.append(frame, result, row_of(frame, result, report_for(frame, result)))
    reader = LogReader(str(tmp_path / "log"))
    assert reader.recorded_by.codec == codec
    for entry, (frame, result) in zip(reader, frames):
        assert np.array_equal(entry.arrays["mask"], result.mask)
        assert entry.frame.image.shape == frame.image.shape
        assert np.array_equal(entry.frame.image, frame.image) == (codec == "png")
        assert entry.row["frame_wh"] == [80, 60]


def test_a_log_of_format_1_is_read(tmp_path):
    """As it was written: three channels, the mask at the frame's size, no codec."""
    frame, result = road_frame(1)
    with LogWriter(str(tmp_path / "log"), {"task": "road"}) as log:
        log.append(frame, result, row_of(frame, result, report_for(frame, result)))
    with open(str(tmp_path / "log"), "rb") as stream:
        stream.seek(len(mcap.MAGIC))
        chunk = dict(mcap.read_records(stream))[mcap.CHUNK]
    arrays = {"0/outputs/mask": result.mask}
    row = json.loads(mcap.messages_of_chunk(chunk)[1].data)
    row.pop("frame_wh")
    row["result_sha256"] = digest_of({"mask": result.mask})
    messages = [
        message._replace(data=data)
        for message, data in zip(
            mcap.messages_of_chunk(chunk),
            (
                mcap.messages_of_chunk(chunk)[0].data,
                json.dumps(row).encode(),
                bytes_from_arrays(arrays),
            ),
        )
    ]
    start = mcap.file_start(
        "catseye",
        "catseye",
        {"task": "road", "format": "1"},
        LogForm().schemas()[:2],
        LogForm().channels()[:3],
    )
    (tmp_path / "old").write_bytes(start + mcap.chunk_with_indices(messages, 0)[0])
    (entry,) = LogReader(str(tmp_path / "old"))
    assert np.array_equal(entry.arrays["mask"], result.mask)
    assert np.array_equal(entry.frame.image, frame.image)


def test_viewers_see_the_mask_and_what_a_row_has(tmp_path):
    reader = pytest.importorskip("mcap.reader", reason="needs the mcap package")
    frame, result = road_frame(2)
    with LogWriter(str(tmp_path / "log"), {"task": "road"}) as log:
        row = row_of(frame, result, report_for(frame, result))
        log.append(frame, result, dict(row, hard=["stale"]))
    with open(str(tmp_path / "log"), "rb") as stream:
        found = {
            channel.topic: (schema, message)
            for schema, channel, message in reader.make_reader(stream).iter_messages()
        }
    assert set(found) == {"/camera", "/result", "/arrays", "/mask"}
    schema, message = found["/mask"]
    assert schema.name == "sensor_msgs/CompressedImage"
    picture = message.data[message.data.index(b"\x89PNG") :]
    shown = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    colours = np.array(result.classes.colours_rgb)[:, ::-1]
    assert np.array_equal(shown, colours[result.stored()["mask"]])
    schema, message = found["/result"]
    properties = json.loads(schema.data)["properties"]
    assert schema.encoding == "jsonschema" and set(json.loads(message.data)) == set(properties)


def test_a_codec_that_nobody_knows_is_one_line(tmp_path):
    write_log(tmp_path / "log", [noisy_frame(0)])
    start = mcap.file_start("catseye", "catseye", sealed_metadata({"codec": "av9"}), (), ())
    (tmp_path / "new").write_bytes(start)
    with pytest.raises(ModelFileError, match="pictures of codec 'av9'"):
        LogReader(str(tmp_path / "new"))


def test_a_small_frame_may_have_the_result_of_a_large_model(tmp_path):
    """A sparse coder of its own size sees the frame enlarged: codes of 40 MB, nearly all zero."""
    frame = noisy_frame(0)
    result = SparseCode(np.zeros((400, 171, 146), np.float32), np.zeros((48, 64), np.uint8))
    with LogWriter(str(tmp_path / "log"), {"task": "sparse"}) as log:
        log.append(frame, result, {"index": 0})
    (entry,) = LogReader(str(tmp_path / "log"))
    assert entry.arrays["code"].shape == (400, 171, 146)
