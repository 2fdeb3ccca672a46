"""The processor's name and share, from the files Linux keeps."""

from pathlib import Path

import pytest

from catseye.runtime.engines import cpu


def test_a_board_goes_by_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tmp_path / "model"
    model.write_bytes(b"NVIDIA Jetson Nano Developer Kit\0")
    monkeypatch.setattr(cpu, "DEVICE_TREE_MODEL", str(model))
    assert cpu.cpu_name() == "NVIDIA Jetson Nano Developer Kit"


def test_a_workstation_goes_by_its_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text("processor\t: 0\nmodel name\t: Fast  Chip 9000 @ 3 GHz\n")
    monkeypatch.setattr(cpu, "DEVICE_TREE_MODEL", str(tmp_path / "absent"))
    monkeypatch.setattr(cpu, "CPU_INFO", str(info))
    assert cpu.cpu_name() == "Fast Chip 9000 @ 3 GHz"


def test_anything_else_goes_by_its_architecture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cpu, "DEVICE_TREE_MODEL", str(tmp_path / "absent"))
    monkeypatch.setattr(cpu, "CPU_INFO", str(tmp_path / "absent"))
    monkeypatch.setattr(cpu.platform, "machine", lambda: "riscv64")
    assert cpu.cpu_name() == "riscv64"


def test_cores_are_those_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu.os, "sched_getaffinity", lambda process: {0, 3}, raising=False)
    assert cpu.usable_cores() == 2
    monkeypatch.delattr(cpu.os, "sched_getaffinity")
    monkeypatch.setattr(cpu.os, "cpu_count", lambda: None)
    assert cpu.usable_cores() == 1
