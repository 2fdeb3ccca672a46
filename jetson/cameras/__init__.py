"""Cameras of a Jetson: sensors, pipelines and what NVIDIA's camera stack says. The door of
`csi://`."""

from catseye.jetson.cameras.argus import complaint_in
from catseye.jetson.cameras.csi import FLIPS, CsiMode, check_mode, csi_pipeline
from catseye.jetson.cameras.sensor_modes import sensor_names

__all__ = ["FLIPS", "CsiMode", "check_mode", "complaint_in", "csi_pipeline", "sensor_names"]
