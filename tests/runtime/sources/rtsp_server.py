"""A real RTSP server of GStreamer on 127.0.0.1, for the tests: `python3 rtsp_server.py PORT`; says
"ready" when it is.

Runs under whichever Python has GStreamer's bindings (Debian: python3-gi,
gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-good), which need not be the one that runs the
tests. The picture is a moving ball, as motion JPEG.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402 (after the versions are chosen)

LAUNCH = (
    "( videotestsrc is-live=true pattern=ball !"
    " video/x-raw,format=I420,width=320,height=240,framerate=25/1 ! jpegenc quality=80 ! rtpjpegpay"
    " name=pay0 )"
)


def main(port: str) -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(LAUNCH)
    factory.set_shared(True)
    server.get_mount_points().add_factory("/front", factory)
    if not server.attach(None):
        sys.exit("port %s is taken" % port)
    print("ready", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(sys.argv[1])
