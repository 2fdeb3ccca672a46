"""Folders that stand for boards: the files of a TX1, a Nano, an AGX Xavier, an Orin Nano, an AGX
Orin and a Thor.

What a file is called, how a rail or zone is named and in which unit it answers is as these boards'
kernels have it; the numbers in the files are invented.
"""

from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Tuple

GIGABYTE_KB = 1000**2


class Machine(NamedTuple):
    """rails: name -> watts, per monitor.  kernel: 4.9 has ina3221x; 5 and later have hwmon.  mode:
    of nvpmodel."""

    model: str
    compatible: str
    release: str
    rails: Tuple[Tuple[Tuple[str, float], ...], ...]
    zones: Dict[str, int]
    modes: Dict[int, str]
    mode: int
    gpu: str
    gpu_mhz: Tuple[int, int, int]  # lowest, now, highest
    memory_gb: float
    devices: Tuple[str, ...]
    python: str
    cuda: str
    nvinfer: str
    kernel: str = "5"
    vin_watts: Optional[float] = None


OLD_GPU = ("nvmap", "nvhost-ctrl", "nvhost-ctrl-gpu", "nvhost-gpu", "nvhost-as-gpu")
NEW_GPU = ("nvmap", "nvidia0", "nvidiactl", "nvgpu/igpu0/ctrl", "dri/renderD128")

MACHINES: Dict[str, Machine] = {
    "tx1": Machine(
        "jetson_tx1",
        "nvidia,p2371-2180 nvidia,tegra210",
        "R32 (release), REVISION: 7.1",
        ((("VDD_IN", 5.2), ("VDD_GPU", 1.1), ("VDD_CPU", 0.9)),),
        {"AO-therm": 41500, "CPU-therm": 38000, "GPU-therm": 36500, "PMIC-Die": 100000},
        {0: "MAXN", 1: "MAXQ", 2: "MAXP"},
        0,
        "57000000.gpu",
        (76, 998, 998),
        4.1,
        OLD_GPU,
        "3.6",
        "10.2.300",
        "8.2.1",
        "4.9",
    ),
    "nano": Machine(
        "NVIDIA Jetson Nano Developer Kit",
        "nvidia,p3450-0000 nvidia,p3448-0000 nvidia,tegra210",
        "R32 (release), REVISION: 7.1",
        ((("POM_5V_IN", 4.4), ("POM_5V_GPU", 0.8), ("POM_5V_CPU", 1.2)),),
        {"AO-therm": 48500, "CPU-therm": 44000, "GPU-therm": 43500, "PMIC-Die": 100000},
        {0: "MAXN", 1: "5W"},
        1,
        "57000000.gpu",
        (76, 76, 640),
        4.1,
        OLD_GPU,
        "3.6",
        "10.2.300",
        "8.2.1",
        "4.9",
    ),
    "xavier": Machine(
        "Jetson-AGX",
        "nvidia,p2822-0000+p2888-0001 nvidia,tegra194",
        "R35 (release), REVISION: 4.1",
        ((("GPU", 2.0), ("CPU", 1.5), ("SOC", 1.2)), (("CV", 0.3), ("VDDRQ", 0.5), ("SYS5V", 2.5))),
        {"CPU-therm": 39000, "GPU-therm": 38500, "AUX-therm": 38000, "PMIC-Die": 100000},
        {0: "MAXN", 1: "MODE_10W", 2: "MODE_15W"},
        0,
        "17000000.gv11b",
        (114, 1377, 1377),
        32.0,
        OLD_GPU + ("nvhost-ctrl-nvdla0", "nvhost-ctrl-nvdla1"),
        "3.8",
        "11.4.19",
        "8.5.2",
    ),
    "orin-nano": Machine(
        "NVIDIA Jetson Orin Nano Developer Kit",
        "nvidia,p3768-0000+p3767-0005 nvidia,tegra234",
        "R36 (release), REVISION: 4.3",
        ((("VDD_IN", 6.1), ("VDD_CPU_GPU_CV", 1.9), ("VDD_SOC", 1.4)),),
        {"cpu-thermal": 46312, "gpu-thermal": 47031, "soc0-thermal": 45812, "tj-thermal": 47031},
        {0: "15W", 1: "25W", 2: "MAXN_SUPER", 3: "7W"},
        2,
        "17000000.gpu",
        (306, 306, 1020),
        7.8,
        NEW_GPU,
        "3.10",
        "12.6.68",
        "10.3.0",
    ),
    "agx-orin": Machine(
        "NVIDIA Jetson AGX Orin Developer Kit",
        "nvidia,p3737-0000+p3701-0005 nvidia,tegra234",
        "R36 (release), REVISION: 3.0",
        (
            (("VDD_GPU_SOC", 4.8), ("VDD_CPU_CV", 2.4), ("VIN_SYS_5V0", 4.6)),
            (("NC", 0.0), ("VDDQ_VDD2_1V8AO", 0.9), ("NC", 0.0)),
        ),
        {"cpu-thermal": 49875, "gpu-thermal": 45968, "tj-thermal": 49875},
        {0: "MAXN", 1: "MODE_15W", 2: "MODE_30W", 3: "MODE_50W"},
        2,
        "17000000.gpu",
        (306, 612, 612),
        62.8,
        NEW_GPU + ("nvhost-ctrl-nvdla0", "nvhost-ctrl-nvdla1"),
        "3.10",
        "12.2.140",
        "8.6.2",
    ),
    "thor": Machine(
        "NVIDIA Jetson AGX Thor Developer Kit",
        "nvidia,p3971-0050+p3834-0008 nvidia,tegra264",
        "R38 (release), REVISION: 2.0",
        ((("VDD_GPU", 5.0), ("VDD_CPU_SOC_MSS", 6.5), ("VIN_SYS_5V0", 6.5)),),
        {"cpu-thermal": 53700, "soc012-thermal": 55100, "tj-thermal": 55100},
        {0: "MAXN", 1: "120W"},
        0,
        "gpu-gpc-0",
        (315, 1575, 1575),
        125.0,
        NEW_GPU,
        "3.12",
        "13.0.48",
        "10.13.3",
        vin_watts=23.0,
    ),
}


def build_board(root: Path, name: str) -> str:
    """Write the files of MACHINES[name] below `root`; returns it as a string, as the code under
    test takes it."""
    machine = MACHINES[name]
    write(
        root,
        "etc/nv_tegra_release",
        "# %s, GCID: 1, BOARD: generic, EABI: aarch64, DATE: Mon\n" % machine.release,
    )
    write(root, "proc/device-tree/model", machine.model + "\0")
    write(root, "proc/device-tree/compatible", machine.compatible.replace(" ", "\0") + "\0")
    _power(root, machine)
    _zones(root, machine)
    _modes(root, machine)
    _clocks(root, machine)
    _packages(root, machine)
    set_memory(root, machine.memory_gb, machine.memory_gb - 1.1)
    for device in machine.devices:
        write(root, "dev/" + device, "")
    write(root, "run/systemd/timesync/synchronized", "")
    return str(root)


def write(root: Path, path: str, text: str) -> Path:
    """Whole at once, as the kernel's files are: whoever samples meanwhile reads the old or the new
    text."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.parent / (file.name + ".new")
    beside.write_text(text)
    beside.rename(file)
    return file


def set_memory(
    root: Path, total_gb: float, available_gb: float, swaps: Tuple[Tuple[str, float], ...] = ()
) -> None:
    """proc/meminfo and proc/swaps; swaps: device or file, and its size in GB."""
    free_gb = sum(size for _, size in swaps)
    write(
        root,
        "proc/meminfo",
        "".join(
            "%s: %15d kB\n" % (key, gigabytes * GIGABYTE_KB)
            for key, gigabytes in (
                ("MemTotal", total_gb),
                ("MemFree", available_gb / 2),
                ("MemAvailable", available_gb),
                ("SwapTotal", free_gb),
                ("SwapFree", free_gb),
            )
        ),
    )
    lines = ["%s partition %d 0 -2\n" % (name, size * GIGABYTE_KB) for name, size in swaps]
    write(root, "proc/swaps", "Filename Type Size Used Priority\n" + "".join(lines))


def set_mode(root: Path, number: int) -> None:
    write(root, "var/lib/nvpmodel/status", "pmode:%04d fmode:fanNull" % number)


def set_cooler(root: Path, number: int, name: str, state: int) -> None:
    write(root, "sys/class/thermal/cooling_device%d/type" % number, name + "\n")
    write(root, "sys/class/thermal/cooling_device%d/cur_state" % number, "%d\n" % state)


def rail_file(root: Path, name: str) -> Path:
    """The file to change so that the named rail takes another current (hwmon) or power
    (ina3221x)."""
    for label in list(root.glob("sys/class/hwmon/hwmon*/in*_label")) + list(
        root.glob("sys/bus/**/rail_name_*")
    ):
        if label.read_text().strip() == name:
            channel = "".join(letter for letter in label.name if letter.isdigit())
            old = label.name.startswith("rail_name_")
            return label.parent / ("in_power%s_input" if old else "curr%s_input").replace(
                "%s", channel
            )
    raise KeyError(name)


def _power(root: Path, machine: Machine) -> None:
    for monitor, rails in enumerate(machine.rails):
        if machine.kernel == "4.9":
            _ina3221x(
                root,
                "sys/bus/i2c/drivers/ina3221x/6-004%d/iio:device%d/" % (monitor, monitor),
                rails,
            )
        else:
            _hwmon(root, "sys/class/hwmon/hwmon%d/" % (3 + monitor), rails)
    write(root, "sys/class/hwmon/hwmon0/name", "pwmfan\n")
    if machine.kernel != "4.9":
        for counter in (1, 2, 3):
            write(root, "sys/class/hwmon/hwmon1/oc%d_event_cnt" % counter, "0\n")
    if machine.vin_watts is not None:
        write(root, "sys/class/hwmon/hwmon6/name", "ina238\n")
        write(root, "sys/class/hwmon/hwmon6/in1_input", "19000\n")
        write(root, "sys/class/hwmon/hwmon6/power1_input", "%d\n" % (machine.vin_watts * 1e6))


def _ina3221x(root: Path, folder: str, rails: Tuple[Tuple[str, float], ...]) -> None:
    for channel, (name, watts) in enumerate(rails):
        write(root, folder + "rail_name_%d" % channel, name + "\n")
        write(root, folder + "in_voltage%d_input" % channel, "5000\n")
        write(root, folder + "in_current%d_input" % channel, "%d\n" % (watts / 5 * 1e3))
        write(root, folder + "in_power%d_input" % channel, "%d\n" % (watts * 1e3))


def _hwmon(root: Path, folder: str, rails: Tuple[Tuple[str, float], ...]) -> None:
    write(root, folder + "name", "ina3221\n")
    for channel, (name, watts) in enumerate(rails, 1):
        write(root, folder + "in%d_label" % channel, name + "\n")
        if name != "NC":
            write(root, folder + "in%d_input" % channel, "5000\n")
            write(root, folder + "curr%d_input" % channel, "%d\n" % (watts / 5 * 1e3))
    write(root, folder + "in7_label", "sum of shunt voltages\n")
    write(root, folder + "in7_input", "42\n")


def _zones(root: Path, machine: Machine) -> None:
    for number, (name, millidegrees) in enumerate(sorted(machine.zones.items())):
        folder = "sys/class/thermal/thermal_zone%d/" % number
        write(root, folder + "type", name + "\n")
        write(root, folder + "temp", "%d\n" % millidegrees)
        for trip, (kind, limit) in enumerate(
            (("active", 51000), ("passive", 97000), ("critical", 102500))
        ):
            write(root, folder + "trip_point_%d_type" % trip, kind + "\n")
            write(root, folder + "trip_point_%d_temp" % trip, "%d\n" % limit)
    set_cooler(root, 0, "pwm-fan", 3)
    set_cooler(root, 1, "cpu-throttle-alert" if machine.kernel != "4.9" else "cpu-balanced", 0)


def _modes(root: Path, machine: Machine) -> None:
    lines: List[str] = ["< PARAM TYPE=FILE NAME=CPU_ONLINE >\n"]
    lines += [
        "< POWER_MODEL ID=%d NAME=%s >\nCPU_ONLINE CORE_0 1\n" % mode
        for mode in machine.modes.items()
    ]
    write(root, "etc/nvpmodel.conf", "".join(lines) + "< PM_CONFIG DEFAULT=0 >\n")
    set_mode(root, machine.mode)


def _clocks(root: Path, machine: Machine) -> None:
    policy = "sys/devices/system/cpu/cpufreq/policy0/"
    for name, kilohertz in (
        ("scaling_cur_freq", 1224000),
        ("scaling_min_freq", 102000),
        ("scaling_max_freq", 1479000),
        ("cpuinfo_max_freq", 1479000),
    ):
        write(root, policy + name, "%d\n" % kilohertz)
    lowest, now, highest = machine.gpu_mhz
    gpu = "sys/class/devfreq/%s/" % machine.gpu
    for name, mhz in (("min_freq", lowest), ("cur_freq", now), ("max_freq", highest)):
        write(root, gpu + name, "%d\n" % (mhz * 10**6))
    write(root, gpu + "available_frequencies", "%d %d\n" % (lowest * 10**6, highest * 10**6))


def _packages(root: Path, machine: Machine) -> None:
    libraries = "usr/lib/aarch64-linux-gnu/"
    soname = "tegra/libcuda.so" if machine.kernel == "4.9" else "nvidia/libcuda.so.1"
    major = (
        ".".join(machine.cuda.split(".")[:2])
        if machine.cuda.startswith("10")
        else machine.cuda.split(".")[0]
    )
    major += ".0" if major == "11" else ""
    write(root, libraries + soname, "")
    write(root, libraries + "libnvinfer.so." + machine.nvinfer, "")
    write(root, "usr/local/cuda/lib64/libcudart.so." + major, "")
    folder = "usr/lib/python%s/dist-packages/tensorrt/" % machine.python
    write(root, folder + "__init__.py", "")
