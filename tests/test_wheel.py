"""`make wheel`: what is installed without a checkout holds every file that the program reads."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from house import FOLDERS, ROOT

# recipes to read and copy from a checkout; the program opens none of them
OF_A_CHECKOUT = ("jetson/containers/", "jetson/fleet/", "jetson/ros2/")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout without what earlier builds left in it."""
    tree = tmp_path_factory.mktemp("tree")
    for name in (*FOLDERS, "catseye"):
        shutil.copytree(
            ROOT / name, tree / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    return tree


def test_the_wheel_holds_every_file_of_the_rooms(tree: Path, tmp_path: Path) -> None:
    files = {
        path.relative_to(tree).as_posix()
        for folder in (*FOLDERS, "catseye")
        for path in (tree / folder).rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    expected = {
        name if name.startswith("catseye/") else "catseye/" + name
        for name in files
        if not name.startswith(OF_A_CHECKOUT)
    }
    build = (
        "pip wheel --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation"
    )
    subprocess.run([sys.executable, "-m", *build.split(), "-w", tmp_path, tree], check=True)
    (wheel,) = tmp_path.glob("catseye-*-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        entry = next(name for name in names if name.endswith("entry_points.txt"))
        assert b"catseye = catseye.__main__:main" in archive.read(entry)
    assert {name for name in names if ".dist-info/" not in name} == expected
