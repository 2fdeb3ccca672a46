"""TopicSink: every result as messages, with the header of the image that it came from.

Knows which message is made of what; publishers and clock are given to it.
"""

import time
from typing import TYPE_CHECKING, Callable, NamedTuple, Optional

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from geometry_msgs.msg import Point, Pose, PoseStamped, Quaternion
from nav_msgs.msg import Path
from sensor_msgs.msg import Image, LaserScan
from std_msgs.msg import Header, String

from catseye.runtime.engines.computed_by import About
from catseye.runtime.frame import Frame
from catseye.runtime.sinks import EndRun, Facts, Sink, WriteReport
from catseye.runtime.sinks.jsonl import line_from_result
from catseye.runtime.sources.faults import Notice
from catseye.runtime.tasks import Result
from catseye.runtime.tasks.road_mask import RoadMask
from catseye_ros import geometry
from catseye_ros.diagnostics import Kinds, status_of
from catseye_ros.pictures import message_from_image

if TYPE_CHECKING:
    from builtin_interfaces.msg import Time
    from rclpy.publisher import Publisher

DIAGNOSTICS_EVERY_S = 1.0
KINDS = Kinds(DiagnosticStatus, KeyValue)
PATHS = geometry.Kinds(Path, PoseStamped, Pose, Point, Quaternion)


class Ros(NamedTuple):
    """What the sink needs of its node. ground_frame: that metres are told in.  header: of the image
    in hand.  now: stamp of the clock.  ok:
    until shutdown."""

    mask: "Publisher"
    overlay: "Publisher"
    results: "Publisher"
    path: "Publisher"
    scan: "Publisher"
    diagnostics: "Publisher"
    name: str
    ground_frame: str
    header: Callable[[], Header]
    now: "Callable[[], Time]"
    ok: Callable[[], bool]


class TopicSink(Sink):
    """Publishes in the loop's thread; the overlay is drawn only while somebody subscribes to it."""

    own_thread = False

    def __init__(self, ros: Ros) -> None:
        self._ros = ros
        self._about: Optional[About] = None
        self._facts: Optional[Facts] = None
        self._told_s = 0.0

    def begin(self, about: About) -> None:
        self._about = about

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        ros, header = self._ros, self._ros.header()
        if isinstance(result, RoadMask):
            self._publish(ros.mask, message_from_image(Image, header, result.mask))
            self._write_metres(header, result)
        if ros.overlay.get_subscription_count():
            self._publish(ros.overlay, message_from_image(Image, header, report.overlay))
        self._publish(
            ros.results, String(data=line_from_result(frame, result, report).rstrip("\n"))
        )
        self._facts = report.facts
        if time.monotonic() - self._told_s >= DIAGNOSTICS_EVERY_S:
            self._tell(None)

    def _write_metres(self, header: Header, result: RoadMask) -> None:
        """Path and scan, once the camera's model is known."""
        found, ros = result.geometry, self._ros
        if found is not None:
            here = Header(stamp=header.stamp, frame_id=ros.ground_frame)
            self._publish(ros.path, geometry.path_message(PATHS, here, found))
            self._publish(ros.scan, geometry.scan_message(LaserScan, here, found))

    def notice(self, notice: Notice) -> None:
        self._tell(notice)

    def _tell(self, notice: Optional[Notice]) -> None:
        self._told_s = time.monotonic()
        status = status_of(
            KINDS, self._ros.name, about=self._about, facts=self._facts, notice=notice
        )
        header = Header(stamp=self._ros.now(), frame_id="")
        self._publish(self._ros.diagnostics, DiagnosticArray(header=header, status=[status]))

    def _publish(self, publisher: "Publisher", message: object) -> None:
        """After a shutdown, which comes at any moment, nothing can be published any more."""
        try:
            publisher.publish(message)
        except Exception:  # rclpy's own errors have no public name
            if self._ros.ok():
                raise
            raise EndRun() from None
