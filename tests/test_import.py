"""What a board may import, read from the sources; and a checkout that lost its links."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from house import FOLDERS, ROOT, imports_of, sources

import catseye
from catseye.commands import BOARD_VERBS, VERBS
from catseye.export.packing import code_files

# what a board does not have
WORKSTATION_PACKAGES = {
    "torch",
    "onnx",
    "onnxslim",
    "onnxscript",
    "sklearn",
    "matplotlib",
    "tqdm",
    "tensorboard",
}
# the embedded demo data comes from scikit-learn and is read when it is asked for
LAZY = {("runtime", "sklearn")}


@pytest.mark.parametrize("folder", ["runtime", "jetson"])
def test_the_board_needs_no_workstation_package(folder: str) -> None:
    for path in sources(folder):
        for found in imports_of(path.read_text()):
            package = found.module.split(".")[0]
            lazy = (folder, package) in LAZY and not found.at_start
            assert package not in WORKSTATION_PACKAGES or lazy, f"{path} imports {found.module}"


@pytest.mark.parametrize("folder", [*FOLDERS, "catseye/commands", "tests"])
def test_no_bare_and_no_relative_imports(folder: str) -> None:
    for path in sources(folder):
        for found in imports_of(path.read_text()):
            assert found.level == 0, f"{path} imports relatively"
            assert found.module.split(".")[0] not in FOLDERS, (
                f"{path} imports {found.module} without catseye"
            )


def test_what_a_packed_file_imports_at_start_is_packed_too() -> None:
    files = code_files(set(VERBS) - set(BOARD_VERBS))
    for name, source in files.items():
        if not name.endswith(".py"):
            continue
        for found in imports_of(source.decode()):
            if found.at_start and found.module.startswith("catseye."):
                path = found.module.replace(".", "/")
                known = {
                    path + ".py",
                    path + "/__init__.py",
                    path.rpartition("/")[0] + "/__init__.py",
                }
                assert known & set(files), f"{name} imports {found.module}"


@pytest.fixture
def small_tree(tmp_path: Path) -> Path:
    """A checkout with its links, and only what an import needs."""
    for name in ("catseye", "runtime"):
        shutil.copytree(
            ROOT / name,
            tmp_path / name,
            symlinks=True,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    return tmp_path


def import_in(tree: Path, *argv: str) -> "subprocess.CompletedProcess[str]":
    # -S: no site-packages, so that no installed catseye stands in for this one
    return subprocess.run(
        [sys.executable, "-S", *argv], cwd=tree, capture_output=True, text=True, timeout=60
    )


def test_a_whole_checkout_imports(small_tree: Path) -> None:
    assert (
        import_in(small_tree, "-m", "catseye", "--version").stdout
        == f"catseye {catseye.__version__}\n"
    )


@pytest.mark.parametrize("how", ["text files", "nothing"])
def test_lost_links_are_told_in_one_line_and_its_fix_works(small_tree: Path, how: str) -> None:
    for link in (path for path in (small_tree / "catseye").iterdir() if path.is_symlink()):
        target = os.readlink(link)
        link.unlink()
        if how == "text files":
            link.write_text(target)
    for argv in (("-m", "catseye", "doctor"), ("-c", "import catseye.runtime.errors")):
        answer = import_in(small_tree, *argv)
        assert (answer.returncode, answer.stdout, len(answer.stderr.splitlines())) == (
            2,
            "",
            1,
        ), answer.stderr
        assert "symbolic links" in answer.stderr
    subprocess.run(answer.stderr.partition("run: ")[2], shell=True, check=True, cwd="/")
    assert import_in(small_tree, "-m", "catseye", "--version").returncode == 0


def test_inside_a_zip_there_are_no_links_to_lose(tmp_path: Path) -> None:
    path = tmp_path / "some.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(ROOT / "catseye" / "__init__.py", "catseye/__init__.py")
        for name in ("__init__.py", "errors.py", "version.py"):
            archive.write(ROOT / "runtime" / name, "catseye/runtime/" + name)
        for name in ("__init__.py", "masking.py"):
            archive.write(ROOT / "runtime" / "system" / name, "catseye/runtime/system/" + name)
    answer = import_in(
        tmp_path, "-c", f"import sys; sys.path.insert(0, {str(path)!r}); import catseye"
    )
    assert answer.returncode == 0, answer.stderr
