"""A real HTTP server on 127.0.0.1 that serves bytes and can be told to behave as bad servers do."""

import http.server
import re
import threading
import time
from contextlib import contextmanager


class FileServer(http.server.ThreadingHTTPServer):
    """files: content by path. The switches say what goes wrong; `asked` records (path, Range header
    or None)."""

    daemon_threads = True

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.asked = []
        self.break_after = []  # bytes after which the next answers break off, one entry each
        self.stall_after = []  # likewise, but the connection stays open and silent
        self.has_range = True
        self.has_length = True
        self.wrong_range = False
        self.status = {}  # status code by path, instead of content
        self.redirects = {}  # new address by path
        self.first_status = []  # status codes of the next answers

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        """Clients leave in the middle here; that is what is tested."""


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server, asked_range = self.server, self.headers.get("Range")
        path = re.sub(r"^http://[^/]+", "", self.path)  # a proxy is asked for whole addresses
        server.asked.append((self.path, asked_range))
        if server.first_status:
            return self.send_error(server.first_status.pop(0))
        if path in server.redirects:
            self.send_response(302)
            self.send_header("Location", server.redirects[path])
            return self.end_headers()
        if path in server.status or path not in server.files:
            return self.send_error(server.status.get(path, 404))
        self._send(server.files[path], asked_range)

    def _send(self, content, asked_range):
        server = self.server
        start = int(asked_range[len("bytes=") : -1]) if asked_range and server.has_range else 0
        if start >= len(content) and start:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            return self.end_headers()
        rest = content[start:]
        self.send_response(206 if start else 200)
        if start:
            first = start + 1 if server.wrong_range else start
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        if server.has_length:
            self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if server.break_after:
            self.wfile.write(rest[: server.break_after.pop(0)])
        elif server.stall_after:
            self.wfile.write(rest[: server.stall_after.pop(0)])
            self.wfile.flush()
            time.sleep(10)  # in a daemon thread: nobody waits for its end
        else:
            self.wfile.write(rest)

    def log_message(self, *_):
        pass


@contextmanager
def serving(files):
    with FileServer(files) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
