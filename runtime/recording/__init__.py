"""Recordings: frames with their results and what computed them, in a file that survives whatever
stops the writer.

Knows the log that `record://` writes and `replay://` reads (docs/recordings.md); not where frames
come from or go.
"""

from catseye.runtime.recording.entry import Entry, EntryWriter, LogForm
from catseye.runtime.recording.log import LogReader, LogWriter
from catseye.runtime.recording.repair import finish_log, is_cut_short

__all__ = [
    "Entry",
    "EntryWriter",
    "LogForm",
    "LogReader",
    "LogWriter",
    "finish_log",
    "is_cut_short",
]
