"""Silence and a descriptor of our own: inside pytest, and in processes whose stderr is a plain
descriptor 2."""

import os
import subprocess
import sys
import threading

import pytest

from catseye.runtime.system.native_stderr import captured_native_stderr, silenced_native_stderr

IMPORTS = (
    "import os, subprocess, sys\n"
    "from catseye.runtime.system.native_stderr import *\n"
    "say = lambda text: print(text, file=sys.stderr)\n"
)


def stderr_of(program):
    """What a process that runs `program` writes to its real stderr, in lines."""
    answer = subprocess.run(
        [sys.executable, "-c", IMPORTS + program], stderr=subprocess.PIPE, timeout=60
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stderr.decode().splitlines()


def test_native_words_are_swallowed_only_inside(capfd):
    os.write(2, b"before ")
    with silenced_native_stderr():
        os.write(2, b"libpng error ")
    os.write(2, b"after")
    assert capfd.readouterr().err == "before after"


def test_what_native_code_said_can_be_asked_for(capfd):
    with captured_native_stderr() as said:
        os.write(2, b"Error generated. ")
        assert said() == "Error generated. "
        os.write(2, b"No cameras available")
        assert said().endswith("No cameras available")
    assert capfd.readouterr().err == ""


def test_silences_of_two_threads_overlap(capfd):
    """The first to begin ends first: it neither waits nor puts back what the other still needs."""
    begun, ended = threading.Event(), threading.Event()

    def other():
        with silenced_native_stderr():
            begun.set()
            assert ended.wait(30)

    thread = threading.Thread(target=other)
    with silenced_native_stderr():
        thread.start()
        assert begun.wait(30)
    os.write(2, b"still silent ")
    ended.set()
    thread.join()
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


def test_a_program_is_heard_while_native_code_is_not():
    program = "take_stderr()\nwith silenced_native_stderr():\n say('ours')\n os.write(2, b'theirs')"
    assert stderr_of(program) == ["ours"]


def test_a_library_silences_nobody_whose_words_share_the_descriptor():
    program = (
        "with silenced_native_stderr():\n say('ours')\n os.write(2, b'theirs\\n')\n"
        "with captured_native_stderr() as said:\n say('more')\n assert said() == 'more\\n'"
    )
    assert stderr_of(program) == ["ours", "theirs", "more"]


def test_children_have_the_usual_stderr_and_not_ours():
    program = (
        "take_stderr()\nours = sys.stderr.fileno()\nassert ours != 2\n"
        "child = 'import os, sys; print(\"heard\", file=sys.stderr); os.fstat(%d)' % ours\n"
        "code = subprocess.call([sys.executable, '-c', child], close_fds=False)\n"
        "say('exit code %d' % code)"
    )
    lines = stderr_of(program)
    assert lines[0] == "heard" and lines[-1] == "exit code 1" and "Bad file" in lines[-2]


@pytest.mark.parametrize("stderr", ("2>&-", "2>/dev/full"))
def test_a_stderr_that_takes_nothing_ends_nothing(stderr, tmp_path):
    """Closed or full; no file that is opened later gets number 2."""
    program = (
        "take_stderr()\n"
        "with silenced_native_stderr():\n say('x' * 10**6)\n"
        "say('more')\nsys.stderr.flush()\n"
        "first = open('whole', 'w')\nassert first.fileno() > 2\nfirst.write('done')"
    )
    command = '"%s" -c "$PROGRAM" %s' % (sys.executable, stderr)
    variables = dict(os.environ, PROGRAM=IMPORTS + program)
    subprocess.run(["bash", "-c", command], cwd=str(tmp_path), env=variables, timeout=60)
    assert (tmp_path / "whole").read_text() == "done"
