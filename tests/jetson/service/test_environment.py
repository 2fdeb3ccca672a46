import shlex

import pytest

from catseye.jetson.service.environment import environment_text, secrets_moved, variables_named
from catseye.runtime.errors import CatseyeError

CAMERA = 'rtsp://me:S3/c$ret`"\\@h/x?a=1 2'
PAGE = "http://0.0.0.0:8080?token=S3-of-the-page"


def test_addresses_with_secrets_leave_the_words():
    words = ["--source", CAMERA, "--sink=" + PAGE, "--sink", "jsonl://rows.jsonl", "--budget=50"]
    moved = secrets_moved(words)
    assert moved.words == [
        "--source", "env://CATSEYE_ADDRESS_1", "--sink=env://CATSEYE_ADDRESS_2",
        "--sink", "jsonl://rows.jsonl", "--budget=50",
    ]  # fmt: skip
    assert moved.secrets == {"CATSEYE_ADDRESS_1": CAMERA, "CATSEYE_ADDRESS_2": PAGE}
    assert secrets_moved(moved.words) == (moved.words, {})


def test_the_file_gives_them_back_as_they_were():
    secrets = secrets_moved([CAMERA, PAGE]).secrets
    lines = environment_text(secrets).splitlines()
    assert dict(shlex.split(line)[0].split("=", 1) for line in lines if "`" not in line) == {
        "CATSEYE_ADDRESS_2": PAGE
    }
    # shlex leaves the backslash before a backtick and a dollar
    assert lines[0] == 'CATSEYE_ADDRESS_1="rtsp://me:S3/c\\$ret\\`\\"\\\\@h/x?a=1 2"'


def test_what_fits_no_line_is_refused_without_the_secret():
    with pytest.raises(CatseyeError, match="control character") as caught:
        secrets_moved(["rtsp://me:S3\n@h"])
    assert "S3" not in str(caught.value)


def test_variables_that_the_words_name_themselves(monkeypatch):
    monkeypatch.setenv("PAGE", PAGE)
    words = ["--source", "csi://0", "--sink=env://PAGE"]
    assert variables_named(words) == {"PAGE": PAGE}
    with pytest.raises(CatseyeError, match="no address of that name"):
        variables_named(["env://CATSEYE_TEST_NOWHERE"])


def test_a_variable_that_systemd_would_pass_over_is_refused(monkeypatch):
    monkeypatch.setenv("my-page", PAGE)
    with pytest.raises(CatseyeError, match="'my-page'; expected letters"):
        variables_named(["env://my-page"])


def test_names_of_our_own_never_take_those_of_the_words():
    moved = secrets_moved(["--source", "env://CATSEYE_ADDRESS_1", "--sink", PAGE])
    assert moved.words[3] == "env://CATSEYE_ADDRESS_2"
    assert moved.secrets == {"CATSEYE_ADDRESS_2": PAGE}


def test_a_cameras_name_stays_with_the_words(monkeypatch):
    monkeypatch.setenv("LEFT", "rtsp://a:b@h")
    words = [
        "--source",
        "front=" + CAMERA,
        "--source=rear=" + CAMERA,
        "--source",
        "left=env://LEFT",
    ]
    moved = secrets_moved(words)
    assert moved.words == [
        "--source",
        "front=env://CATSEYE_ADDRESS_1",
        "--source=rear=env://CATSEYE_ADDRESS_2",
        "--source",
        "left=env://LEFT",
    ]
    assert set(moved.secrets.values()) == {CAMERA}
    assert variables_named(words) == {"LEFT": "rtsp://a:b@h"}
