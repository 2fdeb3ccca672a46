"""Watts, heat and modes of six boards that are folders; a PowerLog over one of them while it
changes."""

import json
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from fake_boards import MACHINES, build_board, rail_file, set_cooler, set_mode, write

from catseye.__main__ import main
from catseye.commands import run
from catseye.jetson.power.heat import hottest_c, over_current_events, read_zones, slowed_by
from catseye.jetson.power.power_log import PowerLog, joules_of
from catseye.jetson.power.power_mode import read_clocks, read_power_mode
from catseye.jetson.power.rails import find_rails, total_rails, watts_of
from catseye.runtime.power import PowerReading
from catseye.runtime.sinks import NullSink

# what the module takes: its input where it is measured, else the sum of its parts
WATTS = {"tx1": 5.2, "nano": 4.4, "xavier": 8.0, "orin-nano": 6.1, "agx-orin": 11.8, "thor": 23.0}


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_the_watts_of_every_board(tmp_path: Path, name: str) -> None:
    root = build_board(tmp_path, name)
    rails = find_rails(root)
    named = {rail for monitor in MACHINES[name].rails for rail, _ in monitor} - {"NC"}
    assert {rail.name for rail in rails} == named | ({"VIN"} if name == "thor" else set())
    assert watts_of(total_rails(rails), root) == pytest.approx(WATTS[name], abs=0.01)


def test_a_workstation_measures_no_watts_and_says_so(tmp_path: Path) -> None:
    write(tmp_path, "sys/class/hwmon/hwmon0/name", "coretemp\n")
    write(tmp_path, "sys/class/hwmon/hwmon0/in1_label", "Vcore\n")
    with PowerLog(str(tmp_path), every_s=0.01) as log:
        pass
    summary = log.summary()
    assert (summary.meter, summary.rails, summary.mean_watts, summary.joules) == (
        "",
        (),
        None,
        None,
    )
    assert summary.words(10) == "" and summary.as_json(10)["joules_per_frame"] is None


def test_a_rail_that_stops_answering_leaves_no_half_sum(tmp_path: Path) -> None:
    root = build_board(tmp_path, "agx-orin")
    rails = total_rails(find_rails(root))
    rail_file(tmp_path, "VDD_CPU_CV").write_text("\n")
    assert watts_of(rails, root) is None


def test_the_pmic_that_always_says_100_degrees_is_not_the_hottest(tmp_path: Path) -> None:
    root = build_board(tmp_path, "nano")
    assert hottest_c(root) == 48.5
    assert {zone.limit_c for zone in read_zones(root)} == {97.0}


def test_a_zone_whose_part_is_switched_off(tmp_path: Path) -> None:
    root = build_board(tmp_path, "thor")
    # its temp gives an error when read
    write(tmp_path, "sys/class/thermal/thermal_zone9/type", "gpu-thermal\n")
    assert "gpu-thermal" not in {zone.name for zone in read_zones(root)}
    assert hottest_c(root) == 55.1


def test_a_fan_costs_no_speed(tmp_path: Path) -> None:
    root = build_board(tmp_path, "orin-nano")
    assert slowed_by(root) == []
    set_cooler(tmp_path, 1, "cpu-throttle-alert", 1)
    assert slowed_by(root) == ["cpu-throttle-alert"]
    assert over_current_events(root) == {"oc1": 0, "oc2": 0, "oc3": 0}


def test_joules_are_the_area_under_the_watts() -> None:
    assert joules_of([(0.0, 4.0), (2.0, 6.0), (3.0, 6.0)]) == 16.0
    assert joules_of([(0.0, 4.0)]) is None


def test_a_log_sees_what_changes_meanwhile(tmp_path: Path) -> None:
    root = build_board(tmp_path, "orin-nano")
    with PowerLog(root, every_s=0.005) as log:
        until(lambda: log.summary().joules)
        write(tmp_path, str(rail_file(tmp_path, "VDD_IN")), "2000\n")  # mA at 5 V
        set_cooler(tmp_path, 1, "gpu-throttle-alert", 1)
        write(tmp_path, "sys/class/hwmon/hwmon1/oc3_event_cnt", "4\n")
        write(tmp_path, "sys/class/thermal/thermal_zone0/temp", "98500\n")
        until(lambda: log.summary().hottest_c == 98.5 and log.summary().throttling)
        set_cooler(tmp_path, 1, "gpu-throttle-alert", 0)
        until(lambda: not log.reading().slowed_by)
        set_cooler(tmp_path, 1, "gpu-throttle-alert", 1)
        until(lambda: log.summary().throttling == {"gpu-throttle-alert": 2})
    summary = log.summary()
    assert (summary.meter, summary.rails, summary.over_current) == ("sysfs", ("VDD_IN",), 4)
    assert summary.max_watts == pytest.approx(10.0) and 6.1 <= summary.mean_watts <= 10.0
    assert summary.joules == pytest.approx(summary.mean_watts * summary.seconds, rel=0.2)
    assert summary.as_json(100)["joules_per_frame"] == pytest.approx(summary.joules / 100)
    assert "gpu-throttle-alert 2 times, over-current 4 times" in summary.words(100)
    assert "mode MAXN_SUPER (mode 2)" in summary.words(100)
    assert "power" not in {thread.name for thread in threading.enumerate()}


def test_the_newest_sample_can_be_shown_meanwhile(tmp_path: Path) -> None:
    root = build_board(tmp_path, "orin-nano")
    log = PowerLog(root, every_s=0.005)
    assert log.reading() == PowerReading()
    with log:
        reading = log.reading()
        assert reading == (pytest.approx(6.1), 47.031, (), "MAXN_SUPER (mode 2)")
        set_mode(tmp_path, 3)
        set_cooler(tmp_path, 1, "cpu-throttle-alert", 1)
        until(
            lambda: (
                log.reading().mode == "7W (mode 3)"
                and log.reading().slowed_by == ("cpu-throttle-alert",)
            )
        )
    assert json.loads(json.dumps(log.reading().as_json()))["slowed_by"] == ["cpu-throttle-alert"]


def test_a_run_tells_its_sinks_and_its_statistics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root, told = build_board(tmp_path / "board", "orin-nano"), []
    monkeypatch.setattr(run, "PowerLog", lambda: PowerLog(root))
    monkeypatch.setattr(
        NullSink, "write", lambda sink, frame, result, report: told.append(report.facts.power)
    )
    cv2.imwrite(str(tmp_path / "one.png"), np.full((48, 64, 3), 90, np.uint8))
    assert (
        main(
            ["run", "digits", "--source", str(tmp_path / "one.png"), "--sink", "null://", "--json"]
        )
        == 0
    )
    assert told == [(pytest.approx(6.1), 47.031, (), "MAXN_SUPER (mode 2)")]
    power = json.loads(capsys.readouterr().out)["power"]
    assert (
        power["mean_watts"] == pytest.approx(6.1) and power["power_mode"] == "MAXN_SUPER (mode 2)"
    )
    assert (power["meter"], power["hottest_c"], power["throttling"]) == ("sysfs", 47.031, {})


def test_jtop_is_asked_where_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []
    meter = SimpleNamespace(
        start=lambda: None, close=lambda: closed.append(True), power={"tot": {"power": 7400}}
    )
    monkeypatch.setitem(sys.modules, "jtop", SimpleNamespace(jtop=lambda: meter))
    with PowerLog(every_s=0.01) as log:
        pass
    summary = log.summary()
    assert summary.meter == "jtop" and summary.max_watts == pytest.approx(7.4) and closed == [True]


@pytest.mark.parametrize("power", ({}, {"tot": {}}, ({"cur": 1}, {})))
def test_an_older_jtop_is_closed_and_passed_over(
    monkeypatch: pytest.MonkeyPatch, power: Any
) -> None:
    closed = []
    meter = SimpleNamespace(start=lambda: None, close=lambda: closed.append(True), power=power)
    monkeypatch.setitem(sys.modules, "jtop", SimpleNamespace(jtop=lambda: meter))
    with PowerLog(every_s=0.01) as log:
        pass
    assert log.summary().meter != "jtop" and closed == [True]


def test_jtop_whose_service_is_down_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> Any:
        raise RuntimeError("The jtop.service is not active")

    monkeypatch.setitem(sys.modules, "jtop", SimpleNamespace(jtop=down))
    with PowerLog(every_s=0.01) as log:
        pass
    assert log.summary().meter != "jtop"


# as set in fake_boards, and the one to be set for speed
MODES = {
    "tx1": ("MAXN (mode 0)", 0),
    "nano": ("5W (mode 1)", 0),
    "xavier": ("MAXN (mode 0)", 0),
    "orin-nano": ("MAXN_SUPER (mode 2)", 2),
    "agx-orin": ("MODE_30W (mode 2)", 0),
    "thor": ("MAXN (mode 0)", 0),
}


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_power_modes_and_clocks_of_every_board(tmp_path: Path, name: str) -> None:
    root = build_board(tmp_path, name)
    mode = read_power_mode(root)
    assert mode is not None and (str(mode), mode.fastest) == MODES[name]
    lowest, now, highest = MACHINES[name].gpu_mhz
    cpu, gpu = read_clocks(root)
    assert (cpu.name, cpu.now, cpu.highest) == ("CPU0", 1224, 1479)
    assert (gpu.name, gpu.lowest, gpu.now, gpu.highest) == ("GPU", lowest, now, highest)


def test_a_mode_that_nobody_set_or_knows_is_none(tmp_path: Path) -> None:
    root = build_board(tmp_path, "nano")
    set_mode(tmp_path, 9)
    assert read_power_mode(root) is None
    (tmp_path / "var/lib/nvpmodel/status").unlink()
    assert read_power_mode(root) is None


def until(condition: Any) -> None:
    ends_s = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends_s
        time.sleep(0.005)
