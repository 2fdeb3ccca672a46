"""The JetPack table, read through the files of boards that are not here."""

from pathlib import Path
from typing import Optional

import pytest

from catseye.jetson.jetpack import (
    JETPACKS,
    family_of,
    jetpack_of,
    l4t_release,
    newest_jetpack_for,
    read_board,
)


def fake_board(root: Path, model: str, compatible: str, release: Optional[str]) -> str:
    """A folder with the files by which a Jetson is known; returns it as `root`."""
    tree = root / "proc" / "device-tree"
    tree.mkdir(parents=True)
    (tree / "model").write_bytes(model.encode() + b"\0")
    (tree / "compatible").write_bytes(compatible.replace(" ", "\0").encode() + b"\0")
    if release:
        (root / "etc").mkdir()
        line = (
            "# %s, GCID: 29818004, BOARD: generic, EABI: aarch64, DATE: Sat Feb 19 17:05:08 UTC"
            " 2022\n"
        )
        (root / "etc" / "nv_tegra_release").write_text(line % release)
    return str(root)


# model, compatible, release -> family, L4T, JetPack, its Python and TensorRT
BOARDS = [
    (
        "jetson_tx1",
        "nvidia,p2371-2180 nvidia,tegra210",
        "R32 (release), REVISION: 7.1",
        "TX1",
        (32, 7, 1),
        "4.6",
        "3.6",
        "8.2",
    ),
    (
        "NVIDIA Jetson Nano Developer Kit",
        "nvidia,p3450-0000 nvidia,tegra210",
        "R32 (release), REVISION: 6.1",
        "Nano",
        (32, 6, 1),
        "4.6",
        "3.6",
        "8.2",
    ),
    (
        "quill",
        "nvidia,p2597-0000+p3310-1000 nvidia,tegra186",
        "R32 (release), REVISION: 7.6",
        "TX2",
        (32, 7, 6),
        "4.6",
        "3.6",
        "8.2",
    ),
    (
        "NVIDIA Jetson Xavier NX Developer Kit",
        "nvidia,tegra194",
        "R35 (release), REVISION: 4.1",
        "Xavier",
        (35, 4, 1),
        "5.1",
        "3.8",
        "8.5",
    ),
    (
        "NVIDIA Jetson AGX Orin Developer Kit",
        "nvidia,tegra234",
        "R36 (release), REVISION: 3.0",
        "Orin",
        (36, 3, 0),
        "6.0",
        "3.10",
        "8.6",
    ),
    (
        "NVIDIA Jetson Orin Nano Developer Kit",
        "nvidia,tegra234",
        "R36 (release), REVISION: 4.3",
        "Orin",
        (36, 4, 3),
        "6.1-6.2",
        "3.10",
        "10.3",
    ),
    (
        "NVIDIA Jetson AGX Thor Developer Kit",
        "nvidia,tegra264",
        "R38 (release), REVISION: 2.0",
        "Thor",
        (38, 2, 0),
        "7.0-7.1",
        "3.12",
        "10.13",
    ),
    (
        "NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super",
        "nvidia,p3768-0000+p3767-0005-super nvidia,tegra234",
        "R39 (release), REVISION: 2.0",
        "Orin",
        (39, 2, 0),
        "7.2",
        "3.12",
        "10.16",
    ),
    (
        "NVIDIA Jetson Orin NX Engineering Reference Developer Kit",
        "nvidia,p3768-0000+p3767-0000 nvidia,tegra234",
        "R39 (release), REVISION: 2.0",
        "Orin",
        (39, 2, 0),
        "7.2",
        "3.12",
        "10.16",
    ),
    (
        "NVIDIA Jetson AGX Thor Developer Kit",
        "nvidia,tegra264",
        "R39 (release), REVISION: 2.1",
        "Thor",
        (39, 2, 1),
        "7.2",
        "3.12",
        "10.16",
    ),
]


@pytest.mark.parametrize("model, compatible, release, family, l4t, name, python, tensorrt", BOARDS)
def test_boards_from_tx1_to_thor(
    tmp_path: Path,
    model: str,
    compatible: str,
    release: str,
    family: str,
    l4t: tuple[int, int, int],
    name: str,
    python: str,
    tensorrt: str,
) -> None:
    board = read_board(fake_board(tmp_path, model, compatible, release))
    assert board is not None and board.jetpack is not None
    assert (board.name, board.family, board.l4t) == (model, family, l4t)
    assert (board.jetpack.name, board.jetpack.python, board.jetpack.tensorrt) == (
        name,
        python,
        tensorrt,
    )
    assert board.family in board.jetpack.boards


def test_a_workstation_is_no_board(tmp_path: Path) -> None:
    assert read_board(str(tmp_path)) is None


def test_another_arm_board_is_none_either(tmp_path: Path) -> None:
    root = fake_board(
        tmp_path, "Raspberry Pi 4 Model B", "raspberrypi,4-model-b brcm,bcm2711", None
    )
    assert read_board(root) is None


def test_a_container_without_the_release_file_is_a_board_of_unknown_jetpack(tmp_path: Path) -> None:
    board = read_board(
        fake_board(tmp_path, "NVIDIA Jetson AGX Orin Developer Kit", "nvidia,tegra234", None)
    )
    assert board is not None
    assert (board.family, board.l4t, board.jetpack) == ("Orin", None, None)


@pytest.mark.parametrize("l4t", [(32, 5, 1), (34, 1, 1), (35, 1, 0), (36, 2, 0), (40, 0, 0)])
def test_releases_that_the_table_does_not_have(l4t: tuple[int, int, int]) -> None:
    assert jetpack_of(l4t) is None


def test_a_release_file_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "nv_tegra_release").write_bytes(b"\xff\xfenonsense")
    assert l4t_release(str(tmp_path)) is None


def test_what_to_flash() -> None:
    newest = {
        family: newest_jetpack_for(family) for family in ("TX1", "Xavier", "Orin", "Thor", "")
    }
    assert {family: jetpack and jetpack.name for family, jetpack in newest.items()} == {
        "TX1": "4.6",
        "Xavier": "5.1",
        "Orin": "7.2",
        "Thor": "7.2",
        "": None,
    }


def test_an_orin_nano_is_an_orin() -> None:
    assert family_of("NVIDIA Jetson Orin Nano Developer Kit", "") == "Orin"


def test_the_table_is_in_order_and_every_opset_takes_the_model_files() -> None:
    releases = [jetpack.l4t for jetpack in JETPACKS]
    assert releases == sorted(releases)
    assert all(jetpack.opset >= 11 for jetpack in JETPACKS)
