import pytest

from catseye.runtime.model_file import installing
from catseye.runtime.model_file.installing import to_install


def test_pip_is_for_workstations(monkeypatch: pytest.MonkeyPatch) -> None:
    assert to_install("numpy", "python3-numpy") == "pip install numpy"
    assert to_install("numpy", "python3-numpy", on_board=True).startswith(
        "sudo apt install python3"
    )
    monkeypatch.setattr(installing, "archive_path", lambda: "/home/me/road.pyz")
    assert to_install("numpy", "python3-numpy").startswith("sudo apt install python3-numpy")
    assert "pip install" not in to_install("onnxruntime")
