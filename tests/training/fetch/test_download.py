"""Downloads from a server that breaks off, lies, stalls, redirects: the right bytes, or one clear
complaint."""

import os

import numpy as np
import pytest
from file_server import serving

from catseye.runtime.errors import CatseyeError
from catseye.training.fetch.download import Patience, download

CONTENT = np.random.RandomState(0).bytes(300_000)
QUICK = Patience(silence_s=30, attempts=3, pause_s=0.01)
IMPATIENT = QUICK._replace(silence_s=1)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server():
    with serving({"/file": CONTENT, "/other": CONTENT[::-1]}) as server:
        yield server


@pytest.fixture
def bring(tmp_path, server):
    """Download into tmp_path/file: only CONTENT is accepted; returns the Range headers that were
    sent."""
    path = str(tmp_path / "file")

    def accept(part):
        if open(part, "rb").read() != CONTENT:
            return "holds other content"
        os.replace(part, path)
        return ""

    def bring(*paths, most_bytes=10**6, patience=QUICK):
        download(
            path,
            [p if "://" in p else server.address + p for p in paths],
            most_bytes,
            accept,
            patience,
        )
        assert open(path, "rb").read() == CONTENT
        assert os.listdir(tmp_path) == ["file"]
        return [asked for _, asked in server.asked]

    bring.part = path + ".part"
    bring.path = path
    return bring


def refused(bring, *paths, match, **options):
    with pytest.raises(CatseyeError, match=match) as error:
        bring(*paths, **options)
    assert len(str(error.value).splitlines()) == 1
    assert not os.path.exists(bring.path)


def test_a_good_server(bring):
    assert bring("/file") == [None]


def test_a_server_that_breaks_off_is_asked_for_the_rest(bring, server):
    server.break_after = [100_000, 50_000]
    assert bring("/file") == [None, "bytes=100000-", "bytes=150000-"]


def test_a_server_that_breaks_off_for_ever_but_brings_something_is_not_given_up(bring, server):
    server.break_after = [20_000] * 12  # more often than QUICK.attempts
    assert len(bring("/file")) == 13


def test_a_part_of_an_earlier_run_is_continued(bring, server):
    with open(bring.part, "wb") as part:
        part.write(CONTENT[:200_000])
    assert bring("/file") == ["bytes=200000-"]


def test_a_server_without_range_begins_again(bring, server):
    server.has_range, server.break_after = False, [100_000]
    assert bring("/file") == [None, "bytes=100000-"]


def test_a_server_that_sends_another_part_than_asked_for_is_not_believed(bring, server):
    server.wrong_range, server.break_after = True, [100_000]
    refused(bring, "/file", match="another part")


def test_a_part_of_other_content_is_thrown_away_and_begun_again(bring, server):
    with open(bring.part, "wb") as part:
        part.write(b"x" * 1000)
    assert bring("/file") == ["bytes=1000-", None]


def test_a_whole_part_is_not_fetched_again(bring, server):
    with open(bring.part, "wb") as part:
        part.write(CONTENT)
    assert bring("/file") == [f"bytes={len(CONTENT)}-"]


def test_a_part_that_is_too_long_is_thrown_away(bring, server):
    with open(bring.part, "wb") as part:
        part.write(CONTENT + b"more")
    assert bring("/file")[-1] is None


def test_a_lie_is_thrown_away_and_the_next_address_asked(bring):
    assert bring("/other", "/file") == [None, None]


def test_a_lie_alone_is_an_error(bring):
    refused(bring, "/other", match="holds other content")
    assert not os.path.exists(bring.part)


def test_a_cut_that_nothing_announced_is_an_error(bring, server):
    server.has_length, server.break_after = False, [100_000] * 9
    refused(bring, "/file", match="holds other content")


def test_a_silent_server_is_left_and_continued(bring, server):
    server.stall_after = [100_000]
    assert bring("/file", patience=IMPATIENT) == [None, "bytes=100000-"]


def test_a_server_that_stays_silent(bring, server):
    server.stall_after = [0] * 9
    refused(bring, "/file", match="no answer for 1 s", patience=IMPATIENT)


def test_what_arrived_from_a_server_that_died_is_kept(bring, server):
    server.break_after = [100_000] + [0] * 9
    refused(bring, "/file", match="kept in")
    assert os.path.getsize(bring.part) == 100_000


def test_redirects_are_followed_with_the_range(bring, server):
    server.redirects = {"/moved": server.address + "/file"}
    server.break_after = [100_000]
    assert bring("/moved") == [None, None, "bytes=100000-", "bytes=100000-"]


def test_a_redirect_in_circles(bring, server):
    server.redirects = {"/moved": server.address + "/moved"}
    refused(bring, "/moved", match="redirect")


def test_404_is_not_asked_again(bring, server):
    assert bring("/gone", "/file") == [None, None]


def test_404_everywhere_names_each_server(bring, server):
    refused(bring, "/gone", "/lost", match="HTTP 404.*HTTP 404")
    assert len(server.asked) == 2


def test_a_busy_server_is_asked_again(bring, server):
    server.first_status = [503, 429]
    assert bring("/file") == [None, None, None]


def test_a_server_that_is_not_there(bring):
    refused(bring, "http://127.0.0.1:9/file", match="127.0.0.1:9.*refused")


def test_a_file_without_end_is_cut(bring):
    refused(bring, "/file", match="more than 0 MB", most_bytes=250_000)
    assert not os.path.exists(bring.part)


def test_two_at_once_do_not_mix(bring, server):
    import fcntl

    with open(bring.part, "ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        refused(bring, "/file", match="another process")


def test_through_a_proxy(bring, server, monkeypatch):
    monkeypatch.setenv("http_proxy", server.address)
    assert bring("http://data.invalid/file") == [None]
    assert server.asked[0][0] == "http://data.invalid/file"


def test_a_folder_that_cannot_be_written(tmp_path, server):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(CatseyeError, match="another --to"):
        download(
            str(tmp_path / "taken" / "file"),
            [server.address + "/file"],
            10**6,
            lambda part: "",
            QUICK,
        )
