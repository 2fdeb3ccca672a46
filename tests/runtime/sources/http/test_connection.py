"""Against a real web server, or a bare socket where a server would not do such things."""

import contextlib
import shutil
import socket
import subprocess
import threading
import time

import pytest
from camera_server import CameraServer, answer

from catseye.runtime.errors import SourceError
from catseye.runtime.sources.faults import LOST, STALLED, CameraFault
from catseye.runtime.sources.http.authorization import authorization, best_challenge
from catseye.runtime.sources.http.connection import Client

SOON_S = 10.0


def body_of(client, most=1000):
    got = client.get()
    try:
        return got.rest(most, time.monotonic() + SOON_S)
    finally:
        got.close()


def test_an_answer_has_its_headers_and_its_body(server):
    server.routes["/x?a=b"] = lambda handler: answer(
        handler, b"body", 'Multipart/X; Boundary="é b"'
    )
    got = Client(server.uri("/x?a=b"), SOON_S).get()
    assert (got.content_type, got.boundary, got.length) == ("multipart/x", "é b", 4)
    assert got.peek(time.monotonic() + SOON_S) == b"body"
    assert got.rest(10, time.monotonic() + SOON_S) == b"body"
    assert got.read(time.monotonic() + SOON_S) == b""
    (asked,) = server.asked
    assert asked[1]["Accept-Encoding"] == "identity" and "Authorization" not in asked[1]


def test_one_connection_is_asked_again_and_replaced_when_it_is_gone(server):
    ports = []

    def route(handler):
        ports.append(handler.client_address)
        handler.close_connection = len(ports) == 2  # without a word
        answer(handler, b"%d" % len(ports))

    server.routes["/"] = route
    client = Client(server.uri(), SOON_S)
    for number in (b"1", b"2", b"3"):
        got = client.get()
        assert got.rest(10, time.monotonic() + SOON_S) == number
        client.keep(got)
    client.close()
    assert ports[0] == ports[1] != ports[2]


def test_redirects_are_followed_five_times(server):
    server.routes["/end"] = lambda handler: answer(handler, b"here")
    for number in range(9):
        target = "/end" if number == 0 else "/%d" % (number - 1)
        server.routes["/%d" % number] = lambda handler, target=target: answer(
            handler, status=307 if target == "/end" else 302, Location=target
        )
    assert body_of(Client(server.uri("/4"), SOON_S)) == b"here"
    with pytest.raises(SourceError, match="leads on more than 5 times"):
        Client(server.uri("/6"), SOON_S).get()


@pytest.mark.parametrize("location", ("file:///etc/passwd", "rtsp://127.0.0.1/x", "gopher://x"))
def test_a_redirect_leads_to_web_servers_only(server, location):
    server.routes["/"] = lambda handler: answer(handler, status=302, Location=location)
    with pytest.raises(SourceError, match="leads on to .*expected http://"):
        Client(server.uri(), SOON_S).get()


def test_a_long_address_that_a_server_leads_on_to_is_masked_before_it_is_cut(server):
    location = "rtsp://user:%s@127.0.0.1/x" % ("S3cret" * 20)
    server.routes["/"] = lambda handler: answer(handler, status=302, Location=location)
    with pytest.raises(SourceError, match="leads on to 'rtsp://user:") as caught:
        Client(server.uri("/"), SOON_S).get()
    assert "S3cret" not in str(caught.value)


def guarded(challenges, right):
    """A route that asks who asks; right: of an Authorization header."""

    def route(handler):
        said = handler.headers.get("Authorization")
        if said is not None and right(said):
            answer(handler, b"seen")
            return
        handler.send_response(401)
        for challenge in challenges:
            handler.send_header("WWW-Authenticate", challenge)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return route


def digest_is_right(challenge, user, password, target):
    """Computed from what the client chose: its nonce and count."""

    def right(said):
        import urllib.request as request

        terms = request.parse_keqv_list(request.parse_http_list(said.partition(" ")[2]))
        from catseye.runtime.sources.http import authorization as module

        expected = module._digest(
            challenge,
            user,
            password,
            "GET:" + target,
            int(terms.get("nc", "1"), 16),
            terms.get("cnonce", ""),
        )
        return expected == said

    return right


@pytest.mark.parametrize("algorithm", ("MD5", "SHA-256", "MD5-sess"))
def test_digest_is_answered(server, algorithm):
    header = 'Digest realm="cam", nonce="n", qop="auth", algorithm=%s' % algorithm
    right = digest_is_right(best_challenge([header]), "me", "p@ss", "/x?y=1")
    server.routes["/x?y=1"] = guarded([header, 'Basic realm="cam"'], right)
    client = Client(server.uri("/x?y=1", user="me:p%40ss"), SOON_S)
    assert body_of(client) == b"seen" and body_of(client) == b"seen"
    counts = [headers["Authorization"] for _, headers in server.asked if "Authorization" in headers]
    # asked once without; the same nonce counts on
    assert len(server.asked) == 3 and "nc=00000001" in counts[0] and "nc=00000002" in counts[1]
    assert not any("p@ss" in str(asked) for asked in server.asked)


def test_basic_is_answered(server):
    said = authorization(best_challenge(["Basic realm=x"]), "me", "secret", "/")
    server.routes["/"] = guarded(["Basic realm=x"], lambda header: header == said)
    assert body_of(Client(server.uri(user="me:secret"), SOON_S)) == b"seen"
    with pytest.raises(SourceError, match="refuses this user or password") as caught:
        Client(server.uri(user="me:wrong"), SOON_S).get()
    assert "wrong" not in str(caught.value)
    with pytest.raises(SourceError, match="requires a login .*USER:PASSWORD@ before its name"):
        Client(server.uri(), SOON_S).get()


def test_a_password_goes_to_its_own_server_only(server):
    with CameraServer() as other:
        other.routes["/"] = guarded(["Basic realm=x"], lambda header: True)
        server.routes["/"] = lambda handler: answer(handler, status=302, Location=other.uri())
        with pytest.raises(SourceError, match="requires a login"):
            Client(server.uri(user="me:secret"), SOON_S).get()
        assert not any("Authorization" in headers for _, headers in other.asked)


@pytest.mark.parametrize(
    "status, words",
    (
        (404, "answers 404 Not Found.*check the path"),
        (403, "answers 403 Forbidden"),
        (503, "answers 503 Service Unavailable"),
        (302, "answers 302 Found"),  # to nowhere
        (206, "answers 206 Partial Content"),
        (599, "answers 599;"),
    ),
)
def test_what_is_no_success_is_said(server, status, words):
    server.routes["/"] = lambda handler: answer(handler, b"x" * 10_000, status=status)
    with pytest.raises(SourceError, match=words):
        Client(server.uri(user="me:secret"), SOON_S).get()


@contextlib.contextmanager
def bare_server(talk):
    """A socket that takes one connection and talks as it likes."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)

        def serve():
            with contextlib.suppress(OSError), listening.accept()[0] as connection:
                talk(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield "http://127.0.0.1:%d/" % listening.getsockname()[1]


def drip(connection):
    connection.recv(1000)
    for _ in range(200):
        connection.sendall(b"H")
        time.sleep(0.05)


@pytest.mark.parametrize(
    "talk, words",
    (
        (lambda connection: time.sleep(2), "no answer from .* within 0.4 s"),
        (drip, "no answer from .* within 0.4 s"),
        (lambda connection: connection.sendall(b"SSH-2.0-OpenSSH\r\n"), "does not support HTTP"),
        (lambda connection: connection.recv(1000), "does not support HTTP"),
        (
            lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000),
            "does not support HTTP",
        ),
        (
            lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200),
            "does not support HTTP",
        ),
    ),
)
def test_a_server_that_is_none_is_one_line_in_time(talk, words):
    begun_s = time.monotonic()
    with bare_server(talk) as uri, pytest.raises(SourceError, match=words):
        Client(uri, 0.4).get()
    assert time.monotonic() - begun_s < 5


def test_nobody_there_and_no_such_name(port):
    with pytest.raises(SourceError, match="127.0.0.1:%d refuses connections" % port):
        Client("http://127.0.0.1:%d/" % port, SOON_S).get()
    with pytest.raises(SourceError, match="no address of no.such.name.invalid"):
        Client("http://no.such.name.invalid/", SOON_S).get()


def test_a_body_has_a_time_and_a_bound(server):
    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        handler.close_connection = True
        for _ in range(40):
            handler.wfile.write(b"x" * 100)
            time.sleep(0.02)

    server.routes["/"] = endless
    with pytest.raises(CameraFault, match="more than 1000 bytes") as caught:
        body_of(Client(server.uri(), SOON_S))
    assert caught.value.fault == LOST
    silent = Client(server.uri(), SOON_S).get()
    silent.read(time.monotonic() + SOON_S)
    with pytest.raises(CameraFault, match="nothing more came") as caught:
        for _ in range(1000):
            silent.read(time.monotonic() + 0.002)
    assert caught.value.fault == STALLED
    silent.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """The path of a key with a certificate that nobody has signed."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    path = tmp_path_factory.mktemp("tls") / "own.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=camera -keyout %s -out %s"
    )
    key, own = path.with_name("key.pem"), path.with_name("cert.pem")
    subprocess.run((command % (key, own)).split(), check=True, capture_output=True)
    path.write_bytes(key.read_bytes() + own.read_bytes())
    return str(path)


def test_a_certificate_of_ones_own_wants_a_word(certificate):
    with CameraServer(certificate) as server:
        server.routes["/"] = lambda handler: answer(handler, b"seen")
        with pytest.raises(SourceError, match="certificate of .* is not trusted.*insecure=1"):
            Client(server.uri(), SOON_S).get()
        assert body_of(Client(server.uri(), SOON_S, insecure=True)) == b"seen"
        with pytest.raises(SourceError, match="does not support HTTP|no answer"):
            Client(server.uri().replace("https", "http"), 2.0).get()


def test_plain_words_where_tls_is_expected(server):
    with pytest.raises(SourceError, match="does not support TLS.*try http://"):
        Client(server.uri().replace("http", "https"), SOON_S).get()
