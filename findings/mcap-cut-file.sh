#!/usr/bin/env bash
# mcap 1.6.0 (Python): which of its readers give what is whole in a file whose writer was killed.
# The file has 20 messages, one a chunk, and was cut behind the last chunk: nothing of them is missing, only the end.
#
# Seen: StreamReader and NonSeekingReader(log_time_order=False) give all 20 and then raise EndOfFile;
# make_reader and NonSeekingReader in its usual order, by time, give none at all: they read to the end before they
# give the first.
#   make_reader: 0, NonSeekingReader: 0, NonSeekingReader(log_time_order=False): 20, StreamReader: 20
# Exits 1 where that has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mcap==1.6.0
"$folder/venv/bin/python" - <<'PYTHON' | tee "$folder/seen"
import io

from mcap.reader import NonSeekingReader, make_reader
from mcap.records import DataEnd, Message
from mcap.stream_reader import StreamReader
from mcap.writer import CompressionType, Writer

whole = io.BytesIO()
writer = Writer(whole, chunk_size=1, compression=CompressionType.NONE)  # a chunk a message
writer.start()
channel = writer.register_channel("/words", "json", writer.register_schema("words", "jsonschema", b"{}"))
for number in range(20):
    writer.add_message(channel, 1000 + number, b"{}", 1000 + number)
writer.finish()
whole.seek(0)
end = next(whole.tell() for record in StreamReader(whole).records if isinstance(record, DataEnd))
cut = whole.getvalue()[: end - 13]  # DataEnd itself has 13 bytes


def counted(messages):
    found = 0
    try:
        for _ in messages():
            found += 1
    except Exception:
        pass
    return found


def stream():
    return io.BytesIO(cut)


ways = {
    "make_reader": lambda: make_reader(stream()).iter_messages(),
    "NonSeekingReader": lambda: NonSeekingReader(stream()).iter_messages(),
    "NonSeekingReader(log_time_order=False)": lambda: NonSeekingReader(stream()).iter_messages(
        log_time_order=False
    ),
    "StreamReader": lambda: (
        each for each in StreamReader(stream()).records if isinstance(each, Message)
    ),
}
print(", ".join("%s: %d" % (name, counted(way)) for name, way in ways.items()))
PYTHON
grep -qx 'make_reader: 0, NonSeekingReader: 0, NonSeekingReader(log_time_order=False): 20, StreamReader: 20' "$folder/seen"
