"""Ten thousand requests to the page: right ones, wrong ones, rubbish, and connections that stay
silent. Viewers with the token come in all the while."""

import socket
import threading
import time
from random import Random

from drill import Program, Row, Settings, wait_until

REQUESTS = 10_000
THREADS = 8
TOKEN = "a-token-of-the-drill"
ANSWERS_IN_S = 15.0
GUESSERS = "127.0.8.%d"  # addresses of their own: who guesses must wait
GROWTH_MB = 30.0
BEGINS_IN_S = 240.0


def drill(settings: Settings) -> list[Row]:
    begun_s, tries = time.monotonic(), settings.tries(REQUESTS)
    port = _free_port()
    page = "http://127.0.0.1:%d?token=%s" % (port, TOKEN)
    source = "synthetic://road?live=1&fps=5"
    with Program(
        settings.folder, "run", "road-nano", "--source", source, "--sink", page
    ) as program:
        wait_until(lambda: _status(port, _right("/stats"), Random(0)) == 200, BEGINS_IN_S)
        _storm(port, max(1, tries // 10), settings)  # what the first tenth leaves is there to stay
        before = program.size()
        missed, silent = _storm(port, tries, settings)
        time.sleep(1)
        wait_until(lambda: program.size()[1] <= before[1] + 2, ANSWERS_IN_S)
        after = program.size()
        alive = _status(port, _right("/stats"), Random(0)) == 200
        hung = silent + (not program.stopped())
        crashed = program.crashed
    leaked = sum(after[at] > before[at] + 4 for at in (0, 1)) + (after[2] > before[2] + GROWTH_MB)
    note = "threads, handles, MB: %d, %d, %.0f, then %d, %d, %.0f" % (before + after)
    if crashed:
        note += "; " + program.said[-200:].replace("\n", " ")
    lost = missed + (not alive)
    seconds = time.monotonic() - begun_s
    return [Row("HTTP requests", tries, lost, int(crashed), hung, leaked, seconds, note)]


def _storm(port: int, tries: int, settings: Settings) -> tuple[int, int]:
    """Right requests that were not answered 200, and connections that were not answered."""
    counts, lock = [0, 0], threading.Lock()

    def work(seed: int, share: int) -> None:
        random = Random(seed)
        for _ in range(share):
            request, wanted = random.choice(REQUESTS_MADE)(random)
            answer = _status(port, request, random)
            with lock:
                counts[0] += wanted is not None and answer != wanted
                counts[1] += answer == -1

    threads = [
        threading.Thread(target=work, args=(settings.random.getrandbits(32), tries // THREADS))
        for _ in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return counts[0], counts[1]


def _status(port: int, request: bytes, random: Random) -> int:
    """The status of the answer, 0 for a connection that was closed, -1 for none in time."""
    try:
        with socket.socket() as client:
            if b"guess" in request:
                client.bind((GUESSERS % random.randrange(1, 255), 0))
            client.settimeout(ANSWERS_IN_S)
            client.connect(("127.0.0.1", port))
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
            line = client.makefile("rb").readline()
            return int(line.split()[1]) if line.startswith(b"HTTP/1.") else 0
    except (TimeoutError, socket.timeout):
        return -1
    except (OSError, ValueError, IndexError):
        return 0


def _right(path: str, method: str = "GET") -> bytes:
    head = (
        "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n"
    )
    return (head % (method, path, TOKEN)).encode()


REQUESTS_MADE = (
    lambda random: (_right("/stats"), 200),
    lambda random: (_right("/metrics"), 200),
    lambda random: (_right("/frame?after=-1"), None),
    lambda random: (_right("/" + "x" * random.randrange(20)), None),
    lambda random: (_right("/stats", random.choice(("PUT", "BREW", "OPTIONS", "\0"))), None),
    lambda random: (_right("/record", "POST"), None),
    lambda random: (
        b"GET /?token=guess%d HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % random.getrandbits(32),
        None,
    ),
    lambda random: (b"GET /stats HTTP/1.1\r\nHost: evil.example\r\n\r\n", None),
    lambda random: (b"GET /stats HTTP/1.1\r\n" + b"X: y\r\n" * random.randrange(3000), None),
    lambda random: (
        b"POST /stop HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        None,
    ),
    lambda random: (bytes(random.randrange(256) for _ in range(random.randrange(300))), None),
    lambda random: (b"", None),
)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
