"""A .pyz is compiled once for a user: the starts that follow take what is kept, and nothing that
anybody else could have put there, that is damaged, or that is of another archive."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from catseye import packed_code, packed_main
from catseye.commands import pack as pack_command
from catseye.runtime.engines.tensorrt.cache_folder import cache_folder

# what a module of the package says of where its code came from
LOADERS = """
import atexit, runpy, sys
sys.argv = sys.argv[1:]

def say():
    loaders = {type(sys.modules[name].__loader__).__name__ for name in sys.modules
               if name.startswith("catseye.commands")}
    print(sorted(loaders))

atexit.register(say)
runpy.run_path(sys.argv[0], run_name="__main__")
"""
COMPILED, ARCHIVE = "['CompiledCode']", "['zipimporter']"


@pytest.fixture(scope="module")
def pyz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pyz") / "digits.pyz"
    assert pack_command.main(["digits", "-o", str(path)]) == 0
    return path


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CATSEYE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def first_start(pyz: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache folder after one start."""
    folder = tmp_path_factory.mktemp("first") / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CATSEYE_CACHE", str(folder))
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        assert start(pyz) == COMPILED
    return folder


@pytest.fixture
def kept(first_start: Path, cache: Path) -> Path:
    """The code that a start has kept."""
    shutil.copytree(first_start, cache)
    (path,) = kept_in(cache)
    return path


def start(pyz: Path, *words: str) -> str:
    """The last line of what it printed."""
    words = words or ("cache", "list")
    ended = subprocess.run(
        [sys.executable, "-c", LOADERS, str(pyz), *words], capture_output=True, text=True
    )
    assert "Traceback" not in ended.stderr and ended.returncode == 0
    return ended.stdout.splitlines()[-1]


def kept_in(cache: Path) -> list[Path]:
    return sorted(cache.glob("*.code"))


def test_the_second_start_compiles_nothing(pyz: Path, cache: Path) -> None:
    assert start(pyz) == COMPILED
    (kept,) = kept_in(cache)
    assert kept.stat().st_mode & 0o777 == 0o600
    before = kept.stat()
    assert start(pyz) == COMPILED
    assert kept.stat() == before or kept.stat().st_mtime_ns == before.st_mtime_ns


def test_the_same_answer_and_the_same_page(pyz: Path, cache: Path) -> None:
    """Data files are found beside kept code too."""
    texts = []
    for _ in range(2):
        run = [sys.executable, str(pyz), "--version"]
        texts.append(subprocess.run(run, capture_output=True, text=True).stdout)
    assert texts[0] == texts[1] and "digits" in texts[0]
    inside = (
        "import atexit, runpy, sys; sys.argv = ['x', '--version']\n"
        "def look():\n"
        "    import inspect, pkgutil, catseye.runtime.sinks.http as room\n"
        "    print(len(pkgutil.get_data('catseye.runtime.sinks.http', 'page.html')),"
        " room.__file__, len(inspect.getsource(room)))\n"
        "atexit.register(look)\n"
        "runpy.run_path(%r, run_name='__main__')"
    ) % str(pyz)
    said = subprocess.run([sys.executable, "-c", inside], capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    size, place, lines = said.stdout.splitlines()[-1].split()
    assert int(size) > 1000 and int(lines) > 0
    assert place == str(pyz / "catseye/runtime/sinks/http/__init__.py")


@pytest.mark.parametrize("place", (0, 40, -1, None))
def test_damaged_code_is_made_again(pyz: Path, kept: Path, place: int) -> None:
    data = bytearray(kept.read_bytes())
    if place is None:
        del data[len(data) // 2 :]
    else:
        data[place] ^= 1
    kept.write_bytes(bytes(data))
    digest = pyz.read_bytes()[packed_main.DIGEST]
    assert packed_main.kept_code(str(kept), digest) == {}
    assert start(pyz) == COMPILED
    assert packed_main.kept_code(str(kept), digest)


def test_code_of_another_archive_or_python_is_not_taken(
    pyz: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = pyz.read_bytes()[packed_main.DIGEST]
    assert packed_main.kept_code(str(kept), digest)
    assert packed_main.kept_code(str(kept), b"0" * 64) == {}
    monkeypatch.setattr("importlib.util.MAGIC_NUMBER", b"\0\0\r\n")
    assert packed_main.kept_code(str(kept), digest) == {}


def test_what_others_could_have_written_is_not_taken(
    pyz: Path, cache: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = pyz.read_bytes()[packed_main.DIGEST]
    for mode in (0o620, 0o602):
        kept.chmod(mode)
        assert packed_main.kept_code(str(kept), digest) == {}
    kept.chmod(0o600)
    link = cache / "link.code"
    link.symlink_to(kept)
    assert packed_main.kept_code(str(link), digest) == {}
    os.mkfifo(cache / "pipe.code")
    assert packed_main.kept_code(str(cache / "pipe.code"), digest) == {}
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert packed_main.kept_code(str(kept), digest) == {}


def test_nothing_is_put_among_the_files_of_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `sudo` does with the user's home."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert packed_code.may_keep(str(tmp_path / "a" / "b"))
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    if tmp_path.stat().st_uid:
        assert not packed_code.may_keep(str(tmp_path / "c"))
        assert not (tmp_path / "c").exists()


def test_no_room_no_writing_no_bytecode_no_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert packed_code.may_keep(str(tmp_path))
    assert not packed_code.may_keep("~/.cache/catseye")
    (tmp_path / "file").write_text("")
    assert not packed_code.may_keep(str(tmp_path / "file" / "below"))
    monkeypatch.setattr(packed_code, "ROOM", 1 << 62)
    assert not packed_code.may_keep(str(tmp_path))
    monkeypatch.setattr(packed_code, "ROOM", 0)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert not packed_code.may_keep(str(tmp_path))


def test_where_nothing_can_be_kept_it_starts_as_ever(pyz: Path, cache: Path) -> None:
    cache.write_text("a file stands where the folder should be")
    assert start(pyz, "--version") == ARCHIVE


def test_only_the_newest_are_kept_and_what_is_not_ours(tmp_path: Path) -> None:
    names = [
        os.path.basename(packed_main.code_path("/a/road.pyz", b"%064x" % number))
        for number in range(packed_code.MOST_KEPT + 3)
    ]
    names = ["%d-%s" % (number, name) for number, name in enumerate(names)]
    others = {"road.engine", "mine.code", "my-own.py.code"}
    for number, name in enumerate([*names, *others]):
        (tmp_path / name).write_text("")
        os.utime(tmp_path / name, (number if name in names else 0, number))
    packed_code.remove_older(str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == set(names[3:]) | others


def test_both_name_one_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The first reader of it may import nothing of the package."""
    for name in ("CATSEYE_CACHE", "XDG_CACHE_HOME", "HOME"):
        for other in ("CATSEYE_CACHE", "XDG_CACHE_HOME"):
            monkeypatch.delenv(other, raising=False)
        monkeypatch.setenv(name, str(tmp_path / name))
        path = packed_main.code_path("road.pyz", b"0" * 64)
        assert os.path.dirname(path) == cache_folder()


def test_the_tests_have_one_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert Path(cache_folder()).is_relative_to(tmp_path_factory.getbasetemp())


def test_cache_clear_takes_it_away(pyz: Path, cache: Path, kept: Path) -> None:
    assert start(pyz, "cache", "clear") == COMPILED
    assert not kept_in(cache)
