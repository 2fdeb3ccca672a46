"""Camera models as documents: ROS `camera_info`, OpenCV's calibrations and our short form, which
may stand in one another: the mount's names beside a calibration's.

Knows the names and their ranges (docs/metres.md); the files' syntax is `document_file.py`'s.
"""

import math
from typing import Dict, List, Optional, Sequence, Tuple

import numpy as np

from catseye.runtime.errors import CatseyeError
from catseye.runtime.geometry.camera_model import (
    HEIGHT_ERROR,
    PITCH_ERROR,
    UNKNOWN_PITCH_ERROR,
    CameraModel,
    Mount,
    Vehicle,
)
from catseye.runtime.geometry.document_file import document_from_file
from catseye.runtime.geometry.lens import STEEPEST_FISHEYE, Lens
from catseye.runtime.system.json_document import Fields, JsonObject

FIX = "see docs/metres.md for a camera model"
MATRIX = ("camera_matrix", "cameraMatrix", "Camera_Matrix", "intrinsic_matrix", "K", "k", "M1")
DISTORTION = (
    *("distortion_coefficients", "Distortion_Coefficients", "distCoeffs", "dist_coeffs"),
    *("distortion", "D", "d", "D1"),
)
# of OpenCV and ROS's files, of OpenCV's sample before 3.0, and of a camera_info message
SIDES_OF_PICTURE = (
    ("image_width", "image_height"),
    ("image_Width", "image_Height"),
    ("width", "height"),
)
SIZE = ("size", "image_size", "imageSize", "image_Size")
FISHEYE = ("fisheye", "equidistant")
MODELS = ("pinhole", "plumb_bob", "rational_polynomial", *FISHEYE)
WIDEST_FISHEYE = round(math.degrees(2 * STEEPEST_FISHEYE))
COUNTS = {False: (0, 4, 5, 8, 12, 14), True: (4,)}
SIDES = (16, 16384)
CORNERS = 64
OURS = (
    *("fov_deg", "focal_px", "centre_px", "height_m", "pitch_deg", "roll_deg", "yaw_deg"),
    *("offset_m", "pitch_error_deg", "height_error_m", "vehicle_width_m", "wheelbase_m"),
    "rear_axle_m",
)
UNITS = ("_m", "_deg", "_px")


def camera_from_file(path: str) -> CameraModel:
    """Raises CatseyeError for what cannot be read, is no camera, or is out of range."""
    return camera_from_document(document_from_file(path), path)


def camera_from_document(document: JsonObject, name: str) -> CameraModel:
    """document: as `camera_as_json` gives it, or a calibration's.  name: of its file, for errors.
    Raises CatseyeError for what is no camera, or out of range."""
    fields = Fields(document, path="camera", of=name, fix=FIX, kind=CatseyeError)
    bare = {our.rpartition("_")[0] for our in OURS} - {"height"}  # which is a picture's, too
    for key in document:
        if key in bare or (key.endswith(UNITS) and key not in OURS):
            raise CatseyeError("%.40r in %s" % (key, name), "one of " + ", ".join(OURS), FIX)
    lens, mount = _lens(fields, name), _mount(fields, name)
    vehicle = Vehicle()
    vehicle = Vehicle(
        _number(fields, "vehicle_width_m", 0.2, 5.0, vehicle.width_m),
        _number(fields, "wheelbase_m", 0.2, 15.0, vehicle.wheelbase_m),
        _number(fields, "rear_axle_m", -10.0, 15.0, vehicle.rear_axle_m),
    )
    return CameraModel(lens, mount, vehicle, _ignore(fields))


def camera_as_json(camera: CameraModel) -> JsonObject:
    """The short form, which `camera_from_document` reads back."""
    document = lens_as_json(camera.lens)
    document.update(mount_as_json(camera.mount))
    document.update(vehicle_as_json(camera.vehicle))
    if camera.ignore:
        document["ignore"] = [list(corner) for corner in camera.ignore]
    return document


def lens_as_json(lens: Lens) -> JsonObject:
    """What of the short form is the lens's."""
    document: JsonObject = {"model": "fisheye" if lens.fisheye else "pinhole"}
    if lens.size_wh:
        document["size"] = list(lens.size_wh)
    if lens.field_rad is not None:
        document["fov_deg"] = math.degrees(lens.field_rad)
    if lens.focal_px:
        document["focal_px"] = list(lens.focal_px)
    if lens.centre_px:
        document["centre_px"] = list(lens.centre_px)
    if lens.distortion:
        document["distortion"] = list(lens.distortion)
    return document


def vehicle_as_json(vehicle: Vehicle) -> Dict[str, float]:
    return {
        "vehicle_width_m": vehicle.width_m,
        "wheelbase_m": vehicle.wheelbase_m,
        "rear_axle_m": vehicle.rear_axle_m,
    }


def mount_as_json(mount: Mount) -> Dict[str, float]:
    return {
        "height_m": mount.height_m,
        "pitch_deg": math.degrees(mount.pitch_rad),
        "roll_deg": math.degrees(mount.roll_rad),
        "yaw_deg": math.degrees(mount.yaw_rad),
        "offset_m": mount.offset_m,
        "pitch_error_deg": math.degrees(mount.pitch_error_rad),
        "height_error_m": mount.height_error_m,
    }


def _mount(fields: Fields, name: str) -> Mount:
    if not fields.has("height_m"):
        raise CatseyeError(
            "%s has no height_m" % name,
            "the camera's height above the road, in metres",
            "add a line, height_m: 1.4 or as it is",
        )
    height = fields.number("height_m", 0.1, 10.0)
    known = PITCH_ERROR if fields.has("pitch_deg") else UNKNOWN_PITCH_ERROR
    return Mount(
        height,
        _radians(fields, "pitch_deg", -45.0, 80.0),
        _radians(fields, "roll_deg", -45.0, 45.0),
        _radians(fields, "yaw_deg", -90.0, 90.0),
        _number(fields, "offset_m", -5.0, 5.0, 0.0),
        _radians(fields, "pitch_error_deg", 0.0, 10.0, math.degrees(known)),
        _number(fields, "height_error_m", 0.0, 2.0, HEIGHT_ERROR * height),
    )


def lens_from_document(document: JsonObject, name: str) -> Lens:
    """The lens alone, of a camera whose mount need not be told. Raises CatseyeError likewise."""
    return _lens(Fields(document, path="camera", of=name, fix=FIX, kind=CatseyeError), name)


def _lens(fields: Fields, name: str) -> Lens:
    size_wh, fisheye = _size(fields), _is_fisheye(fields)
    matrix = _numbers_of(fields, MATRIX, 9)
    distortion = _numbers_of(fields, DISTORTION, 14) or ()
    if len(distortion) not in COUNTS[fisheye] and not (fisheye and not distortion):
        raise CatseyeError(
            "%d distortion coefficients in %s" % (len(distortion), name),
            " or ".join(str(count) for count in COUNTS[fisheye]),
            FIX,
        )
    if not any(distortion):
        distortion = ()
    if matrix is not None:
        if size_wh is None:
            raise CatseyeError(
                "%s has a camera matrix and no size of picture" % name,
                "image_width and image_height, or size: [1280, 720]",
                FIX,
            )
        lens = _lens_of_matrix(matrix, size_wh, distortion, fisheye, name)
    else:
        lens = _short_lens(fields, size_wh, distortion, fisheye, name)
    _check_field(lens, name)
    return lens


def _short_lens(
    fields: Fields,
    size_wh: Optional[Tuple[int, int]],
    distortion: Tuple[float, ...],
    fisheye: bool,
    name: str,
) -> Lens:
    if fields.has("focal_px") == fields.has("fov_deg"):
        both = fields.has("focal_px")
        raise CatseyeError(
            "%s has %s" % (name, "focal_px and fov_deg" if both else "no lens"),
            "one of a camera matrix, focal_px and fov_deg",
            FIX,
        )
    centre = fields.numbers("centre_px", most=2) if fields.has("centre_px") else None
    if centre is not None and (len(centre) != 2 or size_wh is None):
        raise CatseyeError("centre_px of %s" % name, "[x, y], and size: [1280, 720] beside it", FIX)
    if fields.has("fov_deg"):
        field = _radians(fields, "fov_deg", 1.0, WIDEST_FISHEYE if fisheye else 170.0)
        return Lens(size_wh, None, _pair(centre), field, distortion, fisheye)
    raw = fields.raw("focal_px")
    focal = (
        fields.numbers("focal_px", most=2)
        if isinstance(raw, list)
        else ((fields.number("focal_px"),) * 2)
    )
    if len(focal) != 2 or min(focal) < 1 or max(focal) > 1e6:
        raise CatseyeError("focal_px of %s is %s" % (name, raw), "1 to 1000000 pixels", FIX)
    return Lens(size_wh, _pair(focal), _pair(centre), None, distortion, fisheye)


def _lens_of_matrix(
    matrix: Tuple[float, ...],
    size_wh: Tuple[int, int],
    distortion: Tuple[float, ...],
    fisheye: bool,
    name: str,
) -> Lens:
    fx, skew, cx, low, fy, cy, *last = matrix
    width, height = size_wh
    # a matrix of zeros is what ROS writes of a camera that nobody calibrated
    plain = skew == low == 0 and last == [0, 0, 1] and 1 <= fx <= 1e6 and 1 <= fy <= 1e6
    if not plain or not (-width <= cx <= 2 * width and -height <= cy <= 2 * height):
        raise CatseyeError(
            "a camera matrix %s in %s" % (np.array(matrix).reshape(3, 3).tolist(), name),
            "[[fx, 0, cx], [0, fy, cy], [0, 0, 1]], fx and fy above 1, the centre in the picture",
            "calibrate it: catseye calibrate",
        )
    return Lens(size_wh, (fx, fy), (cx, cy), None, distortion, fisheye)


def _check_field(lens: Lens, name: str) -> None:
    """Refuse a lens that sees more than any does, or folds its picture over within it."""
    sized = lens.at(lens.size_wh or (1280, 720))
    assert sized.size_wh and sized.focal_px and sized.centre_px
    if lens.fisheye:
        field = math.degrees(sized.size_wh[0] / sized.focal_px[0])
        if field > WIDEST_FISHEYE + 0.5 and not lens.distortion:
            raise CatseyeError(
                "%s with a field of view of %.0f degrees" % (name, field),
                "at most %g" % WIDEST_FISHEYE,
                "check the focal length and the size",
            )
    width, height = sized.size_wh
    (cx, cy), lowest = sized.centre_px, (sized.centre_px[0], height - 1.0)
    # the ground is below the centre: what lies on the way to the lowest row must be told apart
    column = np.stack([np.full(32, cx), np.linspace(min(cy, height - 2.0), lowest[1], 32)], axis=1)
    back = sized.pixels_from_rays(sized.rays_from_pixels(column))
    with np.errstate(invalid="ignore"):
        off = np.abs(back - column).max(axis=1)
    if not (off < 0.01 * height).all():
        raise CatseyeError(
            "%s with a distortion that folds the picture over itself" % name,
            "one pixel for each direction",
            "calibrate it again, with the board in the corners too",
        )


def _size(fields: Fields) -> Optional[Tuple[int, int]]:
    for across, down in SIDES_OF_PICTURE:
        if fields.has(across):
            return fields.integer(across, *SIDES), fields.integer(down, *SIDES)
    for key in SIZE:
        if fields.has(key):
            width, height = fields.integers(key, (2, 2), *SIDES)
            return width, height
    return None


def _is_fisheye(fields: Fields) -> bool:
    for key in ("model", "distortion_model"):
        if fields.has(key):
            return fields.text(key, among=MODELS) in FISHEYE
    return fields.has("fisheye_model") and fields.integer("fisheye_model", 0, 1) == 1


def _numbers_of(fields: Fields, names: Sequence[str], most: int) -> Optional[Tuple[float, ...]]:
    """The numbers of the first of these fields that is there: {rows, cols, data}, a list, or a list
    of lists; None for none."""
    for key in names:
        if not fields.has(key):
            continue
        inner, place, raw = fields, key, fields.raw(key)
        if isinstance(raw, dict):
            inner, place = fields.object(key), "data"
        elif isinstance(raw, list) and raw and isinstance(raw[0], list):
            rows: List[float] = []
            for row in fields.lists(key, most=3):
                rows.extend(row.numbers("", most=3))
            return _counted(fields, key, tuple(rows), most)
        return _counted(fields, key, inner.numbers(place, most=most), most)
    return None


def _counted(fields: Fields, key: str, numbers: Tuple[float, ...], most: int) -> Tuple[float, ...]:
    if most == 9 and len(numbers) != 9:
        raise fields.wrong("." + key, list(numbers), "nine numbers, row by row")
    return numbers


def _ignore(fields: Fields) -> Tuple[Tuple[float, float], ...]:
    if not fields.has("ignore"):
        return ()
    corners = []
    for corner in fields.lists("ignore", most=CORNERS):
        numbers = corner.numbers("", most=2)
        if len(numbers) != 2 or max(abs(number) for number in numbers) > 2 * SIDES[1]:
            raise corner.wrong("", list(numbers), "[x, y] in pixels")
        corners.append((numbers[0], numbers[1]))
    if len(corners) in (1, 2):
        raise fields.wrong(".ignore", len(corners), "three corners or more, [x, y] each")
    return tuple(corners)


def _pair(numbers: Optional[Tuple[float, ...]]) -> Optional[Tuple[float, float]]:
    return None if numbers is None else (numbers[0], numbers[1])


def _number(fields: Fields, name: str, least: float, most: float, otherwise: float) -> float:
    return fields.number(name, least, most) if fields.has(name) else otherwise


def _radians(fields: Fields, name: str, least: float, most: float, otherwise: float = 0.0) -> float:
    return math.radians(_number(fields, name, least, most, otherwise))
