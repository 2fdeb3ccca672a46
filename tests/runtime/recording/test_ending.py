import io

from catseye.runtime.recording import mcap
from catseye.runtime.recording.ending import Ending

CHANNELS = (mcap.Channel(1, 0, "/bytes", "raw"),)


def small_file(chunks=3):
    data = mcap.file_start("test", "facts", {"a": "b"}, (), CHANNELS)
    summary = mcap.Summary(data)
    for number in range(chunks):
        messages = [mcap.Message(1, number, b"x")]
        chunk, indices = mcap.chunk_with_indices(messages, number)
        summary.add(len(data), len(chunk), messages, [len(index) for index in indices])
        data += chunk + b"".join(indices)
    return data + summary.file_end(len(data)), len(data)


def chunks_of(data):
    stream, ending = io.BytesIO(data), Ending()
    stream.seek(len(mcap.MAGIC))
    for kind, payload in mcap.read_records(stream):
        ending.follow(kind, payload)
    return ending.chunks


def test_a_finished_file_says_how_many_chunks_it_has():
    assert [chunks_of(small_file(chunks)[0]) for chunks in (1, 3, 40)] == [1, 3, 40]


def test_a_file_cut_short_says_nothing():
    data, _ = small_file()
    whole = len(data) - len(mcap.MAGIC)  # the magic is no record
    assert [size for size in range(8, len(data)) if chunks_of(data[:size])] == list(
        range(whole, len(data))
    )


def test_any_flipped_byte_of_the_summary_is_noticed():
    data, end = small_file()
    start = end + 9 + 4  # behind DataEnd
    for place in range(start, len(data) - len(mcap.MAGIC)):
        damaged = bytearray(data)
        damaged[place] ^= 0x10
        assert chunks_of(bytes(damaged)) is None
