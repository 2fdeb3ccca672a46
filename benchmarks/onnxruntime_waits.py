"""onnxruntime's idle threads: asleep, as the runtime has them, against spinning, as onnxruntime
would by default.

    python benchmarks/onnxruntime_waits.py [MODEL] [--seconds S] [--threads N]

Both sessions run turn by turn on the same frames, so that the noise of the machine falls on both;
the processor time that each takes is measured too, because that is what spinning costs the camera,
the encoder and the chip's temperature.
"""

import argparse
import time
from itertools import cycle
from typing import Dict, List

from catseye.commands.parsing.parser import say, say_table
from catseye.runtime.engines import Engine, open_engine
from catseye.runtime.model_file.load import load_model
from catseye.runtime.timing import percentiles

WARM_UP = 10
PAUSE_S = 0.02  # between frames, as a camera makes them: spinning threads burn through it


def main() -> None:
    parser = argparse.ArgumentParser(
        description="onnxruntime's threads asleep or spinning, in one run."
    )
    parser.add_argument("model", nargs="?", default="road", help=".onnx or zoo name (default road)")
    parser.add_argument("--seconds", type=float, default=20.0, help="in all (default 20)")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads (default 0: all)")
    args = parser.parse_args()

    model = load_model(args.model)
    engines: Dict[str, Engine] = {
        name: open_engine(model, "onnxruntime", "cpu", threads=args.threads, spin=name == "spin")
        for name in ("sleep", "spin")
    }
    wall: Dict[str, List[float]] = {name: [] for name in engines}
    cpu: Dict[str, List[float]] = {name: [] for name in engines}
    inputs, begun_s, done = cycle([case.inputs for case in model.golden]), time.perf_counter(), 0
    while done < WARM_UP or time.perf_counter() - begun_s < args.seconds:
        frame = next(inputs)
        for name, engine in engines.items():
            before, before_cpu = time.perf_counter(), time.process_time()
            engine.infer(frame)
            wall[name].append(1e3 * (time.perf_counter() - before))
            time.sleep(PAUSE_S)
            cpu[name].append(1e3 * (time.process_time() - before_cpu))
        done += 1

    sleep = engines["sleep"]
    say(
        "%s on %s, %s, %d threads, %s, %d frames each after %d to warm up, %g ms between frames"
        % (
            model.name,
            sleep.backend,
            sleep.device,
            sleep.threads,
            sleep.precision,
            done - WARM_UP,
            WARM_UP,
            1e3 * PAUSE_S,
        )
    )
    rows = {name: percentiles(values[WARM_UP:]) for name, values in wall.items()}
    spent = {name: percentiles(values[WARM_UP:])["p50"] for name, values in cpu.items()}
    say_table(
        ("ms", "p50", "p95", "p99", "CPU time p50"),
        [(name, row["p50"], row["p95"], row["p99"], spent[name]) for name, row in rows.items()],
    )
    say(
        "spin / sleep: latency p50 x %.2f, CPU time x %.2f"
        % (rows["spin"]["p50"] / rows["sleep"]["p50"], spent["spin"] / spent["sleep"])
    )
    for engine in engines.values():
        engine.close()


if __name__ == "__main__":
    main()
