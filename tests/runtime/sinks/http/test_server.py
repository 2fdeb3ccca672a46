"""Real HTTP over real sockets, from people who mean well and from people who do not."""

import http.client
import json
import os
import socket
import threading
import time

import cv2
import numpy as np
import pytest
from camera_loop import frame_of, report_for, wait_until
from hostile import answer_to, hostile_request, status_of
from page_twin import TOKEN, show

from catseye.runtime.health.frame_quality import Health
from catseye.runtime.power import PowerReading
from catseye.runtime.recording.log import LogReader
from catseye.runtime.sinks.http import guesses, handler, server, view
from catseye.runtime.sources.faults import Notice


def place_of(sink):
    host, _, port = sink.url.split("/")[2].rpartition(":")
    return host.strip("[]").replace("0.0.0.0", "127.0.0.1"), int(port)


def ask(sink, path, method="GET", **headers):
    """Status, headers and body."""
    connection = http.client.HTTPConnection(*place_of(sink), timeout=20)
    try:
        connection.request(
            method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def origin_of(sink):
    return "http://%s:%d" % place_of(sink)


def test_the_page_needs_nothing_from_outside(open_page):
    status, headers, body = ask(open_page(), "/")
    text = body.decode()
    assert (
        status == 200
        and headers["Content-Type"] == "text/html; charset=utf-8"
        and "<canvas" in text
    )
    assert "default-src 'none'" in headers["Content-Security-Policy"] and "{{" not in text
    nonce = headers["Content-Security-Policy"].partition("'nonce-")[2].partition("'")[0]
    assert len(nonce) > 16 and text.count('nonce="%s"' % nonce) == 2
    assert (
        "https://" not in text
        and text.count("http://") == 1
        and "http://www.w3.org/2000/svg" in text
    )
    assert " src=" not in text and nonce not in ask(open_page(), "/")[2].decode()


def test_camera_and_layer_come_in_one_picture(open_page):
    sink = open_page()
    show(sink, size_wh=(64, 40))
    status, headers, body = ask(sink, "/frame?after=-1")
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    assert (headers["X-Number"], headers["X-Size"]) == ("1", "64x40")
    assert headers["X-Layer"] == "48x30+0+64"  # two thirds, in whole blocks
    picture = cv2.imdecode(np.frombuffer(body, np.uint8), 1)
    assert picture.shape == (48 + 16 + 32, 64, 3)
    assert abs(int(picture[20, 20].astype(int).sum()) - 300) < 12
    layer = picture[64:94, :48]
    assert np.abs(layer[4, 6].astype(int) - (128, 64, 128)).max() < 20  # road, BGR
    assert np.abs(layer[4, 42].astype(int) - (0, 128, 128)).max() < 20  # tree
    # black beside it does not reach into its last column
    assert np.abs(layer[4, 47].astype(int) - (0, 128, 128)).max() < 20


def test_a_viewer_waits_for_the_next_picture(open_page):
    sink, answers = open_page(), []
    show(sink)
    waiting = threading.Thread(target=lambda: answers.append(ask(sink, "/frame?after=1")))
    waiting.start()
    time.sleep(0.2)
    assert not answers
    show(sink, index=1)
    waiting.join(10)
    assert answers[0][0] == 200 and answers[0][1]["X-Number"] == "2"


def test_without_a_new_picture_the_wait_ends(open_page, monkeypatch):
    monkeypatch.setattr(handler, "WAIT_S", 0.1)
    sink = open_page()
    assert ask(sink, "/frame")[0] == 204
    show(sink)
    assert ask(sink, "/frame?after=1")[0] == 204
    assert ask(sink, "/frame?after=77")[0] == 200  # of a run before this one


def test_a_viewer_who_does_not_read_costs_nothing(open_page, monkeypatch):
    monkeypatch.setattr(handler, "SEND_S", 0.5)
    sink = open_page()
    # more than buffers hold
    image = np.random.RandomState(0).randint(0, 256, (4000, 1200, 3)).astype(np.uint8)

    class Noise:
        task, legend, opacity, any_size = "noise", (), 1.0, False

        def layer(self, size_wh):
            return None

        def drawn_on(self, _):
            return image

        def as_json(self):
            return {}

    frame = frame_of()._replace(image=image)
    sink.write(frame, Noise(), report_for(frame, Noise()))
    lazy = socket.socket()
    lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    lazy.connect(place_of(sink))
    lazy.sendall(b"GET /frame?after=-1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    begun_s = time.monotonic()
    for _ in range(200):
        sink.write(frame, Noise(), report_for(frame, Noise()))
    assert ask(sink, "/frame?after=-1")[0] == 200  # others are served meanwhile
    assert time.monotonic() - begun_s < 10
    wait_until(lambda: sink._server.visitors.all() == [], seconds=15)  # cut off
    lazy.close()


def test_numbers(open_page):
    sink = open_page()
    assert json.loads(ask(sink, "/stats")[2])["frames"] == 0
    for index in range(3):
        show(sink, index=index, age_ms=10.0 * (index + 1), skipped_in_all=4, stale=index == 2)
    numbers = json.loads(ask(sink, "/stats")[2])
    assert (numbers["frames"], numbers["index"], numbers["skipped"], numbers["stale"]) == (
        3,
        2,
        4,
        1,
    )
    assert (
        numbers["latency_ms"]["p50"] == 20
        and len(numbers["history"]) == 1
        and numbers["is_stale"] is True
    )
    assert numbers["model"] == {
        "model": "tiny",
        "backend": "fake",
        "provider": "cpu",
        "device": 'a "chip"',
        "precision": "fp32",
        "threads": 2,
        "backend_version": "",
        "sha256": "ab",
    }
    legend = {entry["name"]: (entry["rgb"], entry["share"]) for entry in numbers["legend"]}
    assert legend["Road"] == ([128, 64, 128], 0.5) and legend["Sky"][1] == 0 and len(legend) == 11
    assert numbers["recording"] == {"on": False, "last": ""}


def test_health_faults_and_a_lost_camera_are_told(open_page):
    sink = open_page()
    dark = Health("dark", 0.912, {"dark": 0.912})
    show(sink, health=dark, faults={"lost": 2, "frozen": 0})
    sink.notice(Notice("lost", 0))
    numbers = json.loads(ask(sink, "/stats")[2])
    assert (
        numbers["health"] == {"verdict": "dark", "score": 0.912} and numbers["faults"]["lost"] == 2
    )
    assert numbers["notice"].startswith("no camera since ")
    lines = ask(sink, "/metrics")[2].decode().splitlines()
    assert {
        "catseye_camera_lost 1",
        'catseye_camera_faults_total{fault="lost"} 2',
        'catseye_health_score{verdict="dark"} 0.912',
    } <= set(lines)
    show(sink, index=1)
    numbers = json.loads(ask(sink, "/stats")[2])
    assert numbers["notice"] == "" and numbers["health"] is None


def test_what_the_machine_takes_is_told_where_it_is_known(open_page):
    sink = open_page()
    show(sink, power=PowerReading(6.1, 47.031, ("cpu-throttle-alert",), "MAXN_SUPER (mode 2)"))
    assert json.loads(ask(sink, "/stats")[2])["power"] == {
        "watts": 6.1,
        "celsius": 47.031,
        "slowed_by": ["cpu-throttle-alert"],
        "mode": "MAXN_SUPER (mode 2)",
    }
    lines = ask(sink, "/metrics")[2].decode().splitlines()
    assert {
        "catseye_power_watts 6.1",
        "catseye_temperature_celsius 47.031",
        'catseye_slowed_down{by="cpu-throttle-alert"} 1',
        'catseye_power_mode_info{mode="MAXN_SUPER (mode 2)"} 1',
    } <= set(lines)
    show(sink)  # a workstation
    lines = ask(sink, "/metrics")[2].decode().splitlines()
    told = [
        line
        for line in lines
        if line.startswith(("catseye_power", "catseye_temp", "catseye_slowed"))
    ]
    assert told == []


def test_viewers_are_counted_by_what_they_call_themselves(open_page, monkeypatch):
    monkeypatch.setattr(view, "LOOKS_S", 1000.0)
    sink = open_page()
    show(sink)
    for viewer in ("a", "b", "a", "a"):
        ask(sink, "/frame?after=-1&viewer=" + viewer)
    assert json.loads(ask(sink, "/stats")[2])["viewers"] == 2
    for number in range(300):
        ask(sink, "/frame?after=-1&viewer=%d" % number)
    assert json.loads(ask(sink, "/stats")[2])["viewers"] == view.MOST_LOOKERS


def test_metrics_are_prometheus_text(open_page):
    sink = open_page()
    show(sink, age_ms=250.0, skipped_in_all=7)
    status, headers, body = ask(sink, "/metrics")
    lines = body.decode().splitlines()
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    for line in (
        "catseye_results_total 1",
        "catseye_skipped_frames_total 7",
        'catseye_age_seconds{quantile="0.5"} 0.25',
        "catseye_age_seconds_sum 0.25",
        "catseye_age_seconds_count 1",
        "catseye_recording 0",
    ):
        assert line in lines
    assert any('device="a \\"chip\\""' in line for line in lines)
    named = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    assert all(
        line.split("{")[0].split()[0].replace("_sum", "").replace("_count", "") in named
        for line in lines
        if not line.startswith("#")
    )


def test_recording_by_the_page(open_page, tmp_path):
    sink = open_page()
    assert ask(sink, "/record", "POST", Origin=origin_of(sink))[0] == 200
    assert ask(sink, "/record", "POST", Origin=origin_of(sink))[0] == 409
    for index in range(3):
        show(sink, index=index)
        wait_until(lambda: json.loads(ask(sink, "/stats")[2])["recording"]["written"] == index + 1)  # noqa: B023
    status, _, body = ask(sink, "/stop", "POST", Origin=origin_of(sink))
    assert status == 200 and json.loads(body)["on"] is False
    show(sink, index=3)
    (name,) = os.listdir(str(tmp_path / "recordings"))
    log = LogReader(str(tmp_path / "recordings" / name))
    assert [entry.frame.index for entry in log] == [0, 1, 2] and log.metadata["model"] == "tiny"


def test_a_recording_that_cannot_be_written_is_told(open_page, tmp_path):
    sink = open_page()
    (tmp_path / "recordings").write_bytes(b"in the way")
    status, _, body = ask(sink, "/record", "POST", Origin=origin_of(sink))
    assert status == 409 and "recordings" in json.loads(body)["error"]
    assert ask(sink, "/stop", "POST", Origin=origin_of(sink))[0] == 200


@pytest.mark.parametrize(
    "origin", (None, "null", "http://evil.example", "https://evil.example", "http://127.0.0.1:1")
)
def test_no_other_site_changes_anything(open_page, tmp_path, origin):
    sink = open_page()
    headers = {} if origin is None else {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
    assert ask(sink, "/record", "POST", **headers)[0] == 403
    assert (
        ask(sink, "/record", **headers)[0] == 405
        and ask(sink, "/stop", "DELETE", **headers)[0] == 405
    )
    assert not (tmp_path / "recordings").exists()


@pytest.mark.parametrize(
    "host",
    (
        "evil.example",
        "evil.example:80",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "",
        "[::1",
        "127.0.0.1@evil",
        "10.0.0.1",
        "127.0.0.1:80:80",
    ),
)
def test_another_name_for_this_address_is_refused(open_page, host):
    assert ask(open_page(), "/", Host=host)[0] == 403


@pytest.mark.parametrize("host", ("localhost", "LOCALHOST:9000", "127.0.0.1", "[::1]:8080"))
def test_names_of_this_machine_are_welcome_through_a_tunnel_too(open_page, host):
    assert ask(open_page(), "/", Host=host)[0] == 200


@pytest.mark.parametrize("rest", ("127.0.0.1:0?token=" + TOKEN, "0.0.0.0:0?token=" + TOKEN))
def test_a_token_opens_and_nothing_else_does(open_page, rest, monkeypatch):
    monkeypatch.setattr(guesses, "FREE", 100)
    sink = open_page(rest)
    show(sink)
    for path in ("/", "/frame", "/stats", "/metrics", "/nowhere"):
        for wrong in (
            {},
            {"Cookie": "catseye-0=%s" % TOKEN},
            {"Authorization": "Bearer x"},
            {"Cookie": "catseye-0=\x01;"},
        ):
            assert ask(sink, path, **wrong)[0] == 401
        assert ask(sink, path + "?token=" + TOKEN[:-1])[0] == 401
        assert ask(sink, path + "?token=%ff")[0] == 401
    assert ask(sink, "/record", "POST", Origin=origin_of(sink))[0] == 401
    status, headers, _ = ask(sink, "/?token=" + TOKEN)
    assert status == 200
    cookie = headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and TOKEN not in cookie
    kept = cookie.partition(";")[0]
    assert ask(sink, "/stats", Cookie="other=1; " + kept)[0] == 200
    assert "Set-Cookie" not in ask(sink, "/", Cookie=kept)[1]
    assert ask(sink, "/frame?after=-1", Cookie=kept)[0] == 200
    assert ask(sink, "/metrics", Authorization="Bearer " + TOKEN)[0] == 200
    assert ask(sink, "/nowhere", Cookie=kept)[0] == 404


def test_every_answer_forbids_what_it_does_not_need(open_page):
    sink = open_page()
    for path, method in (
        ("/", "GET"),
        ("/stats", "GET"),
        ("/metrics", "GET"),
        ("/nowhere", "GET"),
        ("/record", "POST"),
        ("/", "OPTIONS"),
    ):
        _, headers, _ = ask(sink, path, method)
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == (
            "nosniff",
            "DENY",
        )
        assert (headers["Cache-Control"], headers["Cross-Origin-Resource-Policy"]) == (
            "no-store",
            "same-origin",
        )
        assert not [name for name in headers if name.lower().startswith("access-control")]
        assert "Python" not in headers["Server"]


@pytest.mark.parametrize(
    "path",
    (
        "/../../etc/passwd",
        "/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/page.html",
        "/server.py",
        "/frame/",
        "/stats/..",
        "/FRAME",
    ),
)
def test_no_path_becomes_a_file(open_page, path):
    status, _, body = ask(open_page(), path)
    assert status == 404 and body == b"no such page\n"


def test_hundreds_of_hostile_requests(open_page, capfd, monkeypatch):
    monkeypatch.setattr(guesses, "LONGEST_WAIT_S", 1.0)
    sink = open_page("127.0.0.1:0?token=" + TOKEN)
    statuses = {}
    for seed in range(400):
        status = status_of(answer_to(place_of(sink), hostile_request(seed)))
        statuses[status] = statuses.get(status, 0) + 1
    assert not set(statuses) & {200, 204, 500} and {400, 401, 403, 413, 431} <= set(statuses)
    wait_until(lambda: ask(sink, "/stats?token=" + TOKEN)[0] == 200)
    assert not json.loads(ask(sink, "/stats?token=" + TOKEN)[2])["recording"]["on"]
    assert "Traceback" not in capfd.readouterr().err
    wait_until(lambda: sink._server.visitors.all() == [])


def test_a_request_that_never_ends_is_cut_off(open_page, monkeypatch):
    monkeypatch.setattr(handler, "HEAD_S", 0.3)
    monkeypatch.setattr(handler, "IDLE_S", 0.6)
    sink = open_page()
    for beginning in (b"GET / HTTP/1.1\r\n", b""):
        with socket.create_connection(place_of(sink), timeout=10) as connection:
            connection.sendall(beginning)
            begun_s = time.monotonic()
            try:
                while time.monotonic() - begun_s < 8:
                    time.sleep(0.1)
                    connection.sendall(b"a" if beginning else b"")
                    connection.settimeout(0.05)
                    try:
                        if connection.recv(10) == b"":
                            break
                    except socket.timeout:
                        pass
            except ConnectionError:
                pass
            assert time.monotonic() - begun_s < 5


def test_too_many_connections_are_turned_away_and_room_comes_back(open_page, monkeypatch):
    monkeypatch.setattr(server, "CONNECTIONS", 4)
    sink = open_page()
    held = [http.client.HTTPConnection(*place_of(sink), timeout=10) for _ in range(4)]
    for connection in held:
        connection.request("GET", "/frame")  # answered with the first picture
    wait_until(lambda: len(sink._views[""].lookers()) == 4)
    assert ask(sink, "/")[0] == 503
    show(sink)
    assert {connection.getresponse().status for connection in held} == {200}
    assert ask(sink, "/")[0] == 200  # one of them, which asks nothing more, made room
    for connection in held:
        connection.close()


def test_connections_that_show_no_token_lock_nobody_out(open_page, monkeypatch):
    monkeypatch.setattr(server, "CONNECTIONS", 4)
    sink = open_page("127.0.0.1:0?token=" + TOKEN)
    viewer = http.client.HTTPConnection(*place_of(sink), timeout=10)
    viewer.request("GET", "/stats?token=" + TOKEN)
    assert viewer.getresponse().read()
    held = [socket.create_connection(place_of(sink), timeout=10) for _ in range(3)]
    wait_until(lambda: len(sink._server.visitors.all()) == 4)
    for _ in range(20):
        assert ask(sink, "/stats?token=" + TOKEN)[0] == 200
    assert held[0].recv(1) == b""  # the oldest of them made room
    viewer.request("GET", "/stats?token=" + TOKEN)  # and the viewer did not
    assert viewer.getresponse().status == 200
    for connection in [*held, viewer]:
        connection.close()


def test_guesses_of_the_token_wait_and_known_browsers_do_not(open_page, monkeypatch):
    monkeypatch.setattr(guesses, "FIRST_WAIT_S", 1000.0)
    monkeypatch.setattr(guesses, "LONGEST_WAIT_S", 1000.0)
    sink = open_page("127.0.0.1:0?token=" + TOKEN)
    cookie = ask(sink, "/?token=" + TOKEN)[1]["Set-Cookie"].partition(";")[0]
    forms = (
        ("?token=wrong", {}),
        ("", {"Cookie": cookie[:-1]}),
        ("", {"Authorization": "Bearer x"}),
    )
    for number in range(guesses.FREE):
        query, headers = forms[number % 3]
        assert ask(sink, "/stats" + query, **headers)[0] == 401
    for query, headers in (*forms, ("?token=" + TOKEN, {})):
        status, answered, body = ask(sink, "/stats" + query, **headers)
        assert status == 429 and 990 < int(answered["Retry-After"]) <= 1000
        assert body.startswith(b"too many wrong tokens; try again in ")
    assert ask(sink, "/stats", Cookie=cookie)[0] == 200
    assert ask(sink, "/stats")[0] == 401  # no guess at all


@pytest.mark.parametrize(
    "headers, status",
    (
        (b"Content-Length: 0\r\nContent-Length: 59", 400),
        (b"Content-Length: 59\r\nContent-Length: 0", 400),
        (b"Content-Length: 0\r\nTransfer-Encoding: chunked", 413),
        (b"Content-Length: +0", 413),
        (b"Content-Length : 59", 400),
        (b"X: a\r\n Content-Length: 59", 400),
        (b"no colon\r\nContent-Length: 59", 400),
        (b"X: a\nContent-Length: 59", 400),
        (b"X: a\rContent-Length: 59", 400),
        (b"Origin: http://evil.example", 400),
    ),
)
def test_a_request_within_a_request_is_never_answered(open_page, headers, status):
    sink = open_page()
    inner = b"GET /stats HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    outer = b"POST /stop HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
    answer = answer_to(place_of(sink), outer + headers + b"\r\n\r\n" + inner)
    assert answer.count(b"HTTP/1.1 ") == 1 and status_of(answer) == status


def test_the_page_works_behind_a_proxy_that_speaks_https(open_page):
    sink = open_page()
    host = "%s:%d" % place_of(sink)
    assert ask(sink, "/stop", "POST", Host=host, Origin="https://" + host)[0] == 200
    headers = {"Origin": "https://cam.example", "Sec-Fetch-Site": "same-origin"}
    assert ask(sink, "/stop", "POST", Host="127.0.0.1:80", **headers)[0] == 200


def test_several_requests_on_one_connection(open_page):
    sink = open_page()
    show(sink)
    with socket.create_connection(place_of(sink), timeout=10) as connection:
        one = b"GET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n"
        connection.sendall(
            one + one + b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert answer.count(b"HTTP/1.1 200 OK") == 2 and answer.count(b"HTTP/1.1 404") == 1


def test_closing_wakes_those_who_wait_and_frees_the_port(open_page):
    sink, answers = open_page(), []
    waiting = threading.Thread(target=lambda: answers.append(ask(sink, "/frame")[0]))
    waiting.start()
    wait_until(lambda: len(sink._views[""].lookers()) == 1)
    sink.close()
    waiting.join(3)
    assert answers == [204]
    open_page("127.0.0.1:%d" % place_of(sink)[1])


def test_each_camera_is_seen_by_its_name(open_page, tmp_path):
    sink = open_page(cameras=("front", "left"))
    assert ask(sink, "/record", "POST", Origin=origin_of(sink))[0] == 200
    show(sink, 0, camera="front", age_ms=10.0)
    show(sink, 5, (96, 64), camera="left", age_ms=30.0)
    front, left = (ask(sink, "/frame?after=-1&camera=" + name) for name in ("front", "left"))
    assert (front[1]["X-Size"], left[1]["X-Size"]) == ("64x48", "96x64")
    assert ask(sink, "/frame?after=-1")[1]["X-Size"] == "64x48"  # the first one's
    for address in ("/frame?after=-1&camera=rear", "/stats?camera=", "/stats?camera=../front"):
        assert ask(sink, address)[0] == 404
    sink.notice(Notice("lost", 0, {"lost": 1}, camera="left"))
    told = json.loads(ask(sink, "/stats?camera=left&viewer=a")[2])
    assert (told["camera"], told["index"], told["fault"]) == ("left", 5, "lost")
    short = told["cameras"]
    assert [(one["camera"], one["fault"], one["age_ms"]) for one in short] == [
        ("front", "", 10.0),
        ("left", "lost", 30.0),
    ]
    lines = ask(sink, "/metrics")[2].decode().splitlines()
    assert 'catseye_camera_lost{camera="left"} 1' in lines
    assert ask(sink, "/stop", "POST", Origin=origin_of(sink))[0] == 200
    (name,) = os.listdir(str(tmp_path / "recordings"))
    entries = LogReader(str(tmp_path / "recordings" / name))
    assert {entry.frame.camera: entry.frame.index for entry in entries} == {"front": 0, "left": 5}


def test_a_lone_camera_lists_no_others(open_page):
    sink = open_page()
    show(sink)
    assert json.loads(ask(sink, "/stats")[2])["cameras"] == []
