"""What NVIDIA's camera stack says when it gives no picture, and what fixes it: a table, and the
daemon's socket.

Knows texts that nvarguscamerasrc and libargus print past GStreamer's own errors. Restarts nothing.
"""

import os
from typing import NamedTuple, Tuple

SOCKET = "tmp/argus_socket"
RESTART = "sudo systemctl restart nvargus-daemon"


class Complaint(NamedTuple):
    found: str
    expected: str
    fix: str


NO_DAEMON = Complaint(
    "the camera daemon does not answer",
    "nvargus-daemon running",
    RESTART + " (in a container: -v /tmp/argus_socket:/tmp/argus_socket)",
)
# part of what is printed -> what it means; the first that fits
COMPLAINTS: Tuple[Tuple[str, Complaint], ...] = (
    ("Connecting to nvargus-daemon failed", NO_DAEMON),
    ("Cannot create camera provider", NO_DAEMON),
    (
        "No cameras available",
        Complaint(
            "no CSI sensor answers",
            "a sensor that the device tree names, on a ribbon that sits",
            "power off and reseat the ribbon; sudo /opt/nvidia/jetson-io/jetson-io.py chooses the"
            " sensor; then reboot",
        ),
    ),
    (
        "Invalid camera device specified",
        Complaint(
            "no CSI sensor of that number",
            "csi://0 for the first",
            "`catseye doctor` lists the sensors",
        ),
    ),
    (
        "Failed to create CaptureSession",
        Complaint(
            "the camera is taken, or the daemon still holds a dead session",
            "a sensor that no other program uses",
            "end the other program; " + RESTART,
        ),
    ),
    (
        "Frame Rate specified is greater than supported",
        Complaint(
            "the sensor is not that fast at that size",
            "one of its modes",
            "give a smaller size or a lower fps",
        ),
    ),
    (
        'no element "nvarguscamerasrc"',
        Complaint(
            "GStreamer has no nvarguscamerasrc",
            "NVIDIA's plug-ins",
            "sudo apt install nvidia-l4t-gstreamer nvidia-l4t-camera",
        ),
    ),
    (
        "Failed to acquire frame",
        Complaint(
            "the sensor stopped sending",
            "a steady link",
            "reseat the ribbon; shorten the cable; " + RESTART,
        ),
    ),
)


def complaint_in(text: str, root: str = "/") -> Complaint:
    """What the printed text means; where it tells nothing known, whether the daemon is there at
    all."""
    for part, complaint in COMPLAINTS:
        if part in text:
            return complaint
    if not os.path.exists(os.path.join(root, SOCKET)):
        return NO_DAEMON
    return Complaint(
        "no picture from the CSI sensor",
        "a sensor with that mode that no other program uses",
        "check the ribbon; %s; try another size or fps" % RESTART,
    )
