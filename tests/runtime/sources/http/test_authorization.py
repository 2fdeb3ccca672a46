"""Digest by the examples of RFC 7616 and RFC 2617, several challenges by RFC 7235."""

import base64

import pytest

from catseye.runtime.sources.http import authorization as module
from catseye.runtime.sources.http.authorization import authorization, best_challenge

RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=%s,'
    ' nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",'
    ' opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
OWN_NONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
RFC_2617 = (
    'Digest realm="testrealm@host.com", qop="auth,auth-int",'
    ' nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
)


@pytest.mark.parametrize(
    "algorithm, response",
    (
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ),
)
def test_the_examples_of_rfc_7616(algorithm, response):
    challenge = best_challenge([RFC_7616 % algorithm])
    said = module._digest(
        challenge, "Mufasa", "Circle of Life", "GET:/dir/index.html", 1, OWN_NONCE
    )
    assert 'response="%s"' % response in said and "qop=auth, nc=00000001" in said
    assert "algorithm=" + algorithm in said and 'opaque="FQhe' in said


def test_the_example_of_rfc_2617():
    said = module._digest(
        best_challenge([RFC_2617]), "Mufasa", "Circle Of Life", "GET:/dir/index.html", 1, "0a4f113b"
    )
    assert 'response="6629fae49393a05397450978507c4ef1"' in said and "algorithm" not in said


def test_old_cameras_have_no_quality_of_protection():
    challenge = best_challenge(['Digest realm="cam", nonce="abc"'])
    said = authorization(challenge, "me", "secret", "/x")
    assert "qop" not in said and "cnonce" not in said and 'uri="/x"' in said


def test_a_session_mixes_in_its_own_number():
    challenge = best_challenge(['Digest realm="a", nonce="b", qop=auth, algorithm=MD5-sess'])
    assert challenge is not None
    plain = best_challenge(['Digest realm="a", nonce="b", qop=auth, algorithm=MD5'])
    said = [module._digest(each, "u", "p", "GET:/", 1, "c") for each in (challenge, plain)]
    assert said[0].split("response=")[1][:30] != said[1].split("response=")[1][:30]


def test_basic_is_what_it_is():
    said = authorization(best_challenge(['Basic realm="x"']), "mé", "a:b", "/")
    assert base64.b64decode(said.split()[1]).decode() == "mé:a:b"


@pytest.mark.parametrize(
    "headers, chosen",
    (
        (['Basic realm="a"', 'Digest realm="b", nonce="1"'], "digest"),
        (['Basic realm="a", Digest realm="b", nonce="1", qop="auth"'], "digest"),
        (['Digest realm="b, Basic", nonce="1"'], "digest"),
        (['Digest realm="b", nonce="1", algorithm=SHA-512-256', "Basic realm=a"], "basic"),
        (['Digest realm="b", nonce="1", qop="auth-int"'], None),
        (["Negotiate", "Bearer realm=x"], None),
        (["basic"], "basic"),
        ([], None),
    ),
)
def test_the_safest_that_can_be_met_is_chosen(headers, chosen):
    challenge = best_challenge(headers)
    assert (challenge.scheme if challenge else None) == chosen


def test_sha_256_comes_before_md5():
    assert best_challenge([RFC_7616 % "MD5", RFC_7616 % "SHA-256"]).algorithm == "SHA-256"


def test_nothing_that_a_server_says_adds_a_header():
    challenge = best_challenge(['Digest realm="a\\"b\\\\c", nonce="1"'])
    assert "\n" not in authorization(challenge, 'u"\r\nX: y', "p", "/")
