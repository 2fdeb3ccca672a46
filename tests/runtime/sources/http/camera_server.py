"""A real web server on 127.0.0.1 that answers as cameras do, or as they should not."""

import socketserver
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import cv2
import numpy as np


class CameraServer(socketserver.ThreadingMixIn, HTTPServer):
    """routes: a function of the request's handler for each path. asked: the requests so far, as
    (path, headers)."""

    daemon_threads = True

    def __init__(self, certificate=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.routes, self.asked = {}, []
        self.scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def uri(self, path="/", user=""):
        return "%s://%s127.0.0.1:%d%s" % (
            self.scheme,
            user and user + "@",
            self.server_port,
            path,
        )

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def handle_error(self, *_):  # a client that has left
        pass


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        route = self.server.routes.get(self.path, lambda handler: answer(handler, status=404))
        route(self)

    def log_message(self, *_):
        pass


def answer(handler, body=b"", content_type="text/plain", status=200, **headers):
    """One whole answer; underscores in the names of headers stand for hyphens."""
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def stream(
    handler,
    pictures,
    fps=None,
    *,
    boundary="frame",
    declared=None,
    length=len,
    between=b"\r\n",
    part_type="Content-Type: image/jpeg\r\n",
    status="multipart/x-mixed-replace; boundary=%s",
):
    """Motion JPEG. length: what Content-Length says of a picture; None: nothing."""
    handler.close_connection = True
    handler.send_response(200)
    handler.send_header(
        "Content-Type", status % (declared or boundary) if "%" in status else status
    )
    handler.end_headers()
    for picture in pictures:
        said = "" if length is None else "Content-Length: %d\r\n" % length(picture)
        head = "--%s\r\n%s%s\r\n" % (boundary, part_type, said)
        handler.wfile.write(head.encode() + picture + between)
        if fps:
            time.sleep(1.0 / fps)


def noise(seed=0, size_wh=(160, 120)):
    """(H, W, 3) uint8: soft noise, which no two decoders see alike."""
    grains = np.random.RandomState(seed).randint(0, 256, (size_wh[1], size_wh[0], 3))
    return cv2.GaussianBlur(grains.astype(np.uint8), (0, 0), 2.0)


def jpeg(image):
    return cv2.imencode(".jpg", image)[1].tobytes()


def grey_jpeg(value, size_wh=(64, 48)):
    return jpeg(np.full((size_wh[1], size_wh[0], 3), value, np.uint8))
