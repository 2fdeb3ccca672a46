"""A real RTSP server of GStreamer on 127.0.0.1, for the tests: `rtsp_server.py PORT [KIND]`; says
"ready" when it is.

Runs under whichever Python has GStreamer's bindings (Debian: python3-gi,
gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-good, for H.264 gstreamer1.0-plugins-bad and
-ugly), which need not be the one that runs the tests. The picture is a moving ball. KIND:

ball        motion JPEG, the usual one.
rare        H.264 with a key frame at the beginning and then every twelve seconds.
middle      H.264 of one encoder for all, with a key frame every six seconds: who comes, comes
            between two.
late        motion JPEG of pictures that are held back for 600 ms before they are sent.
late-h264   H.264, likewise.
locked      as ball, for the user `me` with the password `secret`, by digest.
sound       no video.
two-sizes   H.264 whose size changes after sixty frames, in the middle of the stream.
"""

import sys
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402 (after the versions are chosen)

BALL = (
    "videotestsrc is-live=true pattern=ball !"
    " video/x-raw,format=I420,width=%d,height=%d,framerate=%d/1"
)
H264 = "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=%d option-string=scenecut=0"
JPEG = "( %s ! jpegenc quality=80 ! rtpjpegpay name=pay0 )" % (BALL % (320, 240, 25))
RARE = "( %s ! %s ! rtph264pay name=pay0 )" % (BALL % (320, 180, 15), H264 % 180)
PARSED = "h264parse ! video/x-h264,stream-format=avc,alignment=au"
FED = (
    "( appsrc name=fed is-live=true format=time do-timestamp=true ! h264parse !"
    " rtph264pay config-interval=-1 name=pay0 )"
)
HELD = "queue max-size-buffers=0 max-size-bytes=0 max-size-time=0 min-threshold-time=600000000"
LATE = "( %s ! %s ! jpegenc quality=80 ! rtpjpegpay name=pay0 )" % (BALL % (320, 240, 25), HELD)
LATE_H264 = "( %s ! %s ! %s ! rtph264pay name=pay0 )" % (BALL % (320, 180, 25), HELD, H264 % 25)
SOUND = "( audiotestsrc is-live=true ! mulawenc ! rtppcmupay name=pay0 )"
FRAMES_OF_FIRST_SIZE = 60


class Encoders(GstRtspServer.RTSPMediaFactory):
    """Encoders that run all the time; a client gets the first one's pictures from now on, and after
    some of these the second one's, as has everybody from then on."""

    def __init__(self, sizes, between_keys):
        super().__init__()
        self.given = 0  # pictures of the first one
        self.caps, self.clients, self.running = {}, [], []
        for i, (width, height) in enumerate(sizes):
            text = " ! ".join((BALL % (width, height, 15), H264 % between_keys, PARSED))
            encoder = Gst.parse_launch(text + " ! appsink name=out emit-signals=true sync=false")
            encoder.get_by_name("out").connect("new-sample", self.pass_on, i)
            encoder.set_state(Gst.State.PLAYING)
            self.running.append(encoder)
        while len(self.caps) < len(sizes):
            time.sleep(0.05)

    def now(self):
        """The number of the encoder that is passed on."""
        return int(self.given > FRAMES_OF_FIRST_SIZE and len(self.running) > 1)

    def pass_on(self, out, i):
        sample = out.emit("pull-sample")
        buffer, self.caps[i] = sample.get_buffer(), sample.get_caps()
        is_delta = buffer.get_flags() & Gst.BufferFlags.DELTA_UNIT
        for client in list(self.clients):
            if i == self.now() != client["encoder"] and not is_delta:
                client["encoder"] = i
                client["fed"].set_property("caps", self.caps[i])
            if i == client["encoder"]:
                self.given += i == 0
                copy = Gst.Buffer.new_wrapped(buffer.extract_dup(0, buffer.get_size()))
                if is_delta:
                    copy.set_flags(Gst.BufferFlags.DELTA_UNIT)
                if client["fed"].emit("push-buffer", copy) != Gst.FlowReturn.OK:
                    self.clients.remove(client)
        return Gst.FlowReturn.OK

    def do_create_element(self, url):
        media = Gst.parse_launch(FED)
        media.get_by_name("fed").set_property("caps", self.caps[self.now()])
        return media

    def do_configure(self, media):
        fed = media.get_element().get_by_name_recurse_up("fed")
        self.clients.append({"fed": fed, "encoder": self.now()})


def report_captures(factory, media):
    """Reports tell when pictures were captured, as cameras' do; GStreamer's own say when they are
    sent."""

    def prepared(media):
        pipeline = media.get_element().get_parent()
        for element in pipeline.children:
            if element.get_factory().get_name() == "rtpbin":
                element.set_property("rtcp-sync-send-time", False)

    media.connect("prepared", prepared)


def factory_of(kind):
    if kind == "middle":
        return Encoders([(320, 180)], 90)
    if kind == "two-sizes":
        return Encoders([(320, 180), (240, 320)], 15)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(
        {"rare": RARE, "sound": SOUND, "late": LATE, "late-h264": LATE_H264}.get(kind, JPEG)
    )
    factory.set_shared(kind == "ball")
    if kind.startswith("late"):
        factory.connect("media-configure", report_captures)
    return factory


def lock(server, factory):
    """Only `me` may look."""
    auth, token = GstRtspServer.RTSPAuth(), GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest("me", "secret", token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    for right in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role("viewer", right, True)
    factory.set_permissions(permissions)


def main(port, kind="ball"):
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = factory_of(kind)
    server.get_mount_points().add_factory("/front", factory)
    if kind == "locked":
        lock(server, factory)
    if not server.attach(None):
        sys.exit("port %s is taken" % port)
    print("ready", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(*sys.argv[1:])
