"""Power rails: where each JetPack shows what its current monitors measure, as data, and how one is
read.

Kernel 4.9 (JetPack 4) has NVIDIA's own ina3221x driver: milliwatts, named by rail_name_N. Later
kernels have hwmon: ina3221 gives millivolts and milliamperes per channel, ina238 (Thor's input)
gives microwatts. Monitors sit on the module: what the carrier board and its cameras take is in none
of their rails but Thor's VIN.
"""

import os
from typing import List, NamedTuple, Optional

from catseye.jetson.sysfs import number_at, paths_like, text_at

# where names stand -> where the numbers beside them are, and how many of their product make a watt
LAYOUTS = (
    (
        "sys/bus/i2c/drivers/ina3221x/*/iio:device*/rail_name_*",
        "rail_name_",
        ("in_power{}_input",),
        1e3,
    ),
    ("sys/class/hwmon/hwmon*/in[1-3]_label", "in", ("in{}_input", "curr{}_input"), 1e6),
    ("sys/class/hwmon/hwmon*/power1_input", "power", ("power{}_input",), 1e6),
)
UNNAMED = {"ina238": "VIN"}  # a monitor of one rail has no label: Thor's is the board's input
DRIVERS = ("ina3221", "ina238")
TOTALS = ("VDD_IN", "POM_5V_IN", "VIN")  # a rail that feeds all others
# Where no such rail is: these are added. VDDQ_VDD2_1V8AO of an AGX Orin hangs behind VIN_SYS_5V0
# and would count twice.
PARTS = (
    "VDD_GPU_SOC",
    "VDD_CPU_CV",
    "VIN_SYS_5V0",
    "VDD_GPU",
    "VDD_CPU_SOC_MSS",
    "GPU",
    "CPU",
    "SOC",
    "CV",
    "VDDRQ",
    "SYS5V",
)


class Rail(NamedTuple):
    """One rail that is measured. factors: files whose product, divided by `per_watt`, is its
    power."""

    name: str
    factors: List[str]
    per_watt: float


def find_rails(root: str = "/") -> List[Rail]:
    """Every named rail of this machine; [] on one without NVIDIA's monitors."""
    rails = []
    for pattern, prefix, numbers, per_watt in LAYOUTS:
        for path in paths_like(root, pattern):
            folder, file = os.path.split(path)
            name = _name(root, folder, path, prefix)
            if name and name != "NC":
                channel = file[len(prefix) :].split("_")[0]
                rails.append(
                    Rail(
                        name,
                        [os.path.join(folder, number.format(channel)) for number in numbers],
                        per_watt,
                    )
                )
    return rails


def total_rails(rails: List[Rail]) -> List[Rail]:
    """The rails whose sum is what the module takes: its input where that is measured, else its
    parts."""
    inputs = [rail for rail in rails if rail.name in TOTALS]
    return inputs[:1] or [rail for rail in rails if rail.name in PARTS]


def watts_of(rails: List[Rail], root: str = "/") -> Optional[float]:
    """Their sum now; None where there is none, or one does not answer."""
    total = 0.0
    for rail in rails:
        product = 1.0
        for path in rail.factors:
            number = number_at(root, path)
            if number is None:
                return None
            product *= number
        total += product / rail.per_watt
    return total if rails else None


def _name(root: str, folder: str, path: str, prefix: str) -> str:
    """What the rail is called; "" for a monitor of something else."""
    if prefix == "rail_name_":
        return text_at(root, path)
    driver = text_at(root, os.path.join(folder, "name"))
    if driver not in DRIVERS:
        return ""
    return UNNAMED.get(driver, "") if prefix == "power" else text_at(root, path)
