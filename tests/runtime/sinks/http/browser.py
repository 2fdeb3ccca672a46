"""A headless Chromium for tests, spoken to over a pipe with the standard library: open, evaluate,
click, photograph.

As a program it photographs the page of a running `catseye run ... --sink http://127.0.0.1:8080`:

    python tests/runtime/sinks/http/browser.py http://127.0.0.1:8080/ docs/webpage.png
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


def chromium():
    """Path of a Chromium, None where none is installed."""
    return (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )


class Browser:
    """One page, in a `with` block. downloads: folder that it saves to."""

    def __init__(self, profile, downloads, size_wh=(1280, 860), scale=1, mobile=False):
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()

        def wire():  # Chromium reads commands from descriptor 3 and answers on 4
            spare = [os.dup(commands), os.dup(answers)]
            os.dup2(spare[0], 3)
            os.dup2(spare[1], 4)

        self._process = subprocess.Popen(
            [chromium(), *FLAGS, "--user-data-dir=%s" % profile, "about:blank"],
            preexec_fn=wire,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        self._unread, self._number, self._session, self.errors = b"", 0, None, []
        self.requests = []
        (target,) = [
            t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page"
        ][:1]
        self._session = self.call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")
        self.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(downloads))
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=size_wh[0],
            height=size_wh[1],
            deviceScaleFactor=scale,
            mobile=mobile,
        )

    def call(self, method, **parameters):
        """One command of the DevTools protocol and its answer; errors and requests that pass by are
        kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session and not method.startswith(("Target.", "Browser.")):
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self._keep(answer)

    def _next(self):
        while b"\0" not in self._unread:
            data = os.read(self._answers, 1 << 16)
            assert data, "the browser has gone"
            self._unread += data
        text, _, self._unread = self._unread.partition(b"\0")
        return json.loads(text.decode("utf-8"))

    def _keep(self, event):
        if event["method"] == "Runtime.exceptionThrown":
            self.errors.append(event["params"]["exceptionDetails"])
        if event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
            self.errors.append(event["params"]["entry"])
        if event["method"] == "Network.requestWillBeSent":
            self.requests.append(event["params"]["request"]["url"])

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete'")

    def value(self, expression):
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, expression, seconds=60):
        """Wait until the expression is true in the page."""
        end_s = time.monotonic() + seconds
        while not self.value(expression):
            assert time.monotonic() < end_s, "never true: " + expression
            time.sleep(0.05)

    def click(self, selector, across=0.5):
        """The left button, at this share of the element's width."""
        x, y, width, height = self.value(
            "(r => [r.x, r.y, r.width,"
            " r.height])(document.querySelector(%r).getBoundingClientRect())" % selector
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call(
                "Input.dispatchMouseEvent",
                type=kind,
                x=x + across * width,
                y=y + height / 2,
                button="left",
                clickCount=1,
            )

    def photograph(self, path):
        with open(str(path), "wb") as stream:
            stream.write(
                base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        os.close(self._commands)
        os.close(self._answers)


def main():
    with (
        tempfile.TemporaryDirectory() as folder,
        Browser(os.path.join(folder, "p"), folder, (1160, 820)) as browser,
    ):
        browser.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": "dark"}],
        )
        browser.open(sys.argv[1])
        browser.until("number > 0 && numbers && numbers.frames")
        browser.click("#record")
        time.sleep(20)  # a browser that starts on the same machine is felt for a while
        browser.photograph(sys.argv[2])
        browser.click("#record")
        browser.until("document.getElementById('said').textContent.startsWith('Recorded')")


if __name__ == "__main__":
    main()
