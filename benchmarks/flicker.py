"""How much a road model's masks flicker on a video, and what `--smooth` makes of that:
`python benchmarks/flicker.py --video drive.mp4 [--model road-nano] [--frames N] [--json]`.

Flicker: of the pixels whose picture hardly changes from one frame to the next, the share whose
class does. Lag: by how many frames the smoothed masks must be moved to agree best with the plain
ones.
"""

import argparse
import json
import sys

import cv2
import numpy as np

from catseye.opening import open_model
from catseye.runtime.pipeline import result_of
from catseye.runtime.sources import open_source
from catseye.runtime.tasks import open_task
from catseye.runtime.tasks.smoothing import SmoothingTask
from catseye.runtime.timing import StageTimers

HARDLY = 2.0  # grey levels, of a picture blurred over 5 pixels
SECONDS = (0.0, 0.1, 0.2, 0.5)
LONGEST_LAG = 12  # frames


class Said:
    """Outputs that were computed before, for a task."""

    def __init__(self, outputs):
        self.infer = lambda inputs: outputs


def masks_of(frames, outputs, card, seconds, fps):
    """[(h, w) uint8] at the model's size."""
    task = open_task(card)
    if seconds:
        task = SmoothingTask(task, seconds, fps, False)
    timers = StageTimers()
    return [
        result_of(frame, task, Said(said), timers).votes()[0]
        for frame, said in zip(frames, outputs)
    ]


def flicker(masks, greys):
    """Share, 0-1."""
    changed = still = 0
    for one, other, before, after in zip(masks, masks[1:], greys, greys[1:]):
        calm = cv2.absdiff(before, after) < HARDLY
        calm = cv2.resize(calm.astype(np.uint8), one.shape[::-1], interpolation=cv2.INTER_NEAREST)
        still += np.count_nonzero(calm)
        changed += np.count_nonzero((one != other) & (calm == 1))
    return changed / still


def lag(masks, plain):
    """Frames."""
    agreed = [
        np.mean([(a == b).mean() for a, b in zip(masks[LONGEST_LAG:], plain[LONGEST_LAG - k :])])
        for k in range(LONGEST_LAG + 1)
    ]
    return int(np.argmax(agreed)), float(max(agreed))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--video", required=True)
    parser.add_argument("--model", default="road-nano")
    parser.add_argument("--frames", type=int)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    opened = open_model(args.model, threads=1)
    frames, outputs, greys = [], [], []
    with open_source(args.video) as source, opened.engine as engine:
        task = open_task(opened.card)
        for frame in source:
            inputs, _ = task.prepare(frame)
            outputs.append({name: np.array(value) for name, value in engine.infer(inputs).items()})
            greys.append(
                cv2.blur(cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY), (5, 5)).astype(np.float32)
            )
            blank = np.zeros(frame.image.shape, np.uint8) if not frames else frames[0].image
            frames.append(frame._replace(image=blank))  # its outputs are known
            if len(frames) == args.frames:
                break
        fps = source.fps
    plain = masks_of(frames, outputs, opened.card, 0.0, fps)
    rows = {}
    for seconds in SECONDS:
        masks = plain if not seconds else masks_of(frames, outputs, opened.card, seconds, fps)
        frames_late, agreement = lag(masks, plain)
        rows[str(seconds)] = {
            "flicker": flicker(masks, greys),
            "lag_frames": frames_late,
            "agreement": agreement,
        }
    if args.json:
        json.dump({"frames": len(frames), "fps": fps, "smooth": rows}, sys.stdout)
        return
    print("%d frames, %g a second" % (len(frames), fps))
    print("smooth s  flicker  lag")
    for seconds, row in rows.items():
        print("%8s  %6.3f%%  %d frames" % (seconds, 100 * row["flicker"], row["lag_frames"]))


if __name__ == "__main__":
    main()
