import subprocess
import sys
from pathlib import Path

import pytest

from catseye.runtime.system.process_list import hidden_words

SECRETIVE = """
import sys
from catseye.runtime.system.process_list import hide_secrets_of_command_line
hide_secrets_of_command_line()
print("ready", sys.argv[1:], flush=True)
input()
"""


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="Linux keeps the words in memory")
def test_ps_shows_no_password_and_the_program_keeps_it():
    words = ["rtsp://me:S3cret@h/x", "--token", "S3", "http://h?pwd=S3", "ö (S) 3", ""]
    process = subprocess.Popen(
        [sys.executable, "-c", SECRETIVE, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        universal_newlines=True,
    )
    try:
        assert process.stdout.readline() == "ready %s\n" % words
        shown = Path("/proc/%d/cmdline" % process.pid).read_bytes().split(b"\0")
    finally:
        process.communicate("\n")
    assert shown[-7:-1] == [
        b"rtsp://me:***@h/x   ", b"--token", b"**", b"http://h?pwd=**", "ö (S) 3".encode(), b"",
    ]  # fmt: skip
    assert process.returncode == 0


@pytest.mark.parametrize("words", (b"", b"a\0b\0", b"\xff\xfe=\xff\0", b"rtsp://u:\xff@h\0x"))
def test_bytes_stay_as_many(words):
    assert len(hidden_words(words)) == len(words)
    assert hidden_words(words).count(b"\0") == words.count(b"\0")
