"""A double of rclpy with the call shapes of ROS 2 Humble: feeds recorded messages, keeps what is
published as CDR.

Messages are rosbags' classes of Humble's definitions. What rclpy checks when a message is made is
checked when it is published: kinds of fields, and bytes as array('B'), which is what rclpy takes
without looking at every number.
"""

import dataclasses
import time
from array import array
from types import ModuleType, SimpleNamespace
from typing import Any, Callable, Dict, List, Tuple

import numpy as np
from camera_loop import wait_until
from rosbags.typesys import Stores, get_typestore

STORE = get_typestore(Stores.ROS2_HUMBLE)
MESSAGES = {
    "sensor_msgs": ("Image", "CompressedImage", "CameraInfo", "LaserScan"),
    "nav_msgs": ("Path",),
    "geometry_msgs": ("PoseStamped", "Pose", "Point", "Quaternion"),
    "std_msgs": ("Header", "String"),
    "diagnostic_msgs": ("DiagnosticArray", "DiagnosticStatus", "KeyValue"),
    "builtin_interfaces": ("Time",),
}


def kind(package: str, name: str) -> Any:
    return STORE.types["%s/msg/%s" % (package, name)]


class ExternalShutdownException(Exception):
    pass


class QoSProfile:
    def __init__(self, *, history: str, depth: int, reliability: str) -> None:
        self.history, self.depth, self.reliability = history, depth, reliability


class World:
    """One ROS. incoming: (topic, message) that `spin` hands over.  published: (topic, type, CDR
    bytes)."""

    def __init__(self) -> None:
        self.incoming: List[Tuple[str, Any]] = []
        self.published: List[Tuple[str, str, bytes]] = []
        self.parameters: Dict[str, Any] = {}
        self.subscribed: Tuple[str, ...] = ()  # topics that somebody else listens to
        self.log: List[str] = []
        self.up = False
        self.nodes: List[Any] = []
        # what `spin` waits for after so many messages
        self.answered: Callable[[int], bool] = lambda fed: (
            len(self.messages("/catseye/results")) == fed
        )

    def messages(self, topic: str) -> List[Any]:
        return [
            STORE.deserialize_cdr(data, type_)
            for name, type_, data in list(self.published)
            if name == topic
        ]

    def modules(self) -> Dict[str, ModuleType]:
        """What stands for rclpy and the message packages in sys.modules."""
        world = self

        class BoundNode(Node):
            def __init__(self, node_name: str) -> None:
                super().__init__(node_name, world)

        found = {
            "rclpy": module(
                init=self.init, ok=lambda: self.up, shutdown=self.shutdown, spin=self.spin
            ),
            "rclpy.node": module(Node=BoundNode),
            "rclpy.executors": module(ExternalShutdownException=ExternalShutdownException),
            "rclpy.qos": module(
                QoSProfile=QoSProfile,
                HistoryPolicy=SimpleNamespace(KEEP_LAST="keep last"),
                ReliabilityPolicy=SimpleNamespace(BEST_EFFORT="best effort", RELIABLE="reliable"),
            ),
        }
        for package, names in MESSAGES.items():
            found[package] = module()
            found[package + ".msg"] = module(**{name: kind(package, name) for name in names})
        return found

    def init(self, *, args: Any = None) -> None:
        assert not self.up
        self.up = True

    def shutdown(self) -> None:
        assert self.up  # rclpy raises at a second one
        self.up = False

    def spin(self, node: "Node") -> None:
        for fed, (topic, message) in enumerate(self.incoming, 1):
            for kind_, name, callback in node.subscriptions:
                if name == topic and isinstance(message, kind_):
                    callback(message)
            wait_until(lambda: not self.up or self.answered(fed), seconds=60)  # noqa: B023
        self.up = False
        raise ExternalShutdownException()


class Node:
    def __init__(self, node_name: str, world: World) -> None:
        assert world.up
        self._name, self.world, self.destroyed = node_name, world, False
        self.subscriptions: List[Tuple[Any, str, Callable[[Any], None]]] = []
        self.profiles: Dict[str, QoSProfile] = {}
        world.nodes.append(self)

    def get_name(self) -> str:
        return self._name

    def declare_parameter(self, name: str, value: Any = None) -> Any:
        chosen = self.world.parameters.get(name, value)
        # parameters keep their default's type
        assert type(chosen) is type(value), "InvalidParameterTypeException"
        return SimpleNamespace(name=name, value=chosen)

    def create_subscription(
        self, msg_type: Any, topic: str, callback: Any, qos_profile: QoSProfile
    ) -> None:
        self.profiles[topic] = qos_profile
        self.subscriptions.append((msg_type, self._resolved(topic), callback))

    def create_publisher(self, msg_type: Any, topic: str, qos_profile: QoSProfile) -> "Publisher":
        self.profiles[topic] = qos_profile
        return Publisher(self.world, msg_type, self._resolved(topic))

    def get_logger(self) -> Any:
        return SimpleNamespace(info=self.world.log.append, warning=self.world.log.append)

    def get_clock(self) -> Any:
        sec, nanosec = divmod(int(time.time() * 1e9), 10**9)
        stamp = kind("builtin_interfaces", "Time")(sec=sec, nanosec=nanosec)
        return SimpleNamespace(now=lambda: SimpleNamespace(to_msg=lambda: stamp))

    def destroy_node(self) -> None:
        assert not self.world.up  # else the executor would still be in it
        self.destroyed = True

    def _resolved(self, topic: str) -> str:
        return topic.replace("~", "/" + self._name) if topic[0] in "~/" else "/" + topic


class Publisher:
    def __init__(self, world: World, msg_type: Any, topic: str) -> None:
        self.world, self.msg_type, self.topic = world, msg_type, topic

    def get_subscription_count(self) -> int:
        return int(self.topic in self.world.subscribed)

    def publish(self, msg: Any) -> None:
        assert self.world.up, "Failed to publish: publisher's context is invalid"
        assert isinstance(msg, self.msg_type)
        name = self.msg_type.__msgtype__
        self.world.published.append(
            (self.topic, name, bytes(STORE.serialize_cdr(checked(msg), name)))
        )


KINDS_OF_ARRAYS = {"B": np.uint8, "f": np.float32}


def checked(msg: Any) -> Any:
    """The message with its bytes as rosbags keeps them, after what rclpy asks of every field."""
    values = {}
    for field in dataclasses.fields(msg):
        value, wanted = getattr(msg, field.name), str(field.type)
        if "ClassVar" in wanted:  # rosbags writes its own notes and the definition's constants so
            continue
        if "ndarray" in wanted:
            assert isinstance(value, array) and value.typecode in KINDS_OF_ARRAYS
            value = np.frombuffer(value, KINDS_OF_ARRAYS[value.typecode])
        elif wanted in ("int", "str", "float"):
            assert type(value).__name__ == wanted, field.name
        elif wanted.startswith("list"):
            value = [checked(each) for each in value]
        else:
            assert type(value).__name__ == wanted, field.name
            value = checked(value)
        values[field.name] = value
    return type(msg)(**values)


def module(**names: Any) -> ModuleType:
    made = ModuleType("double")
    made.__dict__.update(names)
    return made
