"""The README's pictures of a real street: `road` on a motorway in metres, by day, as if at night,
and on the web page.

The film is solidWhiteRight.mp4 of github.com/udacity/CarND-LaneLines-P1 (test_videos/), MIT,
(c) Udacity, Inc. The night is not filmed: one frame, darkened by what training darkens frames with
(training/augmentation/night.py).

    python docs/motorway.py solidWhiteRight.mp4            # motorway.webp, motorway-night.webp
    python docs/motorway.py solidWhiteRight.mp4 --page     # webpage.webp; wants chromium
    python docs/motorway.py solidWhiteRight.mp4 --camera   # the mount that motorway.yaml says
"""

import argparse
import itertools
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

import catseye
from catseye.runtime.classes import NAMES
from catseye.runtime.draw import draw_text
from catseye.runtime.geometry.camera_file import camera_from_file
from catseye.runtime.geometry.camera_model import CameraModel
from catseye.runtime.tasks.road_mask import RoadMask
from catseye.training.augmentation.night import at_night

DOCS = Path(__file__).parent
CAMERA = DOCS / "motorway.yaml"
SIZE_WH, PLAN_WIDTH = (640, 360), 240
FIRST, FRAMES, EVERY = 70, 125, 2  # of the film's 25 a second
NIGHT, SEED = 150, 4
LETTERS = 0.5
LANE_M = 3.66  # 12 feet, the width of a lane on American motorways
ROWS = range(345, 530, 3)  # of the film, where its lines are looked for
PORT = 8321


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("video")
    parser.add_argument("--model", default="road")
    parser.add_argument("--camera", action="store_true", help="find the mount and draw nothing")
    parser.add_argument("--page", action="store_true", help="the web page, by chromium")
    args = parser.parse_args()
    if args.camera:
        print(mount(args.video, camera_from_file(str(CAMERA))))
    elif args.page:
        web_page(args.video, args.model)
    else:
        pictures(args.video, args.model)


def pictures(video: str, model: str) -> None:
    shown = []
    for frame, result in itertools.islice(
        catseye.run(model, video, camera=str(CAMERA)), FIRST + FRAMES
    ):
        if frame.index >= FIRST and (frame.index - FIRST) % EVERY == 0:
            shown.append(picture_of(frame.image, result))
        if frame.index == NIGHT:
            dark = at_night(
                frame.image, result.mask == NAMES.index("Sky"), np.random.default_rng(SEED)
            )
    with catseye.load(model, camera=str(CAMERA)) as loaded:
        night = picture_of(dark, loaded(dark))
    first, *others = [Image.fromarray(each[..., ::-1]) for each in shown]
    first.save(
        DOCS / "motorway.webp",
        save_all=True,
        append_images=others,
        duration=40 * EVERY,
        loop=0,
        quality=60,
        method=6,
    )
    Image.fromarray(night[..., ::-1]).save(DOCS / "motorway-night.webp", quality=80, method=6)


def picture_of(image: np.ndarray, result: RoadMask) -> np.ndarray:
    """The frame under its mask, beside the ground from above, with what is told in metres."""
    small = cv2.resize(image, SIZE_WH, interpolation=cv2.INTER_AREA)
    camera, above, told = result.drawn_on(small), result.from_above(small), result.as_json()
    assert above is not None
    beyond = "at least " if told["free_beyond"] else ""
    words = [f"free for {beyond}{told['free_m']:.0f} m"]
    if told["width_m"] is not None:
        words.append(f"road {told['width_m']:.1f} m wide")
    for line, text in enumerate(reversed(words)):
        draw_text(camera, text, (8, SIZE_WH[1] - 34 * (line + 1)), LETTERS)
    margin = (SIZE_WH[0] - PLAN_WIDTH) // 2
    return np.hstack([camera, above[1][:, margin:-margin]])


def mount(video: str, camera: CameraModel) -> str:
    """Pitch, yaw and height: medians over the film, of the point where the lines of the lane meet
    and of how fast they part below it."""
    capture, found = cv2.VideoCapture(video), []
    ok, image = capture.read()
    while ok:
        lines = [line_of(image, camera, side) for side in (-1, 1)]
        if None not in lines:
            (a, b), (c, d) = lines  # type: ignore[misc]
            row = (d - b) / (a - c)
            found.append((row, a * row + b, c - a))
        ok, image = capture.read()
    row, column, parting = np.median(found, axis=0)
    pitch, yaw = -np.degrees(np.arctan(row)), np.degrees(np.arctan(column))
    return (
        f"{len(found)} frames: pitch_deg {pitch:.2f}, yaw_deg {yaw:.2f},"
        f" height_m {LANE_M / parting:.2f}"
    )


def line_of(image: np.ndarray, camera: CameraModel, side: int) -> tuple[float, float] | None:
    """x = a y + b of the line at the left (-1) or right (1), in the lens's plane at distance 1;
    None where less than eight rows show it."""
    points = []
    for y in ROWS:
        row = cv2.GaussianBlur(image[y : y + 1], (5, 1), 0).mean(axis=2)[0]
        wide = max(3, int((y - 310) * 0.06))
        above = row - np.maximum(np.roll(row, 2 * wide), np.roll(row, -2 * wide))
        near, far = (480 - (y - 315) * 0.9, 450 - (y - 315) * 1.75)
        if side > 0:
            near, far = (490 + (y - 320) * 1.2, 500 + (y - 315) * 2.2)
        low, high = sorted((int(np.clip(near, 0, 959)), int(np.clip(far, 0, 959))))
        if high - low < 5:
            continue
        x = low + int(np.argmax(above[low:high]))
        if above[x] > 35:
            places = np.arange(max(0, x - wide), min(960, x + wide + 1))
            weights = np.clip(above[places], 0, None)
            points.append((float((places * weights).sum() / weights.sum()), float(y)))
    if len(points) < 8:
        return None
    right, down, ahead = camera.lens.rays_from_pixels(np.array(points)).T
    x, y, kept = right / ahead, down / ahead, np.ones(len(points), bool)
    for _ in range(4):
        a, b = np.polyfit(y[kept], x[kept], 1)
        off = abs(x - a * y - b)
        kept = off < 2 * np.median(off[kept])
    return float(a), float(b)


def web_page(video: str, model: str) -> None:
    """A screenshot of `catseye run` and its page, in the middle of the film."""
    address = f"http://127.0.0.1:{PORT}"
    words = [sys.executable, "-m", "catseye", "run", model, "--source", video]
    words += ["--camera", str(CAMERA), "--sink", address]
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(words) as running:
        shot = Path(folder) / "page.png"
        time.sleep(5)
        browser = shutil.which("chromium") or "chromium"
        subprocess.run(
            [browser, "--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1280,860"]
            + ["--virtual-time-budget=6000", f"--screenshot={shot}", address],
            check=True,
        )
        running.terminate()
        Image.open(shot).save(DOCS / "webpage.webp", quality=80, method=6)


if __name__ == "__main__":
    main()
