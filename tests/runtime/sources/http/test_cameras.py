"""Motion JPEG and snapshots of a real web server, whole and torn."""

import threading
import time

import numpy as np
import pytest
from camera_server import answer, grey_jpeg, jpeg, noise, stream

from catseye.runtime.sources.faults import LOST, STALLED, CameraFault, Limits
from catseye.runtime.sources.http.cameras import MotionJpegCamera, SnapshotCamera, fps_of
from catseye.runtime.sources.http.connection import Client
from catseye.runtime.sources.jpeg import image_from_jpeg

LIMITS = Limits(open_s=4.0, read_s=2.0)


def motion_jpeg(server, pictures, fps=None, known_fps=25.0, limits=LIMITS, **how):
    server.routes["/"] = lambda handler: stream(handler, pictures, fps, **how)
    return MotionJpegCamera(Client(server.uri(), 5.0).get(), limits, known_fps)


def shots_of(camera):
    """All until the stream ends, and the fault that ended it."""
    shots = []
    try:
        while True:
            shots.append(camera.read())
    except CameraFault as fault:
        return shots, fault
    finally:
        camera.close()


def test_pictures_are_what_files_with_them_would_be(server):
    pictures = [jpeg(noise(seed)) for seed in range(4)]
    shots, fault = shots_of(motion_jpeg(server, pictures, fps=20))
    assert fault.fault == LOST and "after 4" in str(fault)
    assert len(shots) == 4 and all(
        np.array_equal(shot.image, image_from_jpeg(data)) for shot, data in zip(shots, pictures)
    )
    times = [shot.taken.monotonic_ns for shot in shots]
    assert times == sorted(times) and abs(times[-1] - time.monotonic() * 1e9) < 5e9


@pytest.mark.parametrize("kept", (0.5, 0.8))
@pytest.mark.parametrize("claims_whole", (True, False))
def test_of_torn_pictures_none_passes_and_no_other_is_lost(server, kept, claims_whole):
    """Every fifth is cut, as in a stream through bad air."""
    whole = [jpeg(noise(seed)) for seed in range(41)]
    sent = [
        data[: int(len(data) * kept)] if number % 5 == 4 else data
        for number, data in enumerate(whole)
    ]
    claimed = {cut: len(data) for cut, data in zip(sent, whole)}
    length = claimed.get if claims_whole else len
    shots, _ = shots_of(motion_jpeg(server, sent, fps=200, length=length))
    assert sum(not shot.image.size for shot in shots) == 8
    assert sum(1 + shot.passed for shot in shots) == 41
    number = -1
    for shot in shots:
        number += 1 + shot.passed
        assert bool(shot.image.size) == (number % 5 != 4)
        assert not shot.image.size or np.array_equal(shot.image, image_from_jpeg(whole[number]))


def test_only_the_newest_of_those_that_wait_is_decoded(server):
    camera = motion_jpeg(server, [grey_jpeg(value) for value in (10, 60, 110, 160)])
    time.sleep(0.3)  # the network is faster than we are
    shots, _ = shots_of(camera)
    assert sum(1 + shot.passed for shot in shots) == 4 and len(shots) <= 2
    assert abs(int(shots[-1].image[0, 0, 0]) - 160) < 3


def test_the_rate_is_that_of_the_arrivals(server):
    camera = motion_jpeg(server, [grey_jpeg(9)] * 30, 4.0, known_fps=None)
    assert 1.5 < camera.fps < 6.0  # a busy machine sends late; FFmpeg says 25
    assert camera.mode.startswith("64x48 JPEG, ")
    camera.close()


@pytest.mark.parametrize(
    "times_s, fps",
    (
        ([0.0, 0.05, 0.25, 0.45, 0.65], 5.0),  # the first had waited in the camera
        ([0.0, 2.0], 0.5),
        ([0.0], 30.0),  # nothing is known
        ([0.0, 0.0, 0.0], 30.0),
    ),
)
def test_frames_per_second_of_arrivals(times_s, fps):
    assert fps_of(times_s) == pytest.approx(fps)


def test_a_stream_that_falls_silent_is_a_stall(server):
    def silent(handler):
        stream(handler, [grey_jpeg(9)])
        time.sleep(1.5)

    server.routes["/"] = silent
    camera = MotionJpegCamera(Client(server.uri(), 5.0).get(), Limits(read_s=0.3), 25.0)
    shots, fault = shots_of(camera)
    assert len(shots) == 1 and fault.fault == STALLED


def test_a_read_that_waits_can_be_ended(server):
    def silent(handler):
        stream(handler, [grey_jpeg(9)])
        time.sleep(1.5)

    server.routes["/"] = silent
    camera = MotionJpegCamera(Client(server.uri(), 5.0).get(), Limits(read_s=60.0), 25.0)
    camera.read()
    threading.Timer(0.2, camera.interrupt).start()
    with pytest.raises(CameraFault):
        camera.read()
    camera.close()


def test_a_chunk_may_come_after_its_length(server):
    parts = [b"--frame\r\n\r\n%s\r\n" % jpeg(noise(seed)) for seed in range(3)]

    def route(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"%x\r\n" % len(parts[0]))
        for part, after in zip(parts, [*parts[1:], b""]):
            handler.wfile.write(b"%s\r\n%x\r\n" % (part, len(after)))
            time.sleep(0.2)
        handler.wfile.write(b"\r\n")

    server.routes["/"] = route
    shots, _ = shots_of(MotionJpegCamera(Client(server.uri(), 5.0).get(), LIMITS, 25.0))
    assert sum(1 + shot.passed for shot in shots) == 3


@pytest.mark.parametrize("length", (len, None, lambda data: 7))
@pytest.mark.parametrize("chunked", (False, True))
def test_however_the_server_counts_its_bytes(server, length, chunked):
    pictures = [jpeg(noise(seed)) for seed in range(3)]

    class Chunks:
        """Where a server's handler writes: each piece as a chunk."""

        def __init__(self, file):
            self.file = file

        def write(self, data):
            self.file.write(b"%x\r\n%s\r\n" % (len(data), data))

    def route(handler):
        if not chunked:
            stream(handler, pictures, 50, length=length)
            return
        handler.send_response(200)
        handler.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        out = Chunks(handler.wfile)
        for picture in pictures:
            out.write(b"--frame\r\nContent-Type: image/jpeg\r\n\r\n")
            out.write(picture[:1000])
            out.write(picture[1000:] + b"\r\n")
        handler.wfile.write(b"0\r\n\r\n")

    server.routes["/"] = route
    shots, _ = shots_of(MotionJpegCamera(Client(server.uri(), 5.0).get(), LIMITS, 25.0))
    assert sum(1 + shot.passed for shot in shots) == 3 and all(shot.image.size for shot in shots)
    assert np.array_equal(shots[-1].image, image_from_jpeg(pictures[-1]))


def snapshots(server, route, fps=50.0, **limits):
    server.routes["/"] = route
    client = Client(server.uri(), 5.0)
    return SnapshotCamera(client, client.get(), Limits(**limits), fps)


def test_an_address_of_one_picture_is_asked_at_its_pace(server):
    values = iter(range(0, 250, 10))
    camera = snapshots(
        server, lambda handler: answer(handler, grey_jpeg(next(values)), "image/jpeg")
    )
    begun_s = time.monotonic()
    shots = [camera.read() for _ in range(11)]
    lasted_s = time.monotonic() - begun_s
    camera.close()
    assert [round(float(shot.image.mean()) / 10) for shot in shots] == list(range(1, 12))
    assert lasted_s > 9 / 50 and camera.fps <= 50.0
    assert camera.mode == "single JPEGs, requested 50 times a second"


def test_a_slow_camera_has_the_rate_of_its_answers(server):
    def slow(handler):
        time.sleep(0.2)
        answer(handler, grey_jpeg(9), "image/jpeg")

    camera = snapshots(server, slow)
    assert camera.fps < 5.1
    camera.close()


def test_a_snapshot_cut_short_is_undecoded_and_an_error_a_fault(server):
    whole = jpeg(noise())
    answers = [whole, whole, whole[: len(whole) // 2], whole]

    def route(handler):
        if answers:
            answer(handler, answers.pop(0), "image/jpeg")
        else:
            answer(handler, status=503)

    camera = snapshots(server, route)
    assert [camera.read().image.size > 0 for _ in range(3)] == [True, False, True]
    with pytest.raises(CameraFault, match="503 Service Unavailable") as caught:
        camera.read()
    assert caught.value.fault == LOST
    camera.close()


@pytest.mark.parametrize("kind", ("stream", "snapshot"))
def test_a_server_whose_pictures_are_three_seconds_old_is_found_out(server, kind):
    """By its X-Timestamp, as mjpg-streamer and uStreamer write it."""
    stamp = "%.6f" % (time.time() - 3)
    if kind == "stream":
        part_type = "Content-Type: image/jpeg\r\nX-Timestamp: %s\r\n" % stamp
        camera = motion_jpeg(server, [grey_jpeg(100)] * 3, part_type=part_type)
    else:
        server.routes["/"] = lambda handler: answer(
            handler, grey_jpeg(100), "image/jpeg", X_Timestamp=stamp
        )
        client = Client(server.uri(), 5.0)
        camera = SnapshotCamera(client, client.get(), LIMITS, 50.0)
    shot = camera.read()
    age_s = time.monotonic() - shot.taken.monotonic_ns / 1e9
    camera.close()
    assert shot.taken.clock == "captured" and 3 <= age_s < 60
    assert shot.taken.wall_ns == pytest.approx(float(stamp) * 1e9, abs=1e6)
