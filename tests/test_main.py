"""The command line: what a user can get wrong is one line and exit code 2, never a traceback."""

import subprocess
import sys

import pytest
from tiny_model import tiny_onnx

from catseye import __version__
from catseye.__main__ import VERBS, main


@pytest.mark.parametrize(
    "arguments",
    [
        ["nosuch"],
        ["train"],
        ["train", "nosuch"],
        ["train", "road", "--epochs", "0"],
        ["train", "digits", "--data", "/nowhere"],
        ["train", "digits", "--data", "demo", "--hold-out", "0006R0"],
        ["eval", "nosuch", "--data", "demo"],
        ["export", "nosuch"],
        ["export", "n" * 5000],
        ["verify", "nosuch"],
        ["bench", "nosuch"],
        ["pack", "nosuch"],
        ["run", "digits", "--source", "p.png", "--frames", "99999999999999999999"],
        ["train", "digits", "--data", "demo", "--seed", "-1"],
        ["verify", "/"],
    ],
)
def test_one_line_and_exit_2(arguments, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert (
        said.out == ""
        and len(said.err.strip().splitlines()) == 1
        and said.err.startswith("catseye: ")
    )


def test_a_road_checkpoint_is_no_digits_model(small_checkpoint, tmp_path, capsys):
    assert main(["export", str(small_checkpoint), "-o", str(tmp_path / "road.txt")]) == 2
    assert ".onnx" in capsys.readouterr().err


def test_no_data_where_data_should_be(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("CATSEYE_DATA", raising=False)
    for task in ("digits", "gan", "road", "sparse"):
        assert main(["train", task, "--data", str(tmp_path), "--out", str(tmp_path / task)]) == 2
        assert main(["train", task, "--out", str(tmp_path / task)]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_an_earlier_run_is_not_overwritten(tmp_path, capsys):
    (tmp_path / "progress.pt").write_bytes(b"precious")
    assert main(["train", "digits", "--data", "demo", "--out", str(tmp_path)]) == 2
    assert (
        "--resume" in capsys.readouterr().err
        and (tmp_path / "progress.pt").read_bytes() == b"precious"
    )


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_help(verb, capsys):
    with pytest.raises(SystemExit) as ended:
        main([verb, "--help"])
    assert ended.value.code == 0 and "usage: catseye " + verb in capsys.readouterr().out


def test_version_and_help(capsys):
    assert main(["--version"]) == 0 and __version__ in capsys.readouterr().out
    assert main([]) == 0 and "run" in capsys.readouterr().out


def test_the_module_runs():
    answer = subprocess.run(
        [sys.executable, "-m", "catseye", "--version"], capture_output=True, text=True
    )
    assert answer.returncode == 0 and __version__ in answer.stdout


def test_other_packages_warn_but_do_not_chat():
    program = (
        "import logging, sys; from catseye.commands import doctor;"
        "from catseye.__main__ import main; other = logging.getLogger('matplotlib.category');"
        "doctor.main = lambda argv: other.info('chat') or other.warning('beware')"
        " or logging.getLogger('catseye').info('ours') or 0; sys.exit(main(['doctor']))"
    )
    answer = subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True)
    assert answer.returncode == 0
    assert answer.stderr.splitlines() == ["catseye: beware", "catseye: ours"]


def test_a_reader_that_leaves_is_no_error():
    """Longer than a pipe holds, so that the writer notices."""
    program = (
        "import sys; from catseye.commands import doctor; from catseye.__main__ import main;"
        "doctor.main = lambda argv: print('x' * 10**6) or 0; sys.exit(main(['doctor']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.read(1)
    process.stdout.close()
    assert process.stderr.read() == b"" and process.wait() == 0


@pytest.mark.parametrize("words", ["--help", "--version"])
def test_standard_output_without_room_is_one_line(words):
    with open("/dev/full", "w") as full:
        answer = subprocess.run(
            [sys.executable, "-m", "catseye", words], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert answer.returncode == 2
    assert answer.stderr == (
        "catseye: cannot write standard output: No space left on device;"
        " expected a place with room\n"
    )


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error(closed):
    words = '"$0" -m catseye --version ' + closed
    answer = subprocess.run(["sh", "-c", words, sys.executable], stderr=subprocess.PIPE)
    assert (answer.returncode, answer.stderr) == (0, b"")


@pytest.mark.parametrize("verb", ("show", "export"))
def test_a_package_that_a_verb_wants_late_is_one_line(verb, small_checkpoint):
    program = (
        "import sys; sys.modules['torch'] = None; from catseye.__main__ import main;"
        "sys.exit(main(sys.argv[1:]))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, verb, str(small_checkpoint)], capture_output=True, text=True
    )
    assert answer.returncode == 2 and answer.stderr.count("\n") == 1
    assert "torch cannot be imported" in answer.stderr
    assert "pip install 'catseye[cpu]'" in answer.stderr


@pytest.mark.parametrize(
    "verb", ("run", "bench", "verify", "pack", "build", "export", "show", "eval", "analyze cost")
)
def test_every_verb_says_how_the_network_of_another_tool_is_adopted(verb, tmp_path, capsys):
    for name in ("net.onnx", "net.pt2"):
        path = tmp_path / name
        path.write_bytes(b"PK\3\4" if name == "net.pt2" else tiny_onnx())
        more = ["--source", "synthetic://road"] if verb == "run" else []
        more += ["--data", "demo"] if verb == "eval" else []
        assert main([*verb.split(), str(path), *more]) == 2
        said = capsys.readouterr().err
        assert f"catseye adopt {path} -o mine.onnx" in said and said.count("\n") == 1


@pytest.mark.parametrize("word", ("-q", "--verbose"))
def test_loudness_may_come_before_the_command(word, capsys):
    assert main([word, "show", "digits"]) == 0
    assert main([word]) == 0 and "usage: catseye" in capsys.readouterr().out
