"""The ament package: what colcon and the launch files look for is there, and its parts agree."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import catseye

PACKAGE = Path(catseye.__file__).resolve().parents[1] / "jetson" / "ros2"
NODE = (PACKAGE / "catseye_ros" / "node.py").read_text()


def test_it_installs_where_ament_looks(tmp_path: Path) -> None:
    """As colcon does it: setup.py of a copy into a prefix."""
    pytest.importorskip("setuptools")
    shutil.copytree(PACKAGE, tmp_path / "source")
    subprocess.run(
        [
            sys.executable,
            "setup.py",
            "-q",
            "install",
            "--root",
            str(tmp_path / "root"),
            "--prefix",
            "/ws",
            "--single-version-externally-managed",
            "--record",
            "files.txt",
        ],
        cwd=tmp_path / "source",
        check=True,
        capture_output=True,
    )
    share = tmp_path / "root" / "ws" / "share"
    assert (share / "ament_index" / "resource_index" / "packages" / "catseye_ros").exists()
    for name in ("package.xml", "launch/road.launch.py", "config/road.yaml"):
        assert (share / "catseye_ros" / name).read_text() == (PACKAGE / name).read_text()
    script = tmp_path / "root" / "ws" / "lib" / "catseye_ros" / "catseye"  # where `ros2 run` looks
    assert "main" in script.read_text() and script.stat().st_mode & 0o100
    assert list((tmp_path / "root").rglob("catseye_ros/node.py"))


def test_package_xml_names_what_is_imported() -> None:
    root = ElementTree.parse(PACKAGE / "package.xml").getroot()
    assert (
        root.findtext("name") == "catseye_ros" and root.findtext("version") == catseye.__version__
    )
    assert root.findtext("export/build_type") == "ament_python"
    needed = {element.text for element in root.findall("exec_depend")}
    imported = {
        name.split(".")[0]
        for path in PACKAGE.rglob("catseye_ros/*.py")
        for name in re.findall(r"^(?:from|import) (\S+)", path.read_text(), re.MULTILINE)
    }
    assert {name for name in imported if name.endswith("_msgs") or name == "rclpy"} <= needed


def test_parameters_of_file_and_page_are_the_nodes() -> None:
    (settings,) = [
        node
        for node in ast.parse(NODE).body
        if isinstance(node, ast.ClassDef) and node.name == "Settings"
    ]
    declared = {
        field.target.id: ast.literal_eval(field.value)
        for field in settings.body
        if isinstance(field, ast.AnnAssign)
    }
    assert len(declared) == 12
    lines = (PACKAGE / "config" / "road.yaml").read_text().splitlines()
    written = dict(
        re.match(r"    (\w+): (\S+)", line).groups() for line in lines if line.startswith("    ")
    )
    as_yaml = {name: '""' if value == "" else str(value) for name, value in declared.items()}
    assert written == as_yaml
    page = (PACKAGE / "README.md").read_text()
    assert all("`%s`" % name in page for name in declared)
    assert all(
        "`%s`" % topic in page for topic in re.findall(r'"(~?/?[a-z]+/[a-z]+|/diagnostics)"', NODE)
    )


def test_the_launch_file_remaps_the_nodes_topics() -> None:
    launch = (PACKAGE / "launch" / "road.launch.py").read_text()
    compile(launch, "road.launch.py", "exec")
    assert '("image", image), ("image/compressed", [image, "/compressed"])' in launch
    assert '"image" if raw else "image/compressed"' in NODE
