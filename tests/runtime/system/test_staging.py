"""What a killed process left is removed by the next; what a living one writes is not."""

import os
import signal
import subprocess
import sys

import pytest

from catseye.runtime.sinks import open_sink
from catseye.runtime.system.files import write_bytes
from catseye.runtime.system.staging import remove_abandoned, staged_file, staged_folder

WRITER = """
import sys, time
from catseye.runtime.system.files import written_beside
from catseye.runtime.system.staging import staged_folder
with written_beside(sys.argv[1]), staged_folder(sys.argv[1]):
    print("begun", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def writer(tmp_path):
    """Another process that is writing a file and a folder."""
    command = [sys.executable, "-c", WRITER, str(tmp_path / "model.onnx")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"begun\n"
    yield process
    process.kill()
    process.communicate()


def staged_in(folder):
    return [name for name in os.listdir(str(folder)) if name.startswith(".writing-")]


def test_a_living_process_keeps_what_it_writes(tmp_path, writer):
    write_bytes(str(tmp_path / "other"), b"")
    assert remove_abandoned(str(tmp_path)) == [] and len(staged_in(tmp_path)) == 2


def test_the_next_one_removes_what_a_killed_process_left(tmp_path, writer):
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    assert len(staged_in(tmp_path)) == 2
    write_bytes(str(tmp_path / "other"), b"")
    assert os.listdir(str(tmp_path)) == ["other"]


@pytest.mark.parametrize("uri", ("out.mp4", "record://log", "jsonl://rows", "folder://.?limit=1MB"))
def test_a_sink_does_so_when_it_is_opened(tmp_path, writer, uri, monkeypatch):
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    monkeypatch.chdir(tmp_path)
    open_sink(uri, 30.0).close()
    assert staged_in(tmp_path) == []


def test_what_others_call_so_is_let_be(tmp_path):
    for name in (".writing-notes", ".writing-ABCDEFGH-notes", "x.writing-ab12cd34-y"):
        (tmp_path / name).write_text("mine")
    assert remove_abandoned(str(tmp_path)) == [] and len(os.listdir(str(tmp_path))) == 3


def test_a_name_that_keeps_the_suffix_and_a_lock_that_ends_with_the_descriptor(tmp_path):
    descriptor, temporary = staged_file(str(tmp_path / "a.mp4"))
    assert temporary.endswith("-a.mp4") and remove_abandoned(str(tmp_path)) == []
    os.close(descriptor)
    assert remove_abandoned(str(tmp_path)) == [temporary] and os.listdir(str(tmp_path)) == []


def test_a_folder_is_gone_at_the_end(tmp_path):
    with staged_folder(str(tmp_path / "set")) as temporary:
        open(os.path.join(temporary, "picture"), "w").close()
    assert os.listdir(str(tmp_path)) == []


def test_folders_that_are_not_there_hold_nothing(tmp_path):
    assert remove_abandoned(str(tmp_path / "none")) == []


def test_the_longest_names_are_written(tmp_path):
    for name in ("n" * 251 + ".png", "\u00e9" * 125 + ".json"):
        write_bytes(str(tmp_path / name), b"whole")
        assert (tmp_path / name).read_bytes() == b"whole"
