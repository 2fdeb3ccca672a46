"""The doctor's questions about cameras: which are here, what pictures they offer, and who serves
the CSI ones.

Knows device files, their names in sysfs and their formats; opens no stream. A sensor on the ribbon
shows up as a V4L2 device that offers raw Bayer patterns only: it is read through NVIDIA's image
processor and its daemon, as csi://.
"""

import os
from typing import List, NamedTuple, Optional

from catseye.jetson.cameras.argus import NO_DAEMON, SOCKET
from catseye.jetson.cameras.sensor_modes import VI_OUTPUT
from catseye.jetson.cameras.v4l2_formats import formats_of, is_raw
from catseye.jetson.checks.check import Check, check_of
from catseye.jetson.checks.gpu import locked_among
from catseye.jetson.jetpack import Board
from catseye.jetson.sysfs import paths_like, text_at


class CameraDevice(NamedTuple):
    path: str  # from the root, with a slash
    name: str
    formats: List[str]

    @property
    def is_csi(self) -> bool:
        return VI_OUTPUT in self.name or is_raw(self.formats)

    def __str__(self) -> str:
        formats = " ".join(self.formats) or "no formats reported"
        return "%s (%s: %s%s)" % (
            self.path,
            self.name or "unnamed",
            formats,
            "; use csi://" if self.is_csi else "",
        )


def cameras(root: str) -> List[CameraDevice]:
    """Every video device of the kernel."""
    return [
        CameraDevice(
            "/" + path,
            text_at(root, "sys/class/video4linux/%s/name" % os.path.basename(path)),
            formats_of(os.path.join(root, path)),
        )
        for path in paths_like(root, "dev/video*")
    ]


def camera_checks(root: str, board: Optional[Board]) -> List[Check]:
    found = cameras(root)
    checks = [camera_check(root, board, found)]
    if board is not None and any(camera.is_csi for camera in found):
        checks.append(argus_check(root))
    return checks


def camera_check(root: str, board: Optional[Board], found: List[CameraDevice]) -> Check:
    """Cameras of the kernel, and whether this user may open them. A workstation may well have
    none."""
    locked = locked_among(root, [camera.path[1:] for camera in found])
    if locked:
        return Check(
            "camera",
            "warn",
            "no permission for " + ", ".join(locked),
            "a user of the group video",
            "sudo usermod -aG video $USER, then log in again",
        )
    return check_of(
        "camera",
        bool(found) or board is None,
        "; ".join(map(str, found)) or "none",
        "/dev/video0",
        "check the ribbon and `dmesg`; without one: --source synthetic://road",
    )


def argus_check(root: str) -> Check:
    """The daemon that serves CSI cameras."""
    there = os.path.exists(os.path.join(root, SOCKET))
    return check_of(
        "argus",
        there,
        "it listens" if there else "no /" + SOCKET,
        "nvargus-daemon, for csi:// cameras",
        NO_DAEMON.fix,
    )
