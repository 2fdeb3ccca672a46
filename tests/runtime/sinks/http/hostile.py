"""Requests that nobody means well with, by the thousand and by seed; run it against a server of its
own:

    python tests/runtime/sinks/http/hostile.py 10000
"""

import random
import socket
import sys
import time

PATHS = (
    "/",
    "/frame",
    "/stats",
    "/metrics",
    "/record",
    "/stop",
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "//etc/passwd",
    "/..%5c..%5cboot.ini",
    "/page.html",
    "/.git/config",
    "/frame/../stats",
    "/stats/",
    "/STATS",
    "/frame?after=" + "9" * 4000,
    "/frame?after=-1",
    "/frame?after=1e9",
    "/frame?after=\u0663",
    "/stats?token=",
    "/?token=../../etc/passwd",
    "/" + "a" * 9000,
    "/\0",
    "/a\tb",
    "*",
    "http://evil.example/",
    "/?" + "&" * 3000,
    "/?" + "a=b&" * 1500,
    "/<script>alert(1)</script>",
    "/%00",
    "/%",
    "/%zz",
    "/?token=%ff%fe",
)
METHODS = (
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PATCH",
    "get",
    "G\0T",
    "",
    "GET" * 900,
)
VERSIONS = (
    "HTTP/1.1",
    "HTTP/1.0",
    "HTTP/0.9",
    "HTTP/2.0",
    "HTTP/9.9",
    "HTTP/1.1.1",
    "HTTP/-1.1",
    "HTTP/1.\u0661",
    "http",
    "",
    "HTTP/" + "1" * 500,
)
HEADERS = (
    "Host: evil.example",
    "Host: 127.0.0.1:1@evil",
    "Host:",
    "Host: [::1",
    "Host: 127.0.0.1\r\nHost: evil.example",
    "Content-Length: 99999999999",
    "Content-Length: -1",
    "Content-Length: 0x10",
    "Content-Length: 1\r\nContent-Length: 2",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\n\r\nffffffff\r\n",
    "Expect: 100-continue",
    "Cookie: " + "a=b; " * 900,
    "Cookie: catseye-0=\0",
    'Cookie: "',
    "Cookie: catseye=%s" % ("f" * 64),
    "Authorization: Bearer",
    "Authorization: Basic YTpi",
    "Origin: null",
    "Origin: http://evil.example",
    "Range: bytes=0-,0-,0-,0-",
    "X: " + "y" * 9000,
    "no colon at all",
    ": empty",
    " folded: yes",
    "A" * 3000 + ": b",
    "Connection: upgrade\r\nUpgrade: websocket",
    "\0: \0",
    "X-Forwarded-For: 127.0.0.1",
    "Accept-Encoding: gzip;q=\u00e9",
)
PLACES = ("127.0.0.1", "localhost", "127.0.0.1:80")


def hostile_request(seed):
    """The bytes of one request."""
    dice = random.Random(seed)
    kind = dice.randrange(10)
    if kind == 0:
        return bytes(dice.randrange(256) for _ in range(dice.choice((1, 9, 300, 12000))))
    if kind == 1:
        return dice.choice(
            (
                b"",
                b"\r\n\r\n",
                b"\r\n" * 4000,
                b"\0" * 9000,
                b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
                b"GET / HTTP/1.1\n\n",
                b"GET /\r\n\r\n",
                b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                b"GET / HTTP/1.1\r\nHost: 127",
            )
        )
    method = dice.choice(METHODS) if dice.random() < 0.5 else dice.choice(("GET", "POST"))
    version = dice.choice(VERSIONS) if dice.random() < 0.3 else "HTTP/1.1"
    lines = ["%s %s %s" % (method, dice.choice(PATHS), version)]
    lines += ["Host: " + dice.choice(PLACES)] if dice.random() < 0.7 else []
    lines += [dice.choice(HEADERS) for _ in range(dice.choice((0, 1, 2, 5, 150)))]
    request = bytearray("\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n")
    for _ in range(dice.choice((0, 0, 0, 1, 20))):
        request[dice.randrange(len(request))] = dice.randrange(256)
    if dice.random() < 0.15:
        del request[dice.randrange(len(request)) :]
    return bytes(request) + (bytes(2000) if dice.random() < 0.1 else b"")


def answer_to(where, request):
    """What the server says until it closes, or until the sender has nothing more to say; "" where
    it only closes."""
    with socket.create_connection(where, timeout=30) as connection:
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))
        except OSError:  # closed on what it need not read
            return b""


def status_of(answer):
    """200, 404, ...; 0 for a connection that was closed without a word."""
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


def main():
    from catseye.runtime.sinks.http import HttpSink

    wanted, statuses = int(sys.argv[1]), {}
    sink = HttpSink("127.0.0.1:0?token=correct-horse-battery", 30.0)
    where = ("127.0.0.1", int(sink.url.split(":")[2].split("/")[0]))
    begun_s = time.perf_counter()
    for seed in range(wanted):
        status = status_of(answer_to(where, hostile_request(seed)))
        statuses[status] = statuses.get(status, 0) + 1
    print(
        "%d requests in %.1f s: %s"
        % (wanted, time.perf_counter() - begun_s, dict(sorted(statuses.items())))
    )
    right = b"GET /stats?token=correct-horse-battery HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    alive = status_of(answer_to(where, right))
    while alive == 429:  # this address has guessed too often; a minute at most
        time.sleep(1)
        alive = status_of(answer_to(where, right))
    sink.close()
    sys.exit(0 if alive == 200 and not set(statuses) & {200, 204, 500} else 1)


if __name__ == "__main__":
    main()
