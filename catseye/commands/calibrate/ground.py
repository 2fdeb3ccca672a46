"""`catseye calibrate --ground`: pitch, roll and bonnet of a mounted camera, from a drive. Knows how
they are told; not how they are found."""

import argparse
import itertools
import math
from typing import List, NamedTuple, Optional, Tuple

import numpy as np

from catseye.commands.parsing.parser import print_json, remark, say
from catseye.opening import open_model
from catseye.runtime.errors import CatseyeError
from catseye.runtime.geometry.calibration.drive import Bonnet, mounted, vanishing_ray
from catseye.runtime.geometry.camera_file import (
    camera_as_json,
    camera_from_document,
    lens_from_document,
)
from catseye.runtime.geometry.camera_model import CameraModel
from catseye.runtime.geometry.camera_yaml import yaml_of_lens
from catseye.runtime.geometry.document_file import document_from_file
from catseye.runtime.geometry.lens import Lens
from catseye.runtime.pipeline import result_of
from catseye.runtime.sources import open_source
from catseye.runtime.system.files import write_bytes
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.system.signals import ended_by_signals
from catseye.runtime.tasks import open_task
from catseye.runtime.tasks.road_mask import RoadMask
from catseye.runtime.timing import StageTimers

MOST_FRAMES = 600  # of a drive that are looked at, spread over it
EVERY_S = 0.5


class Drive(NamedTuple):
    size_wh: Tuple[int, int]
    rays: List[np.ndarray]
    bonnet: Bonnet
    frames: int


def calibrate_ground(args: argparse.Namespace) -> int:
    """Raises CatseyeError for what cannot be read, CheckFailed for a drive that does not tell."""
    if not args.camera:
        raise CatseyeError(
            "--ground without --camera",
            "a file with the lens (fov_deg will do) and height_m",
            "calibrate the lens first, or write one: docs/metres.md",
        )
    document = document_from_file(args.camera)
    if args.height:
        document["height_m"] = args.height
    # complete, before minutes are spent on it
    yaw_rad = camera_from_document(document, args.camera).mount.yaw_rad
    drive = _driven(args, lens_from_document(document, args.camera))
    found = mounted(drive.rays, yaw_rad)
    document.update(
        pitch_deg=math.degrees(found.pitch_rad),
        pitch_error_deg=math.degrees(found.pitch_error_rad),
    )
    if found.roll_error_rad is not None:
        document["roll_deg"] = math.degrees(found.roll_rad)
    camera = camera_from_document(document, args.camera).at(drive.size_wh)
    bonnet = drive.bonnet.polygon(drive.size_wh)
    camera = camera._replace(ignore=bonnet or camera.ignore)
    _write(args.out, camera)
    roll = found.roll_error_rad
    say(
        "%s: pitch %.2f +- %.2f degrees, roll %s, from %d of %d frames"
        % (
            args.out,
            math.degrees(found.pitch_rad),
            math.degrees(found.pitch_error_rad),
            "unknown from this drive (it needs bends)"
            if roll is None
            else "%.2f +- %.2f" % (math.degrees(found.roll_rad), math.degrees(roll)),
            found.points,
            drive.frames,
        )
    )
    say("bonnet: %s" % ("%d corners" % len(bonnet) if bonnet else "none in sight"))
    if args.json:
        told: JsonObject = {"file": args.out, "points": found.points, "frames": drive.frames}
        error = None if roll is None else math.degrees(roll)
        print_json(dict(camera_as_json(camera), roll_error_deg=error, **told))
    return 0


def _driven(args: argparse.Namespace, lens: Lens) -> Drive:
    """Every so many frames through the model."""
    rays: List[np.ndarray] = []
    bonnet, frames = Bonnet(), 0
    sized: Optional[Lens] = None
    with open_source(args.source) as source, ended_by_signals(source.stop):
        model = open_model(args.model, args.backend, threads=args.threads)
        if model.card.task != RoadMask.task:
            raise CatseyeError(
                "%s is a %s model" % (model.name, model.card.task), "one of task road"
            )
        remark("the road is found by " + str(model.computed_by))
        every = 1 if source.live else max(1, int(round(EVERY_S * source.fps)))
        if source.count:
            every = max(1, min(every, source.count // 120), -(-source.count // MOST_FRAMES))
        with model.engine as engine:
            task, timers = open_task(model.card), StageTimers()
            for frame in itertools.islice(source, 0, args.frames, every):
                result = result_of(frame, task, engine, timers)
                assert isinstance(result, RoadMask)
                size_wh = frame.image.shape[1], frame.image.shape[0]
                if sized is None or sized.size_wh != size_wh:
                    sized = lens.at(size_wh)
                ray = vanishing_ray(result.corridor(), sized)
                rays += [] if ray is None else [ray]
                bonnet.add(frame.image)
                frames += 1
    if sized is None or sized.size_wh is None:
        raise CatseyeError("no frame in %s" % source.description, "a drive")
    return Drive(sized.size_wh, rays, bonnet, frames)


def _write(path: str, camera: CameraModel) -> None:
    text = yaml_of_lens(camera.lens, camera.mount, camera.vehicle, camera.ignore)
    write_bytes(path, text.encode())
