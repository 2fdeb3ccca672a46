import os
from pathlib import Path

import pytest

from catseye.runtime.engines.tensorrt.cache_folder import cache_folder, made_cache_folder


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"CATSEYE_CACHE": "/a"}, "/a"),
        ({"XDG_CACHE_HOME": "/b"}, "/b/catseye"),
        ({"HOME": "/c"}, "/c/.cache/catseye"),
    ],
)
def test_the_folder(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], folder: str
) -> None:
    for name in ("CATSEYE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == folder


def test_it_is_made_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATSEYE_CACHE", str(tmp_path / "a" / "b"))
    assert cache_folder() == str(tmp_path / "a" / "b") and not os.path.exists(cache_folder())
    for _ in range(2):
        assert os.stat(made_cache_folder()).st_mode & 0o777 == 0o700


def test_where_it_cannot_be_made_is_an_oserror(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATSEYE_CACHE", "/dev/null/cache")
    with pytest.raises(OSError):
        made_cache_folder()
