"""Recordings: frames with their results and what computed them, in a file that survives whatever
stops the writer.

Knows the log that `record://` writes and `replay://` reads (docs/recordings.md); not where frames
come from or go.
"""
