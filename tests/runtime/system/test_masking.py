import itertools
import random
from urllib.parse import quote

import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.masking import masked, masked_text, masked_words

SECRETS = (
    "S3cret",
    "S3/cret",
    "S3@cret",
    "S3:cret",
    "S3?cret",
    "S3#cret",
    "S3%40cret",
    "S3***",
    "*",
    "Ü S3",
)
NAMES = (
    "password passwd pwd pass PASSWORD Password token access_token key api_key apiKey auth authkey"
    " X-Auth-Token secret client_secret loginpas signature p%61ssword p"
).split()


def forms(secret, name):
    """Addresses that hold one secret, and what of them stays."""
    whole = secret.replace("&", "%26")
    yield "rtsp://admin:%s@10.0.0.7:554/live" % secret, "rtsp://admin:***@10.0.0.7:554/live"
    yield "RTSP://me@corp.com:%s@cam/x" % secret, "RTSP://me@corp.com:***@cam/x"
    yield "rtsps://:%s@[fe80::1]:322/x" % secret, "rtsps://:***@[fe80::1]:322/x"
    for sign in "?/":
        yield (
            "http://10.0.0.7:80/a%suser=admin&%s=%s" % (sign, name, whole),
            "http://10.0.0.7:80/a%suser=admin&%s=***" % (sign, name),
        )
    yield "http://cam/?%s=%s&usr=me" % (name, whole), "http://cam/?%s=***&usr=me" % name


@pytest.mark.parametrize("secret, name", list(itertools.product(SECRETS, NAMES)))
def test_a_secret_in_any_form_is_masked_and_the_rest_is_not(secret, name):
    for address, shown in forms(secret, name):
        if "@" in secret and "=" in address:  # hidden with more than itself
            assert masked(address).startswith(shown[:12])
        else:
            assert masked(address) == shown
        for text in (masked(address), masked_text(address), masked(masked(address))):
            assert secret not in text or secret == "*" or " " in secret
        assert masked(masked(address)) == masked(address)


def test_no_letter_of_a_secret_is_left_whatever_it_holds():
    """Secrets of letters that occur nowhere else, at every place of an address at once."""
    rng = random.Random(1)
    for _ in range(3000):
        pick = (
            "".join(rng.choice("QZ97/@:?#%&*;,.+~!$'()[]") for _ in range(rng.randint(1, 12))) + "Q"
        )
        value = pick.replace("&", "%26")
        first = rng.choice(("", "user:%s@" % pick, "user:%s@" % quote(pick, safe="")))
        query = "&".join(
            "%s=%s" % (rng.choice(NAMES), rng.choice((value, quote(value, safe=""))))
            for _ in range(rng.randint(0 if first else 1, 3))
        )
        address = "rtsp://%shost/path?%s" % (first, query)
        for shown in (masked(address), masked_text("no video from %s; try" % address)):
            assert not set(shown) & set("QZ97"), (address, shown)


@pytest.mark.parametrize(
    "address, shown",
    (
        ("http://go2rtc/api?src=rtsp://u:p@cam", "http://go2rtc/api?src=rtsp://u:***@cam"),
        ("http://h/x?src=rtsp%3A%2F%2Fu%3AS3%40cam", "http://h/x?src=rtsp://u:***@cam"),
        ("http://h/x?password=a&b&user=c", "http://h/x?password=***&user=c"),
        ("rtsp://h:554/user=a_password=b_channel=1.sdp?real", "rtsp://h:554/user=a_password=***"),
        ("admin:S3@cam/x", "admin:***@cam/x"),
        ("http://127.0.0.1:8080?token=S3&record=out", "http://127.0.0.1:8080?token=***&record=out"),
    ),
)
def test_other_shapes(address, shown):
    assert masked(address) == shown == masked(shown)


@pytest.mark.parametrize(
    "address",
    (
        "rtsp://192.168.1.20:554/front#transport=udp&read_s=3",
        "rtsp://user@host/x",
        "rtsp://user:@host/x",
        "rtsp://[::1]:554/x",
        "http://host/video?keyframe=1&user=me&spin=2",
        "http://host/x?time=12:30",
        "synthetic://road?seed=1&size=640x360",
        "csi://0",
        "films/a=b.mp4",
        "http://0.0.0.0:8080?token=...",
        "",
    ),
)
def test_what_holds_no_secret_stays(address):
    assert masked(address) == masked_text(address) == address


def test_a_sentence_keeps_its_words_and_stays_as_it_is_when_masked_again():
    text = "no video from rtsp://u:p@h/x?pwd=a ; expected http://h?token=abc, at 12:30 @noon"
    shown = masked_text(text)
    assert (
        shown
        == "no video from rtsp://u:***@h/x?pwd=*** ; expected http://h?token=*** at 12:30 @noon"
    )
    again = "no video from %s; check" % masked("rtsp://h/x?pwd=a")
    assert masked_text(again) == again == "no video from rtsp://h/x?pwd=***; check"


def test_errors_are_masked_whoever_words_them():
    error = CatseyeError("unknown source 'RTSP://u:S3@h'", "another than pwd=S3", "try token=S3")
    assert "S3" not in str(error) + error.found + error.expected + error.fix


def test_the_words_of_a_command_line():
    words = [
        "run",
        "--token",
        "S3",
        "--keep-hard",
        "log",
        "--source",
        "rtsp://u:S3@h",
        "--token=S3",
    ]
    assert masked_words(words) == [
        "run", "--token", "***", "--keep-hard", "log", "--source", "rtsp://u:***@h", "--token=***",
    ]  # fmt: skip
