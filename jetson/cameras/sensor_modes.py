"""CSI sensors and what they can do, as data: pictures, rates, exposure and gain.

IMX219 and IMX477 as NVIDIA's drivers of JetPack 4 to 6 report them through Argus (JetPack 4 calls
the IMX219's widest 3264, and some drivers of the IMX477 leave out 4032x3040); AR0234 by its data
sheet, since its drivers come from camera makers. A mode's number differs between drivers, so none
stands here. Asks no camera.
"""

from typing import Dict, List, NamedTuple, Optional, Tuple

from catseye.jetson.sysfs import paths_like, text_at

VI_OUTPUT = "vi-output"  # how NVIDIA's driver begins a sensor's name: "vi-output, imx219 9-0010"


class SensorMode(NamedTuple):
    """Largest picture and fastest rate of one readout; the image processor scales down from
    there."""

    size_wh: Tuple[int, int]
    fps: float


class Sensor(NamedTuple):
    """exposure_us, gain: least and most; None where its makers' drivers differ."""

    modes: Tuple[SensorMode, ...]
    exposure_us: Optional[Tuple[float, float]] = None
    gain: Optional[Tuple[float, float]] = None


SENSORS: Dict[str, Sensor] = {
    "imx219": Sensor(
        (
            SensorMode((3280, 2464), 21),
            SensorMode((3280, 1848), 28),
            SensorMode((1920, 1080), 30),
            SensorMode((1640, 1232), 30),
            SensorMode((1280, 720), 60),
        ),
        (13, 683709),
        (1, 10.625),
    ),
    "imx477": Sensor(
        (SensorMode((4032, 3040), 21), SensorMode((3840, 2160), 30), SensorMode((1920, 1080), 60)),
        (13, 683709),
        (1, 22.25),
    ),
    "ar0234": Sensor((SensorMode((1920, 1200), 120),)),
}


def sensor_names(root: str = "/") -> List[str]:
    """The sensors that the kernel knows, by its own names and in its order: ["imx219"]; [] without
    one."""
    names = [text_at(root, path) for path in paths_like(root, "sys/class/video4linux/video*/name")]
    return [
        name.split(",", 1)[1].split()[0].lower()
        for name in names
        if name.startswith(VI_OUTPUT) and len(name.split(",", 1)) == 2
    ]


def mode_for(sensor: Sensor, size_wh: Tuple[int, int], fps: float) -> Optional[SensorMode]:
    """The smallest mode that gives such pictures at that rate; None where there is none."""
    fitting = [
        mode
        for mode in sensor.modes
        if mode.size_wh[0] >= size_wh[0] and mode.size_wh[1] >= size_wh[1] and mode.fps >= fps
    ]
    return min(fitting, key=lambda mode: mode.size_wh[0] * mode.size_wh[1]) if fitting else None


def words_of(sensor: Sensor) -> str:
    """`3280x2464 at 21, ...`."""
    return ", ".join("%dx%d at %g" % (mode.size_wh + (mode.fps,)) for mode in sensor.modes)
