#!/bin/sh
# Words of a session description that look like numbers, read and written again by sdp-transform: what becomes of them.
#
# sdp-transform 1.1.0 (Python). A camera's H.264 stream: profile-level-id is six hexadecimal digits, AAC's config is
# hexadecimal too, control, mid and ice-ufrag are words of the server's own choice. Expected: these as they are, or a number that
# is written as it was read. Seen: whatever float() takes becomes a number. 42e01f (level 3.1) stays a word, and 42e028
# (level 4.0) becomes 4.2e+29; the address control:1e5 is written as 100000.0, control:01 as 1, so that SETUP asks for
# a stream that is not there, and a user name 12e4, as browsers roll them, no longer is the one that the other side knows.
#   profile-level-id: 42e01f stays, 4d4028 stays, 640028 -> 640028 (a number), 42e028 -> 4.2e+29, 42e015 -> 4.2e+16
#   config: 1408 -> 1408 (a number), 0890 -> 890
#   s=007 -> s=7
#   a=control:trackID=1 stays
#   a=control:1e5 -> a=control:100000.0
#   a=control:01 -> a=control:1
#   a=mid:1e2 -> a=mid:100.0
#   a=ice-ufrag:12e4 -> a=ice-ufrag:120000.0
#   a=ice-pwd:0071e4 -> a=ice-pwd:710000.0
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check sdp-transform==1.1.0
"$folder/venv/bin/python" - <<'END'
import sdp_transform

DESCRIPTION = "v=0\r\no=- 1 1 IN IP4 192.168.1.5\r\n%s\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n%s\r\n"


def written(name, line):
    """`name` and `line` of a description that was read and written"""
    text = sdp_transform.write(sdp_transform.parse(DESCRIPTION % (name, line))).split("\r\n")
    return text[2], text[6]


def read(key, value):
    return sdp_transform.parseParams("%s=%s" % (key, value))[key]


found = {
    (key, value): read(key, value)
    for key, value in [("profile-level-id", each) for each in ("42e01f", "4d4028", "640028", "42e028", "42e015")]
    + [("config", "1408"), ("config", "0890")]
}
lines = {"s=007": written("s=007", "a=recvonly")[0]}
for line in ("control:trackID=1", "control:1e5", "control:01", "mid:1e2", "ice-ufrag:12e4", "ice-pwd:0071e4"):
    lines["a=" + line] = written("s=Camera", "a=" + line)[1]
for (key, value), told in found.items():
    print("%s: %s -> %r" % (key, value, told))
for line, told in lines.items():
    print(line + (" stays" if told == line else " -> " + told))
words = ["42e01f", "4d4028", 640028, 4.2e29, 4.2e16, 1408, 890]
seen = ["s=7", "a=control:trackID=1", "a=control:100000.0", "a=control:1", "a=mid:100.0", "a=ice-ufrag:120000.0"]
same = repr(list(found.values())) == repr(words) and list(lines.values()) == seen + ["a=ice-pwd:710000.0"]
raise SystemExit(0 if same else 1)
END
