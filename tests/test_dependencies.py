"""What is imported is declared in pyproject.toml, within bounds, and held by constraints.txt."""

import functools
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from house import FOLDERS, ROOT, imports_of, sources
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

tomllib = pytest.importorskip("tomllib", reason="came with Python 3.11")

WINGS = (*FOLDERS, "catseye/commands")
# imported where a machine has it, never installed by pip: JetPack's, ROS's, the system's, and what
# a script of the tests runs in an environment of its own
OF_THE_MACHINE = "tensorrt jtop gi ament_index_python launch launch_ros rclpy cv_bridge".split()
OF_THE_MACHINE += ["setuptools", "catseye", "catseye_ros"]
MESSAGES = re.compile(r"\w+_(msgs|interfaces)")
IN_AN_ENVIRONMENT_OF_ITS_OWN = ("tests/runtime/recording/foreign/write.py", "benchmarks/peers.py")
# imported where `make docs` runs, and in no other environment
NAMES = {"griffe": ["griffelib"]}
# of whose newest series we use what is as old as they are
WITHOUT_AN_UPPER_BOUND = {"cryptography", "packaging"}
PYTHONS = ("3.10", "3.11", "3.12", "3.13")


def extras() -> dict[str, list[Requirement]]:
    """The requirements of every extra, and under "" those of all; catseye's own extras left out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    found = {name: [Requirement(line) for line in lines] for name, lines in groups.items()}
    return {name: [r for r in those if r.name != "catseye"] for name, those in found.items()}


def pins() -> Iterator[Requirement]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return (Requirement(line) for line in lines if not line.startswith("#"))


def imported(path: Path) -> set[str]:
    """The distributions that a file imports from, by canonical name."""
    ours = {*sys.stdlib_module_names, *OF_THE_MACHINE, *helpers()}
    names = {each.module.partition(".")[0] for each in imports_of(path.read_text())} - ours
    return {
        canonicalize_name(distributions().get(name, [name])[0])
        for name in names
        if not MESSAGES.fullmatch(name)
    }


@functools.lru_cache(maxsize=None)
def helpers() -> set[str]:
    """What lies in the tests and benchmarks and is imported by its bare name there."""
    files = [path for folder in ("tests", "benchmarks", "docs") for path in sources(folder)]
    return {path.stem for path in files} | {path.parent.name for path in files}


@functools.lru_cache(maxsize=None)
def distributions() -> Mapping[str, list[str]]:
    return {**packages_distributions(), **NAMES}


def one_of_opencv(name: str) -> str:
    """Both builds of OpenCV, and both of onnxruntime, are imported by one name."""
    return {"opencv-python-headless": "opencv-python", "onnxruntime-gpu": "onnxruntime"}.get(
        name, name
    )


@pytest.mark.parametrize("folder", (*WINGS, "benchmarks", "docs", "tests"))
def test_what_is_imported_is_declared(folder: str) -> None:
    may = {
        one_of_opencv(canonicalize_name(requirement.name))
        for name, those in extras().items()
        for requirement in those
        if folder not in WINGS or name != "dev"
    }
    may |= {"rosbags"} if folder == "export" else set()  # when asked, and it says what to install
    for path in sources(folder):
        if path.relative_to(ROOT).as_posix() not in IN_AN_ENVIRONMENT_OF_ITS_OWN:
            lacking = {one_of_opencv(each) for each in imported(path)} - may
            assert not lacking, f"{path} imports {sorted(lacking)}; declare it in pyproject.toml"


def test_every_requirement_has_bounds() -> None:
    for those in extras().values():
        for requirement in those:
            kinds = {each.operator for each in requirement.specifier}
            enough = "==" in kinds or kinds >= {">=", "<"}
            alone = requirement.name in WITHOUT_AN_UPPER_BOUND and kinds == {">="}
            assert enough or alone, str(requirement)


@pytest.mark.parametrize("python", PYTHONS)
def test_every_requirement_is_pinned_within_its_bounds(python: str) -> None:
    where = {"python_version": python, "python_full_version": python + ".1"}
    pinned = {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in pins()
        if pin.marker is None or pin.marker.evaluate(where)
    }
    for those in extras().values():
        for requirement in those:
            version = pinned.get(canonicalize_name(requirement.name))
            assert version and requirement.specifier.contains(version), str(requirement)


def test_what_decides_the_bytes_of_a_file_is_pinned() -> None:
    assert {
        "torch",
        "onnx",
        "onnxslim",
        "onnxruntime",
        "numpy",
        "scipy",
        "protobuf",
        "ml-dtypes",
    } <= {pin.name for pin in pins()}


def test_constraints_name_versions_and_nothing_of_a_machine() -> None:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert line.startswith("#") or re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; [^/@]+)?", line), line
        assert "hash" not in line and "://" not in line
