"""One camera topic through Catseye: ros2 launch catseye_ros road.launch.py
image:=/camera/image_raw"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.substitutions import FindPackageShare


def generate_launch_description() -> LaunchDescription:
    image = LaunchConfiguration("image")
    params = PathJoinSubstitution([FindPackageShare("catseye_ros"), "config", "road.yaml"])
    return LaunchDescription(
        [
            DeclareLaunchArgument("image", default_value="/camera/image_raw"),
            DeclareLaunchArgument("params", default_value=params),
            Node(
                package="catseye_ros",
                executable="catseye",
                name="catseye",
                output="screen",
                parameters=[LaunchConfiguration("params")],
                remappings=[("image", image), ("image/compressed", [image, "/compressed"])],
            ),
        ]
    )
