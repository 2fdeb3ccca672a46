"""The ROS 2 node `catseye`: an image topic through a model. README.md has its topics and
parameters.

Knows rclpy and how source, model and sink go together; the loop is the runtime's.
"""

import logging
import math
import sys
import threading
from typing import NamedTuple, Optional, Sequence

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from nav_msgs.msg import Path
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.qos import HistoryPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, LaserScan
from std_msgs.msg import String

from catseye.jetson.power.power_log import PowerLog
from catseye.runtime.cameras.feed import Feed
from catseye.runtime.engines.opened import OpenedModel, open_file
from catseye.runtime.errors import CatseyeError
from catseye.runtime.geometry.camera_file import camera_from_file
from catseye.runtime.geometry.camera_model import HEIGHT_ERROR, CameraModel, Mount
from catseye.runtime.geometry.lens import Lens
from catseye.runtime.pipeline import Pipeline
from catseye.runtime.system.native_stderr import take_stderr
from catseye.runtime.system.signals import ended_by_signals
from catseye.runtime.tasks import AnyTask, open_task
from catseye.runtime.tasks.road import RoadTask
from catseye_ros.geometry import TOPIC, lens_from_message
from catseye_ros.pictures import image_from_compressed, image_from_message
from catseye_ros.sink import Ros, TopicSink
from catseye_ros.source import TopicSource

CHOICES = {"transport": ("raw", "compressed"), "age_from": ("stamp", "arrival")}
NEWEST = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=1, reliability=ReliabilityPolicy.BEST_EFFORT
)
RELIABLE = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=1, reliability=ReliabilityPolicy.RELIABLE
)


class Settings(NamedTuple):
    """The node's parameters, as README.md lists them, with their defaults."""

    model: str = ""
    backend: str = "auto"
    provider: str = ""
    threads: int = 0
    transport: str = "raw"
    age_from: str = "stamp"
    silent_s: float = 5.0
    budget_ms: float = 0.0
    camera: str = ""
    height_m: float = 0.0
    pitch_deg: float = 0.0
    ground_frame: str = "catseye_ground"


class CatseyeNode(Node):
    """Parameters, topics, and the run between them."""

    def __init__(self) -> None:
        """Raises CatseyeError for a parameter out of its range."""
        super().__init__("catseye")
        self.settings = Settings(
            **{
                name: self.declare_parameter(name, value).value
                for name, value in Settings()._asdict().items()
            }
        )
        self._spinning: Optional[threading.Thread] = None
        self._lens: Optional[Lens] = None
        self._said = ""
        _check(self.settings)

    def run(self) -> None:
        """Until the program is told to end. Raises CatseyeError for a model or an image that cannot
        be used."""
        chosen = self.settings
        model = open_file(
            chosen.model, chosen.backend, provider=chosen.provider, threads=chosen.threads
        )
        with model.engine, self._source() as source:
            task = open_task(model.card, self._camera())
            if self.settings.height_m and isinstance(task, RoadTask):
                self._follow_camera_info(task)
            sink = TopicSink(self._ros(source))
            sink.begin(model.about)
            self._spinning = threading.Thread(
                target=spin, args=(self, source), name="ros", daemon=True
            )
            self._spinning.start()
            self.get_logger().info(str(model.computed_by))
            self._loop(source, model, task, sink)

    def close(self) -> None:
        """After rclpy.shutdown(), which lets `spin` return."""
        if self._spinning is not None:
            self._spinning.join()
        self.destroy_node()

    def _camera(self) -> Optional[CameraModel]:
        return camera_from_file(self.settings.camera) if self.settings.camera else None

    def _follow_camera_info(self, task: RoadTask) -> None:
        """The lens is what `camera_info` says, the mount what the parameters say."""
        chosen = self.settings
        mount = Mount(
            chosen.height_m,
            math.radians(chosen.pitch_deg),
            height_error_m=HEIGHT_ERROR * chosen.height_m,
        )

        def follow(message: CameraInfo) -> None:
            try:
                lens = lens_from_message(message)
            except CatseyeError as error:
                return self._say_once(str(error))
            if lens != self._lens:
                self._lens = lens
                task.look_through(CameraModel(lens, mount))

        self.create_subscription(CameraInfo, TOPIC, follow, NEWEST)

    def _say_once(self, words: str) -> None:
        """A camera_info that is none comes with every image."""
        if words != self._said:
            self._said = words
            self.get_logger().warning(words + "; no metres until it is")

    def _loop(
        self, source: TopicSource, model: OpenedModel, task: AnyTask, sink: TopicSink
    ) -> None:
        with PowerLog() as log:
            pipeline = Pipeline(
                [Feed(source, task)],
                model.engine,
                [sink],
                budget_ms=self.settings.budget_ms or None,
                power=log.reading,
            )
            with ended_by_signals(pipeline.stop):
                statistics = pipeline.run()
        self.get_logger().info(
            "%d frames of %s in %.1f s, %d skipped"
            % (statistics.frames, statistics.source, statistics.seconds, statistics.skipped)
        )

    def _source(self) -> TopicSource:
        raw = self.settings.transport == "raw"
        topic = "image" if raw else "image/compressed"
        source = TopicSource(
            topic,
            image_from_message if raw else image_from_compressed,
            self.settings.age_from == "stamp",
            self.settings.silent_s,
        )
        self.create_subscription(Image if raw else CompressedImage, topic, source.put, NEWEST)
        return source

    def _ros(self, source: TopicSource) -> Ros:
        return Ros(
            mask=self.create_publisher(Image, "~/mask", RELIABLE),
            overlay=self.create_publisher(Image, "~/overlay", RELIABLE),
            results=self.create_publisher(String, "~/results", RELIABLE),
            path=self.create_publisher(Path, "~/path", RELIABLE),
            scan=self.create_publisher(LaserScan, "~/scan", RELIABLE),
            diagnostics=self.create_publisher(DiagnosticArray, "/diagnostics", RELIABLE),
            name=self.get_name(),
            ground_frame=self.settings.ground_frame,
            header=lambda: source.header,
            now=lambda: self.get_clock().now().to_msg(),
            ok=rclpy.ok,
        )


def spin(node: Node, source: TopicSource) -> None:
    """Let ROS call the subscription until it shuts down, which ends the run too."""
    try:
        rclpy.spin(node)
    except ExternalShutdownException:
        pass
    finally:
        source.stop()


def main(args: Optional[Sequence[str]] = None) -> int:
    """`ros2 run catseye_ros catseye`; exit code 2, with one line, for what a user can fix."""
    take_stderr()
    logging.basicConfig(format="catseye: %(message)s", level=logging.INFO)
    rclpy.init(args=args)
    node = None
    try:
        node = CatseyeNode()
        node.run()
    except CatseyeError as error:
        print("catseye: %s" % error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:  # before the first frame
        return 130
    finally:
        if rclpy.ok():
            rclpy.shutdown()
        if node is not None:
            node.close()
    return 0


def _check(settings: Settings) -> None:
    for name, choices in CHOICES.items():
        value = getattr(settings, name)
        if value not in choices:
            raise CatseyeError("parameter %s: %r" % (name, value), " or ".join(choices))
    if settings.camera and settings.height_m:
        raise CatseyeError(
            "parameters camera: %r and height_m: %s" % (settings.camera, settings.height_m),
            "a file, or camera_info with height_m and pitch_deg",
        )
    for name in ("threads", "silent_s", "budget_ms", "height_m"):
        value = getattr(settings, name)
        if value < 0:
            raise CatseyeError("parameter %s: %s" % (name, value), "zero or more")


if __name__ == "__main__":
    sys.exit(main())
