"""Processor time of what a mask says in metres, against the network's, by turns in one run:
`python benchmarks/metres_cost.py [--model road-nano] [--size 1280x720] [--rounds 60] [--json]`.

One thread each. Metres: distances, corridor, width, way and their JSON, without a camera's first
tables.
"""

import argparse
import json
import math
import sys
import time

from catseye.opening import open_model
from catseye.runtime.frame import Frame
from catseye.runtime.geometry.camera_model import CameraModel, Mount
from catseye.runtime.geometry.lens import Lens
from catseye.runtime.pipeline import result_of
from catseye.runtime.street import Street
from catseye.runtime.tasks import open_task
from catseye.runtime.timing import StageTimers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="road-nano")
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    width, height = (int(side) for side in args.size.split("x"))
    street = Street(3, (width, height))
    focal = street.surroundings(0.0).camera.focal_px
    camera = CameraModel(Lens(None, (focal, focal)), Mount(1.7, math.radians(3.5)))
    opened = open_model(args.model, threads=1)
    task, timers, spent = (
        open_task(opened.card, camera),
        StageTimers(),
        {"network": 0.0, "metres": 0.0},
    )
    frames = [Frame(street.render(float(second))[0], second, 0) for second in range(4)]
    with opened.engine as engine:
        for number in range(args.rounds + 2):
            begun_s = time.process_time()
            result = result_of(frames[number % len(frames)], task, engine, timers)
            between_s = time.process_time()
            result.geometry.as_json()
            ended_s = time.process_time()
            if number >= 2:  # the first ones allocate
                spent["network"] += between_s - begun_s
                spent["metres"] += ended_s - between_s
    told = {name: 1e3 * seconds / args.rounds for name, seconds in spent.items()}
    told["ratio"] = told["metres"] / told["network"]
    if args.json:
        json.dump(told, sys.stdout)
    else:
        print("%(network).2f ms the network, %(metres).2f ms metres a frame: %(ratio).3f" % told)


if __name__ == "__main__":
    main()
