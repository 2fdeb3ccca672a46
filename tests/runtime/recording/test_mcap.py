"""What we write is MCAP: read with the official library, whole and cut short."""

import io

import pytest

from catseye.runtime.recording import mcap

SCHEMAS = (mcap.Schema(1, "words", "jsonschema", "{}"),)
CHANNELS = (mcap.Channel(1, 1, "/words", "json"), mcap.Channel(2, 0, "/bytes", "raw"))


def messages_at(number):
    return [
        mcap.Message(1, 1000 + number, b'{"number": %d}' % number),
        mcap.Message(2, 1000 + number, bytes(number)),
    ]


def small_file(chunks=4):
    """The bytes of a whole file, and where its data ends."""
    data = mcap.file_start("test", "facts", {"card": "{}", "näme": "wért"}, SCHEMAS, CHANNELS)
    summary = mcap.Summary(data)
    for number in range(chunks):
        chunk, indices = mcap.chunk_with_indices(messages_at(number), number)
        summary.add(len(data), len(chunk), messages_at(number), [len(index) for index in indices])
        data += chunk + b"".join(indices)
    return data + summary.file_end(len(data)), len(data)


def test_the_official_library_reads_it_by_its_index():
    reader = pytest.importorskip("mcap.reader", reason="needs the mcap package")
    data, _ = small_file()
    seeking = reader.SeekingReader(io.BytesIO(data), validate_crcs=True)
    found = [
        (channel.topic, message.log_time, message.sequence, message.data)
        for _, channel, message in seeking.iter_messages()
    ]
    assert found == [
        (topic, 1000 + n, n, message.data)
        for n in range(4)
        for topic, message in zip(("/words", "/bytes"), messages_at(n))
    ]
    (metadata,) = seeking.iter_metadata()
    assert (metadata.name, metadata.metadata) == ("facts", {"card": "{}", "näme": "wért"})
    statistics = seeking.get_summary().statistics
    assert (
        statistics.message_count,
        statistics.chunk_count,
        statistics.schema_count,
        statistics.channel_count,
        statistics.metadata_count,
    ) == (8, 4, 1, 2, 1)
    assert (statistics.message_start_time, statistics.message_end_time) == (1000, 1003)
    assert statistics.channel_message_counts == {1: 4, 2: 4}
    only = [
        message.log_time
        for _, _, message in seeking.iter_messages(topics=["/bytes"], starting_at=1002)
    ]
    assert only == [1002, 1003]


def test_the_official_library_reads_what_is_left_of_a_file_cut_short():
    reader = pytest.importorskip("mcap.reader", reason="needs the mcap package")
    data, end = small_file()
    stream = reader.NonSeekingReader(io.BytesIO(data[: end - 1]))
    found = []
    with pytest.raises(Exception):  # noqa: B017 (the library complains about the end, after the messages)
        for _, _, message in stream.iter_messages(log_time_order=False):
            found.append(message.log_time)
    assert found == [1000, 1000, 1001, 1001, 1002, 1002, 1003, 1003]


@pytest.mark.parametrize("whole", (True, False))
def test_we_read_what_we_write(whole):
    data, end = small_file()
    stream = io.BytesIO(data if whole else data[:end])
    assert stream.read(len(mcap.MAGIC)) == mcap.MAGIC
    records = list(mcap.read_records(stream))
    chunks = [payload for kind, payload in records if kind == mcap.CHUNK]
    assert [mcap.messages_of_chunk(chunk) for chunk in chunks] == [
        messages_at(number) for number in range(4)
    ]
    assert (records[-1][0] == mcap.FOOTER) is whole
    (facts,) = [payload for kind, payload in records if kind == mcap.METADATA]
    assert mcap.metadata_of(facts) == ("facts", {"card": "{}", "näme": "wért"})


def test_a_file_cut_anywhere_gives_its_whole_records():
    data, _ = small_file(2)
    counts = []
    for size in range(len(mcap.MAGIC), len(data)):
        stream = io.BytesIO(data[:size])
        stream.seek(len(mcap.MAGIC))
        counts.append(len(list(mcap.read_records(stream))))
    assert counts == sorted(counts) and counts[0] == 0


def test_any_flipped_byte_of_a_chunk_is_noticed():
    chunk = mcap.chunk_with_indices(messages_at(3), 3)[0][9:]
    # its own times, before that, are not covered by the CRC, and not used
    for place in range(16, len(chunk)):
        damaged = bytearray(chunk)
        damaged[place] ^= 0x10
        with pytest.raises(ValueError):
            mcap.messages_of_chunk(bytes(damaged))


def test_a_record_longer_than_its_file_is_not_read():
    class Counted(io.BytesIO):
        largest = 0

        def read(self, size=-1):
            self.largest = max(self.largest, size)
            return super().read(size)

    stream = Counted(mcap.record(mcap.CHUNK, b"whole") + b"\x06" + (1 << 29).to_bytes(8, "little"))
    assert [payload for _, payload in mcap.read_records(stream)] == [b"whole"]
    assert stream.largest == 9


@pytest.mark.parametrize(
    "pairs",
    (
        mcap.text("a") + mcap.text("b") + mcap.text("a") + mcap.text("c"),  # twice
        mcap.text("a"),  # without a value
        mcap.text("a") + b"\xff\xff\xff\xff" + b"b",  # longer than all
        mcap.text("a") + mcap.text("b")[:-1],
        mcap.text("a") + b"\x01\0\0\0\xff",  # no UTF-8
    ),
)
def test_metadata_that_are_none_are_an_error(pairs):
    head = mcap.text("facts")
    with pytest.raises(ValueError):
        mcap.metadata_of(head + len(pairs).to_bytes(4, "little") + pairs)
    for length in (len(pairs) - 1, len(pairs) + 1, 1 << 31):
        with pytest.raises(ValueError):
            mcap.metadata_of(head + length.to_bytes(4, "little") + pairs)
