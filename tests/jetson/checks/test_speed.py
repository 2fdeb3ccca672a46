from pathlib import Path

from fake_boards import build_board, set_cooler, write

from catseye.jetson.checks import speed as speed_checks


def test_a_board_that_slows_itself_down(tmp_path: Path) -> None:
    root = build_board(tmp_path, "xavier")
    check = speed_checks.heat_check(root)
    assert (check.status, check.found) == ("ok", "CPU-therm 39 degrees")
    set_cooler(tmp_path, 1, "gpu-throttle-alert", 1)
    check = speed_checks.heat_check(root)
    assert (
        check.status == "warn"
        and "slowed down by gpu-throttle-alert" in check.found
        and "fan" in check.fix
    )


def test_a_board_near_its_limit(tmp_path: Path) -> None:
    root = build_board(tmp_path, "tx1")
    write(tmp_path, "sys/class/thermal/thermal_zone1/temp", "93000\n")
    check = speed_checks.heat_check(root)
    assert (check.status, check.found, check.expected) == (
        "warn",
        "CPU-therm 93 degrees",
        "below 97 degrees",
    )


def test_a_supply_that_is_too_weak(tmp_path: Path) -> None:
    root = build_board(tmp_path, "orin-nano")
    assert speed_checks.supply_check(root).status == "ok"
    write(tmp_path, "sys/class/hwmon/hwmon1/oc3_event_cnt", "7\n")
    check = speed_checks.supply_check(root)
    assert (check.status, check.found) == ("warn", "oc3 7 times") and "supply" in check.fix


def test_clocks_fixed_and_floating(tmp_path: Path) -> None:
    root = build_board(tmp_path, "nano")
    assert "GPU 76-640 MHz" in speed_checks.clocks_check(root).found
    assert "jetson_clocks" in speed_checks.clocks_check(root).found
    write(tmp_path, "sys/class/devfreq/57000000.gpu/min_freq", "640000000")
    write(tmp_path, "sys/devices/system/cpu/cpufreq/policy0/scaling_min_freq", "1479000")
    assert speed_checks.clocks_check(root).found == "CPU0 1479 MHz, fixed; GPU 640 MHz, fixed"


def test_a_machine_that_tells_nothing_is_not_blamed(tmp_path: Path) -> None:
    statuses = {check.name: check.status for check in speed_checks.speed_checks(str(tmp_path))}
    assert statuses == {"power-mode": "warn", "clocks": "ok", "heat": "ok", "power-supply": "ok"}
