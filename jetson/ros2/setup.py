"""The ament_python package of the node; `colcon build` reads it. Catseye itself is no part of it
(README.md)."""

from setuptools import setup

NAME = "catseye_ros"

setup(
    name=NAME,
    version="0.1.0",
    description="Catseye as a ROS 2 node",
    license="Apache-2.0",
    packages=[NAME],
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/" + NAME]),
        ("share/" + NAME, ["package.xml"]),
        ("share/" + NAME + "/launch", ["launch/road.launch.py"]),
        ("share/" + NAME + "/config", ["config/road.yaml"]),
    ],
    install_requires=["setuptools"],
    zip_safe=True,
    entry_points={"console_scripts": ["catseye = catseye_ros.node:main"]},
)
